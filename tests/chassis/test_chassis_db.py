"""The database under stress: a pool that waits, transactions, connections cut, the server gone and back, forks."""

import os
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import peewee
import pytest
from chassis_kit import Databases, FrozenServer, count

from chassis.db import Database, inside_transaction, is_unreachable
from chassis.errors import Unavailable
from chassis.outbox import NotifyWaker
from chassis.testing import Keys, eventually
from chassis.upstream import Network, WsgiTransport
from deploy.postgres import EmbeddedPostgres


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    """A server of this test alone, which may be killed."""
    with tempfile.TemporaryDirectory(prefix="duet-db-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.start()
        yield server
        server.stop()


def poke(database: Database) -> None:
    database.execute("INSERT INTO effects (poke_id) VALUES (%s)", (uuid.uuid4(),))


def kill_backends(database: Database) -> None:
    """End every connection to this database, from a connection to another."""
    name = database.peewee.database
    admin = Database(database.dsn.replace(name, "postgres"), pool_size=1, application="killer")
    with admin.reading():
        admin.rows("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,))
    admin.close()


def test_a_caller_waits_for_a_free_connection(databases: Databases) -> None:
    database = databases.make(f"pool_{uuid.uuid4().hex}", pool_size=2, pool_wait=60.0)

    def work() -> None:
        with database.transaction():
            database.row("SELECT pg_sleep(0.02)")
            poke(database)

    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(work) for _ in range(64)]:
            done.result()
    assert count(database) == 64
    with database.reading():
        used = database.row(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
    assert used == (2,)


def test_waiting_too_long_for_a_connection_is_unavailable(databases: Databases) -> None:
    database = databases.make(f"pool_{uuid.uuid4().hex}", pool_size=1, pool_wait=0.2)
    taken, free = threading.Event(), threading.Event()

    def hold() -> None:
        with database.reading():
            taken.set()
            free.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(60)
    started = time.monotonic()
    with pytest.raises(Unavailable):
        database.ping()
    assert 0.15 < time.monotonic() - started < 30
    free.set()
    holder.join()
    database.ping()


def test_a_connection_killed_in_the_middle_of_a_transaction_is_unavailable_and_the_next_use_works(
    database: Database,
) -> None:
    seen: list[str] = []

    def work() -> None:
        with database.transaction():
            database.after_commit(lambda: seen.append("committed"))
            poke(database)
            kill_backends(database)
            poke(database)

    with pytest.raises(Unavailable):
        work()
    assert count(database) == 0
    assert seen == []
    assert not inside_transaction()


def test_a_connection_killed_just_before_the_commit_is_unavailable(database: Database) -> None:
    def work() -> None:
        with database.transaction():
            poke(database)
            kill_backends(database)

    with pytest.raises(Unavailable):
        work()
    assert count(database) == 0


def test_a_connection_killed_while_idle_is_not_noticed_by_its_next_user(database: Database) -> None:
    for _ in range(5):
        database.ping()
        kill_backends(database)
        database.ping()


def test_all_connections_killed_while_idle_are_replaced_for_many_threads(database: Database) -> None:
    def use() -> None:
        with database.reading():
            database.row("SELECT pg_sleep(0.02)")

    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            for done in [pool.submit(use) for _ in range(16)]:
                done.result()
            kill_backends(database)


def test_a_deadlock_is_unavailable_for_one_and_no_matter_for_the_other(database: Database) -> None:
    with database.transaction():
        poke(database)
        poke(database)
    both = threading.Barrier(2)

    def update(first: int, second: int) -> str:
        try:
            with database.transaction():
                database.execute("UPDATE effects SET poke_id = poke_id WHERE id = %s", (first,))
                both.wait(60)
                database.execute("UPDATE effects SET poke_id = poke_id WHERE id = %s", (second,))
        except Unavailable:
            return "unavailable"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(update, 1, 2), pool.submit(update, 2, 1)]
        assert sorted(end.result() for end in ends) == ["done", "unavailable"]


def test_nonsense_is_not_taken_for_a_database_that_is_away(database: Database) -> None:
    with pytest.raises(peewee.ProgrammingError) as caught, database.reading():
        database.row("SELECT nonsense")
    assert not is_unreachable(caught.value)
    with pytest.raises(peewee.InterfaceError) as outside:
        database.row("SELECT 1")
    assert not is_unreachable(outside.value)


def test_a_server_that_crashes_is_unavailable_and_its_restart_needs_nobody(own_server: EmbeddedPostgres) -> None:
    databases = Databases(own_server)
    database = databases.make("restarted")
    with database.transaction():
        poke(database)
    own_server.kill()
    for _ in range(3):
        with pytest.raises(Unavailable):
            database.ping()
    own_server.start()
    assert count(database) == 1
    own_server.kill()
    own_server.start()
    with database.transaction():
        poke(database)
    assert count(database) == 2
    database.close()


def test_threads_do_not_wait_for_each_others_connects_to_a_frozen_server(databases: Databases) -> None:
    """A server that accepts and never answers: each gives up after its own connect timeout."""
    folder = tempfile.mkdtemp(prefix="duet-frozen-")
    frozen = FrozenServer(folder)
    database = Database(f"host={folder} dbname=x connect_timeout=2", pool_size=30, application="test")

    def use() -> float:
        started = time.monotonic()
        with pytest.raises(Unavailable):
            database.ping()
        return time.monotonic() - started

    with frozen, ThreadPoolExecutor(30) as pool:
        waits = [done.result() for done in [pool.submit(use) for _ in range(30)]]
    assert max(waits) < 20, "one after the other they would take a minute"


def test_a_call_to_a_neighbour_inside_a_transaction_is_refused(database: Database, keys: Keys) -> None:
    upstream = Network(transports={"quota-svc": WsgiTransport(lambda: None)}).upstream(
        "quota-svc", keys.signer("chat-svc")
    )
    with database.transaction(), pytest.raises(RuntimeError, match="inside an open transaction"):
        upstream.call("GET", "/internal/x")
    with database.reading(), database.transaction(), pytest.raises(RuntimeError):
        upstream.call("GET", "/internal/x")


def test_a_forked_process_does_not_share_connections(database: Database) -> None:
    with database.reading():
        parents = database.row("SELECT pg_backend_pid()")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            database.after_fork()
            with database.reading():
                os.write(writer, str(database.row("SELECT pg_backend_pid()")).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        childs = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    assert childs not in ("", str(parents))
    with database.reading():
        assert database.row("SELECT pg_backend_pid()") == parents


def connections(databases: Databases, database: Database) -> int:
    """How many connections there are to a database."""
    admin = Database(databases.server.uri("postgres"), pool_size=1, application="looker")
    with admin.reading():
        row = admin.row(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'",
            (database.peewee.database,),
        )
    admin.close()
    assert row is not None
    return int(row[0])


def test_close_closes_also_what_is_given_back_later(database: Database, databases: Databases) -> None:
    with database.reading():
        database.close()
        assert connections(databases, database) == 1
    eventually(lambda: connections(databases, database) == 0)


def test_close_closes_also_what_wakes_relays(database: Database, databases: Databases) -> None:
    database.close()
    eventually(lambda: connections(databases, database) == 0)
    wake = NotifyWaker(database)
    for _ in range(2):
        wake()
        eventually(lambda: connections(databases, database) == 1)
        database.close()
        eventually(lambda: connections(databases, database) == 0)
