"""media-svc alone, on its own database."""

from collections.abc import Iterator

import pytest

from chassis.testing import Harness, Keys, environment, prepare
from media_svc.app import create_service


@pytest.fixture
def database_url(emptied_database_url: str) -> str:
    return emptied_database_url


@pytest.fixture
def media(database_url: str) -> Iterator[Harness]:
    keys = Keys()
    service = create_service(environment("media-svc", database_url, keys))
    prepare(service)
    yield Harness(service, keys)
    service.database.close()
