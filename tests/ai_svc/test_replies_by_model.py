"""Replies with model servers behind them: fallback, bounded failure, streaming, clean prompts (AI-1, CHAT-8)."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ai_svc.app import create_service
from ai_svc.config import Config
from chassis.config import ConfigError
from chassis.ids import uuid7
from chassis.testing import Harness, Keys, environment, prepare
from chassis.upstream import Network
from tests.ai_svc.asking import another, companion, request, work
from tests.ai_svc.neighbours import ChatStandIn, QuotaStandIn
from tests.ai_svc.scripted import SignalRecorder
from tests.stubs import model_server as stub
from tests.stubs.model_server import ModelServer


@contextmanager
def running(
    database_url: str, keys: Keys, network: Network, settings: dict[str, str]
) -> Iterator[tuple[Harness, SignalRecorder]]:
    service = create_service(environment("ai-svc", database_url, keys, **settings), network)
    prepare(service)
    recorder = SignalRecorder()
    service.basis.signals.bus = recorder
    yield Harness(service, keys), recorder
    service.database.close()


@pytest.fixture
def models(
    request: pytest.FixtureRequest,
    database_url: str,
    keys: Keys,
    network: Network,
    primary: ModelServer,
    fallback: ModelServer,
) -> Iterator[tuple[Harness, SignalRecorder]]:
    """Both models, with plenty of time to answer or the seconds that a test asks for."""
    seconds = getattr(request, "param", "25")
    settings = {
        **primary.environment("PRIMARY"), **fallback.environment("FALLBACK"), "LLM_BUDGET_SECONDS": seconds
    }  # fmt: skip
    with running(database_url, keys, network, settings) as made:
        yield made


Models = tuple[Harness, SignalRecorder]


def test_a_models_answer_streams_to_the_client_and_arrives(models: Models, chat: ChatStandIn) -> None:
    ai, signals = models
    event = request(companion(ai))
    ai.deliver(event)
    work(ai)
    reply = chat.replies[str(event.reply_id)]
    assert (reply["text"], reply["engine"]) == (stub.TEXT, "model")
    assert len(signals.deltas()) > 1
    assert [delta["index"] for delta in signals.deltas()] == list(range(len(signals.deltas())))
    assert reply["text"].startswith("".join(delta["text"] for delta in signals.deltas()))


def test_after_a_broken_stream_the_client_starts_over_with_the_fallbacks_text(
    models: Models, chat: ChatStandIn, primary: ModelServer
) -> None:
    ai, signals = models
    primary.otherwise = stub.events([stub.event('{"type":"text","text":"Words that will never be finished')], cut=True)
    ai.deliver(request(companion(ai)))
    work(ai)
    assert [reply["text"] for reply in chat.replies.values()] == [stub.TEXT]
    assert signals.events().count("reply.started") == 3
    assert "".join(delta["text"] for delta in signals.deltas()) == stub.TEXT
    assert signals.deltas()[0]["index"] == 0


@pytest.mark.parametrize("models", ["3"], indirect=True)
@pytest.mark.parametrize("fault", [stub.failing(500), stub.silent, stub.dripping], ids=["500", "silent", "dripping"])
def test_with_both_models_down_the_reply_fails_in_bounded_time_and_works_again_afterwards(
    models: Models,
    chat: ChatStandIn,
    quota: QuotaStandIn,
    primary: ModelServer,
    fallback: ModelServer,
    fault: stub.Behaviour,
) -> None:
    ai, _signals = models
    primary.otherwise = fallback.otherwise = fault
    event = request(companion(ai))
    ai.deliver(event)
    started = time.monotonic()
    work(ai)
    assert time.monotonic() - started < 11, "an answer like these never ends"
    assert list(chat.failures) == [str(event.reply_id)]
    assert quota.reversed == {(str(event.admission_id), 1)}
    assert (len(primary.requests), len(fallback.requests)) == (2, 2)
    primary.otherwise = stub.streamed()
    again = another(event, reply_id=uuid7(), message_ids=event.message_ids, generation=2, regenerate=True)
    ai.deliver(again)
    work(ai)
    assert list(chat.replies) == [str(again.reply_id)]
    metrics = ai.stranger().get("/metrics").get_data(as_text=True)
    assert 'duet_model_tries_total{endpoint="primary",outcome="answered"} 1.0' in metrics


def test_what_a_model_is_asked_holds_no_link_address_key_or_id(
    models: Models, chat: ChatStandIn, primary: ModelServer
) -> None:
    ai, _signals = models
    secrets = ["https://private.example/x?sig=1", "tom@mail.example.com", "sk-live-abcdef1234567890", str(uuid7())]
    chat.messages = [{"sender": "user", "kind": "text", "text": f"Look: {' and '.join(secrets)}, nice?"}]
    event = request(companion(ai))
    ai.deliver(event)
    work(ai)
    prompt = json.dumps(primary.requests)
    ids = [event.user_id, event.companion_id, event.conversation_id, event.reply_id, *event.message_ids]
    for secret in [*secrets, stub.KEY, *map(str, ids), primary.base_url, "http"]:
        assert secret not in prompt
    assert "nice?" in prompt


def test_without_a_model_the_offline_companion_answers_in_deltas_and_otherwise_when_asked_again(
    database_url: str, keys: Keys, network: Network, chat: ChatStandIn
) -> None:
    with running(database_url, keys, network, {}) as (ai, signals):
        event = request(companion(ai))
        ai.deliver(event)
        work(ai)
        assert len(signals.deltas()) > 1
        (reply,) = chat.replies.values()
        assert "".join(delta["text"] for delta in signals.deltas()) == reply["text"]
        for _ in range(3):
            ai.deliver(another(event, message_ids=event.message_ids, regenerate=True))
            work(ai)
        assert {one["engine"] for one in chat.replies.values()} == {"offline"}
        assert len({one["text"] for one in chat.replies.values()}) >= 3


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"LLM_BASE_URL_PRIMARY": "http://127.0.0.1:9"}, "LLM_MODEL_PRIMARY"),
        ({"LLM_BASE_URL_PRIMARY": "ftp://x", "LLM_MODEL_PRIMARY": "m"}, "LLM_BASE_URL_PRIMARY"),
        ({"LLM_BASE_URL_FALLBACK": "http://127.0.0.1:9", "LLM_MODEL_FALLBACK": "m"}, "LLM_BASE_URL_PRIMARY"),
        (
            {"LLM_BASE_URL_PRIMARY": "http://x", "LLM_MODEL_PRIMARY": "m", "LLM_API_KEY_PRIMARY": "a\nb"},
            "LLM_API_KEY_PRIMARY",
        ),
        ({"LLM_BUDGET_SECONDS": "29"}, "LLM_BUDGET_SECONDS"),
        ({"LLM_TEMPERATURE": "warm"}, "LLM_TEMPERATURE"),
        ({"LLM_MAX_TOKENS": "0"}, "LLM_MAX_TOKENS"),
        ({"REPLY_WORKERS": "0"}, "REPLY_WORKERS"),
    ],
)
def test_an_unusable_setting_is_refused_by_its_name(keys: Keys, settings: dict[str, str], name: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name} "):
        Config.from_env(environment("ai-svc", "postgresql://localhost/x", keys, **settings))


def test_the_settings_have_the_products_defaults_and_keep_keys_out_of_sight(keys: Keys) -> None:
    given = {
        "LLM_BASE_URL_PRIMARY": "https://api.example.test/v1/",
        "LLM_MODEL_PRIMARY": "m",
        "LLM_API_KEY_PRIMARY": stub.KEY,
    }
    config = Config.from_env(environment("ai-svc", "postgresql://localhost/x", keys, **given))
    assert (config.temperature, config.max_tokens, config.budget_seconds, config.reply_workers) == (0.8, 220, 27, 8)
    assert stub.KEY not in repr(config)
