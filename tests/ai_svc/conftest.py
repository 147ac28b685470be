"""ai-svc alone, on its own database, with an engine on a script and strict stand-ins for its neighbours and models."""

from collections.abc import Iterator

import pytest

from ai_svc.app import create_service
from chassis.testing import Harness, Keys, environment, network_of, prepare
from tests.ai_svc.neighbours import ChatStandIn, QuotaStandIn
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
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def ai(
    database_url: str, keys: Keys, chat: ChatStandIn, quota: QuotaStandIn, engine: ScriptedEngine
) -> Iterator[Harness]:
    network = network_of(chat=chat.app, quota=quota.app)
    service = create_service(environment("ai-svc", database_url, keys), network, engine=engine)
    prepare(service)
    yield Harness(service, keys)
    service.database.close()
    assert not chat.violations
    assert not quota.violations


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
