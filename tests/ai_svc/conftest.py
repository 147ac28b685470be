"""ai-svc alone, on its own database, with an engine on a script and strict stand-ins for its neighbours and models."""

from collections.abc import Iterator
from typing import Any

import pytest

from ai_svc.app import create_service
from chassis.contracts.chat import AIReplyRequested
from chassis.testing import Harness, Keys, environment, network_of, prepare
from chassis.upstream import Network
from tests.ai_svc.asking import companion, request
from tests.ai_svc.media_asking import BEACH
from tests.ai_svc.neighbours import ChatStandIn, GatewayStandIn, MediaStandIn, QuotaStandIn
from tests.ai_svc.scripted import ScriptedEngine, SignalRecorder
from tests.stubs.model_server import ModelServer


@pytest.fixture
def database_url(emptied_database_url: str) -> str:
    return emptied_database_url


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def chat(keys: Keys) -> ChatStandIn:
    return ChatStandIn(keys)


@pytest.fixture
def quota(keys: Keys) -> QuotaStandIn:
    return QuotaStandIn(keys)


@pytest.fixture
def gateway(keys: Keys) -> GatewayStandIn:
    return GatewayStandIn(keys)


@pytest.fixture
def media(keys: Keys) -> MediaStandIn:
    return MediaStandIn(keys)


@pytest.fixture
def network(chat: ChatStandIn, quota: QuotaStandIn, gateway: GatewayStandIn, media: MediaStandIn) -> Iterator[Network]:
    """All neighbours; a call that none of them knows fails the test."""
    neighbours = (chat, quota, gateway, media)
    yield network_of(chat=chat.app, quota=quota.app, gateway=gateway.app, media=media.app)
    assert [one.violations for one in neighbours] == [[]] * 4


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def ai(database_url: str, keys: Keys, network: Network, engine: ScriptedEngine) -> Iterator[Harness]:
    service = create_service(environment("ai-svc", database_url, keys), network, engine=engine)
    prepare(service)
    yield Harness(service, keys)
    service.database.close()


@pytest.fixture
def ai_offline(database_url: str, keys: Keys, network: Network) -> Iterator[Harness]:
    """With the engine that answers where no model is configured."""
    service = create_service(environment("ai-svc", database_url, keys), network)
    prepare(service)
    yield Harness(service, keys)
    service.database.close()


@pytest.fixture
def signals(ai: Harness) -> SignalRecorder:
    recorder = SignalRecorder()
    ai.service.basis.signals.bus = recorder
    return recorder


@pytest.fixture
def primary() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server
    assert not server.violations


@pytest.fixture
def fallback() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server
    assert not server.violations


@pytest.fixture
def event(ai: Harness, engine: ScriptedEngine) -> AIReplyRequested:
    """A message that the model answers with a picture."""
    engine.label = "model"
    engine.script = [BEACH]
    return request(companion(ai))


@pytest.fixture
def asset(media: MediaStandIn) -> dict[str, Any]:
    return media.add("image", "Beach at noon")
