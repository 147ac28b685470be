"""quota-svc alone, on its own database, its neighbours replaced by strict stand-ins."""

from collections.abc import Callable, Iterator

import pytest

from chassis.testing import Keys, environment, network_of, prepare
from quota_svc.app import create_service
from tests.quota_svc.quota_harness import Neighbours, Person, Quota

Build = Callable[..., Quota]


@pytest.fixture
def database_url(emptied_database_url: str) -> str:
    return emptied_database_url


@pytest.fixture
def build(database_url: str) -> Iterator[Build]:
    """Makes the service with its settings."""
    made: list[Quota] = []

    def build(**settings: str) -> Quota:
        keys = Keys()
        neighbours = Neighbours(keys)
        env = environment("quota-svc", database_url, keys, **settings)
        service = create_service(env, network_of(gateway=neighbours.gateway, chat=neighbours.chat))
        prepare(service)
        quota = Quota(service, keys)
        quota.neighbours = neighbours
        made.append(quota)
        return quota

    yield build
    for quota in made:
        quota.service.database.close()


@pytest.fixture
def quota(build: Build) -> Quota:
    return build()


@pytest.fixture
def person(quota: Quota) -> Person:
    return Person(quota)
