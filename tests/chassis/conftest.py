"""What the chassis' own tests share: databases, keys, and a small service app."""

import io
import uuid
from collections.abc import Iterator

import pytest
from chassis_kit import Databases

from chassis import logs
from chassis.db import Database
from chassis.testing import Keys
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
