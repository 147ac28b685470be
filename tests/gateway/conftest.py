"""The gateway alone, on its own database: whole, or its stream or routing only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chassis.service import Service
from chassis.testing import Keys, environment, network_of, prepare
from gateway.adapters.passwords import Argon2Hasher
from gateway.app import create_service
from tests.gateway.edge import Edge, serving
from tests.gateway.edge_services import Services, network_over
from tests.gateway.edge_streams import Neighbours
from tests.gateway.gateway_harness import GatewayHarness, MediaStandIn, QuotaStandIn


@pytest.fixture
def database_url(emptied_database_url: str) -> str:
    return emptied_database_url


@pytest.fixture
def make_gateway(database_url: str, keys: Keys) -> Iterator[Callable[..., GatewayHarness]]:
    """Builds gateways on the same database with settings of one's own. Their callers wait long for a turn to hash: else
    who signs in while this machine stands still for some seconds is told to come again."""
    made: list[Service] = []

    def make(patience_s: float = 60.0, media_app: Any = None, **settings: str) -> GatewayHarness:
        quota, media = QuotaStandIn(keys), MediaStandIn(keys)
        env = environment("gateway", database_url, keys, **settings)
        service = create_service(
            env, network_of(quota=quota.app, media=media_app or media.app), Argon2Hasher(patience_s)
        )
        prepare(service)
        made.append(service)
        return GatewayHarness(service, keys, quota, media)

    yield make
    for service in made:
        service.database.close()


@pytest.fixture
def gateway(make_gateway: Callable[..., GatewayHarness]) -> GatewayHarness:
    """A gateway that counts no limits."""
    return make_gateway(RATE_LIMIT_FACTOR="0")


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def neighbours(keys: Keys) -> Neighbours:
    return Neighbours(keys)


@pytest.fixture
def edge(database_url: str, keys: Keys, neighbours: Neighbours) -> Iterator[Edge]:
    """The stream, with services to ask about what it tells."""
    made = Edge(database_url, neighbours.network, keys=keys)
    yield made
    made.close()


@pytest.fixture
def url(edge: Edge) -> Iterator[str]:
    with serving(edge) as address:
        yield address


@pytest.fixture
def services() -> Services:
    return Services(Keys())


@pytest.fixture(params=["over HTTP", "in process"])
def routing_edge(request: pytest.FixtureRequest, database_url: str, services: Services) -> Iterator[Edge]:
    """Routing, with every service behind it."""
    with network_over(request.param, services) as network:
        made = Edge(database_url, network, keys=services.keys)
        yield made
        made.close()
