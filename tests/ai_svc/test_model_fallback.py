"""Models that fail: every fault of a model server, the fallback, the budget and the breaker (AI-1, CHAT-8)."""

from collections.abc import Generator, Mapping, Sequence

import pytest
from prometheus_client import CollectorRegistry, Counter

from ai_svc.config import LONGEST_BUDGET_S
from ai_svc.domain.replies import LEASE_S
from ai_svc.ports import NoAnswer, TryFailed
from ai_svc.usecases.asking import ModelEngine
from ai_svc.usecases.telling import RENEW_AFTER_S
from chassis.ids import uuid7
from tests.ai_svc.model_asking import MIRA, TALK, asking
from tests.stubs import model_server as stub
from tests.stubs.model_server import ModelServer

NOBODY = "http://127.0.0.1:1"

BROKEN = [
    pytest.param(stub.failing(500), id="500"),
    pytest.param(stub.failing(503), id="503"),
    pytest.param(stub.failing(429), id="429"),
    pytest.param(stub.html, id="HTML"),
    pytest.param(stub.raw(b""), id="empty body"),
    pytest.param(stub.raw(b"  \n "), id="only spaces"),
    pytest.param(stub.raw(b'{"choices":[{"message":{"content":"{\\"type\\":'), id="truncated JSON"),
    pytest.param(stub.raw(b'{"choices":[]}'), id="no choices"),
    pytest.param(stub.raw(b'{"choices":7}'), id="wrong type of choices"),
    pytest.param(stub.raw(b'{"choices":[{"message":{"content":7}}]}'), id="wrong type of content"),
    pytest.param(stub.raw(b'{"choices":[7]}'), id="wrong type of a choice"),
    pytest.param(stub.raw(b"[1]"), id="a list"),
    pytest.param(stub.raw(b"[" * 100_000), id="brackets without end"),
    pytest.param(stub.raw(b'{"error":{"message":"overloaded"}}'), id="an error under 200"),
    pytest.param(stub.events([b"data: [DONE]\n\n"]), id="a stream of nothing"),
    pytest.param(stub.events([b"data: {nonsense}\n\n"]), id="invalid events"),
    pytest.param(stub.events([]), id="an empty stream"),
    pytest.param(stub.events([stub.event("Some words")]), id="a stream that just ends"),
    pytest.param(stub.events([stub.event('{"type":"text","text":"Some words of')], cut=True), id="a cut connection"),
    pytest.param(stub.events([b'data: {"error":{"message":"x"}}\n\n']), id="an error in the stream"),
    pytest.param(lambda handler: handler.abort(), id="no answer"),
    pytest.param(lambda handler: handler.wfile.write(b"SSH-2.0-server\r\n\r\n"), id="no HTTP"),
    pytest.param(stub.raw(b"", status=307), id="a redirect"),
    pytest.param(stub.failing(401), id="401"),
    pytest.param(stub.failing(404), id="404"),
]


@pytest.mark.parametrize("behaviour", BROKEN)
def test_whatever_the_primary_does_wrong_the_fallback_answers(
    primary: ModelServer, fallback: ModelServer, behaviour: stub.Behaviour
) -> None:
    primary.otherwise = behaviour
    ask = asking(primary.base_url, fallback.base_url)
    assert ask().text == stub.TEXT
    assert ask.last_shown == stub.TEXT
    assert 1 <= len(primary.requests) <= 2
    assert len(fallback.requests) == 1
    assert ask.seconds < 30, "half of the time that it may take"


def test_a_first_failure_is_forgiven_and_the_primary_answers_the_second_time(
    primary: ModelServer, fallback: ModelServer
) -> None:
    primary.script = [stub.events([stub.event('{"type":"text","text":"Some first words of ')], cut=True)]
    ask = asking(primary.base_url, fallback.base_url)
    assert ask().text == stub.TEXT
    assert [len(part) > 0 for part in ask.shown] == [True, True]
    assert ask.last_shown == stub.TEXT
    assert not fallback.requests


def test_when_everything_is_down_each_endpoint_was_asked_twice(primary: ModelServer, fallback: ModelServer) -> None:
    primary.otherwise, fallback.otherwise = stub.failing(500), stub.failing(429)
    ask = asking(primary.base_url, fallback.base_url)
    with pytest.raises(NoAnswer):
        ask()
    assert (len(primary.requests), len(fallback.requests)) == (2, 2)


@pytest.mark.parametrize(
    "behaviour", [stub.silent, stub.dripping, stub.dripping_headers, stub.stalling], ids=lambda one: one.__name__
)
def test_a_slow_endpoint_uses_up_its_share_of_the_time_and_no_more(
    primary: ModelServer, fallback: ModelServer, behaviour: stub.Behaviour
) -> None:
    primary.otherwise = fallback.otherwise = behaviour
    ask = asking(primary.base_url, fallback.base_url, budget=3.0)
    with pytest.raises(NoAnswer):
        ask()
    assert 2.0 < ask.seconds < 11.0, "each of four tries with all the time would be 12 s"
    assert (len(primary.requests), len(fallback.requests)) == (2, 2)
    fallback.otherwise = stub.streamed()
    assert asking(primary.base_url, fallback.base_url, budget=8.0)().text == stub.TEXT


class Impatient:
    """An endpoint that fails at once and notes how long it might have taken."""

    name = "impatient"

    def __init__(self) -> None:
        self.granted: list[float] = []

    def stream(self, _messages: Sequence[Mapping[str, str]], seconds: float) -> Generator[str, None, None]:
        self.granted.append(seconds)
        yield from ()
        raise TryFailed("server-error", 500)


@pytest.mark.parametrize("endpoints", [1, 2])
def test_no_try_may_outlast_the_lease_however_soon_the_ones_before_it_failed(endpoints: int) -> None:
    endpoint = Impatient()
    tries = Counter("tries", "Tries.", ("endpoint", "outcome"), registry=CollectorRegistry())
    engine = ModelEngine([endpoint] * endpoints, LONGEST_BUDGET_S, tries)
    with pytest.raises(NoAnswer):
        engine.answer(MIRA, TALK, uuid7(), lambda: None, lambda _text: None)
    assert len(endpoint.granted) == 2 * endpoints
    assert max(endpoint.granted) + RENEW_AFTER_S < LEASE_S - 2, "time is needed to commit the decision, too"


def test_a_refused_connection_fails_fast(fallback: ModelServer) -> None:
    ask = asking(NOBODY, fallback.base_url)
    assert ask().text == stub.TEXT
    assert ask.seconds < 20


def test_a_breaker_moves_a_dead_primary_behind_the_fallback_but_never_out_of_reach(
    primary: ModelServer, fallback: ModelServer
) -> None:
    primary.otherwise = stub.failing(500)
    ask = asking(primary.base_url, fallback.base_url)
    for _ in range(4):
        assert ask().text == stub.TEXT
    assert len(primary.requests) == 4, "after four failures in a row it is asked no more"
    primary.otherwise, fallback.otherwise = stub.streamed(), stub.failing(500)
    assert ask().text == stub.TEXT, "back already, and nobody else can answer"
