"""What the chassis' own tests share: databases, keys, and a small service app."""

import io
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chassis_kit import Databases
from flask.testing import FlaskClient
from scripted_server import Answer, Scripted
from served_app import Served
from wishing_app import wishing_app

from chassis import logs
from chassis.db import Database
from chassis.testing import Keys
from chassis.upstream import HttpTransport, Transport, Upstream, WsgiTransport
from deploy.postgres import EmbeddedPostgres


@pytest.fixture(scope="session", autouse=True)
def _logs_as_in_production() -> None:
    """Structlog's own renderer takes a tenth of a second for each traceback."""
    logs.configure("info", io.StringIO())


@pytest.fixture
def databases(postgres: EmbeddedPostgres) -> Iterator[Databases]:
    made = Databases(postgres)
    yield made
    made.drop()


@pytest.fixture
def database(databases: Databases) -> Database:
    return databases.make(f"chassis_{uuid.uuid4().hex}")


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys()


@pytest.fixture(params=["http", "wsgi"])
def way(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Makes a transport to a WSGI app."""
    opened: list[Any] = []

    def make(app: Any) -> Transport:
        if request.param == "wsgi":
            return WsgiTransport(lambda: app)
        served = Served(app)
        transport = HttpTransport(served.url)
        opened.extend((transport, served))
        return transport

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Scripted]]:
    made: list[Scripted] = []

    def start(answer: Answer) -> Scripted:
        made.append(Scripted(answer))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.fixture
def to(keys: Keys) -> Iterator[Callable[[str], Upstream]]:
    made: list[HttpTransport] = []

    def upstream(url: str) -> Upstream:
        made.append(HttpTransport(url))
        return Upstream("quota-svc", made[-1], keys.signer("chat-svc"))

    yield upstream
    for one in made:
        one.close()


@pytest.fixture
def client(keys: Keys) -> Iterator[FlaskClient]:
    with wishing_app(keys).test_client() as test_client:
        yield test_client
