"""The gateway alone, on its own database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from chassis.service import Service
from chassis.testing import Keys, environment, network_of, prepare
from gateway.app import create_service
from tests.gateway.gateway_harness import GatewayHarness, QuotaStandIn


@pytest.fixture
def database_url(emptied_database_url: str) -> str:
    return emptied_database_url


@pytest.fixture
def make_gateway(database_url: str) -> Iterator[Callable[..., GatewayHarness]]:
    """Builds gateways on the same database with settings of one's own."""
    made: list[Service] = []
    keys = Keys()

    def make(**settings: str) -> GatewayHarness:
        quota = QuotaStandIn(keys)
        service = create_service(environment("gateway", database_url, keys, **settings), network_of(quota=quota.app))
        prepare(service)
        made.append(service)
        return GatewayHarness(service, keys, quota)

    yield make
    for service in made:
        service.database.close()


@pytest.fixture
def gateway(make_gateway: Callable[..., GatewayHarness]) -> GatewayHarness:
    """A gateway that counts no limits."""
    return make_gateway(RATE_LIMIT_FACTOR="0")
