"""Real PostgreSQL and RabbitMQ for every test that asks, started once per test process, and said which they were."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, settings
from psycopg2 import sql

from deploy.postgres import EmbeddedPostgres
from deploy.services import RabbitMQ, find_rabbitmq
from tests.stubs.swift import Swift, release, shared_swift

# How long an example takes is up to the machine.
settings.register_profile("duet", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("duet")

SERVERS = pytest.StashKey[dict[str, set[str]]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVERS] = {}


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):  # one of several test processes, each with servers of its own
        told = {name: sorted(descriptions) for name, descriptions in session.config.stash[SERVERS].items()}
        session.config.workeroutput["servers"] = told


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    for name, descriptions in getattr(node, "workeroutput", {}).get("servers", {}).items():
        node.config.stash[SERVERS].setdefault(name, set()).update(descriptions)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.section("servers")
    for name in ("PostgreSQL", "RabbitMQ", "S3"):
        for description in sorted(config.stash[SERVERS].get(name, {"not needed by these tests"})):
            terminalreporter.write_line(f"{name}: {description}")


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for the data of servers; not below pytest's own, which other runs close to other accounts."""
    folder = Path(tempfile.mkdtemp(prefix="duet-tests-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres(server_folder: Path, pytestconfig: pytest.Config) -> Iterator[EmbeddedPostgres]:
    """One embedded PostgreSQL for this test process."""
    # What tests lose when the machine loses power is of no use; processes may be killed all the same.
    server = EmbeddedPostgres(server_folder / "postgres", {"fsync": "off", "max_connections": "500"})
    server.start()
    pytestconfig.stash[SERVERS]["PostgreSQL"] = {f"embedded {server.version()} from the wheel, {server.folder}"}
    yield server
    server.stop()


@pytest.fixture
def database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A fresh empty database, dropped afterwards with those that services made from its name."""
    name = f"test_{uuid.uuid4().hex}"
    postgres.create_databases([name])
    yield postgres.uri(name)
    with closing(psycopg2.connect(postgres.uri("postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            # The services put their own databases beside the one they were given.
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{name}%",))
            for (made,) in cursor.fetchall():
                cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(made)))


@pytest.fixture(scope="session")
def shared_databases(postgres: EmbeddedPostgres) -> str:
    """The prefix of databases that many tests use one after the other: making one costs more than most tests."""
    return f"shared_{uuid.uuid4().hex}"


@pytest.fixture
def emptied_database_url(postgres: EmbeddedPostgres, shared_databases: str) -> str:
    """Like `database_url`, but the services' databases are kept from test to test, with all their rows deleted."""
    with closing(psycopg2.connect(postgres.uri("postgres"))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{shared_databases}%",))
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        with closing(psycopg2.connect(postgres.uri(name))) as connection, connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # no foreign key decides on an order
            cursor.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migration'"
            )
            for (table,) in cursor.fetchall():
                cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    return postgres.uri(shared_databases)


@pytest.fixture(scope="session")
def rabbitmq(server_folder: Path, pytestconfig: pytest.Config) -> Iterator[RabbitMQ]:
    """One RabbitMQ for this test process: one that runs here already, or a node of our own."""
    with find_rabbitmq(server_folder / "rabbitmq") as server:
        pytestconfig.stash[SERVERS]["RabbitMQ"] = {server.description}
        yield server


@pytest.fixture
def amqp_url(rabbitmq: RabbitMQ) -> Iterator[str]:
    """A fresh empty virtual host, dropped afterwards."""
    url = rabbitmq.new_vhost()
    yield url
    rabbitmq.drop_vhost(url)


@pytest.fixture(scope="session")
def swift(pytestconfig: pytest.Config) -> Iterator[Swift]:
    """A real S3 server that all test processes share; tests make buckets of their own."""
    server = shared_swift()
    pytestconfig.stash[SERVERS]["S3"] = {f"OpenStack Swift with s3api, {server.endpoint}"}
    yield server
    release()
