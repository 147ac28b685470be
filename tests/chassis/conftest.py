"""What the chassis' own tests share: databases, keys, and a small service app."""

import uuid
from collections.abc import Iterator

import pytest
from chassis_kit import Databases

from chassis.db import Database
from chassis.testing import Keys
from deploy.postgres import EmbeddedPostgres


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
