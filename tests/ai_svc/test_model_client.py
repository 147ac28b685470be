"""Asking models: every fault of a model server, the fallback, the budget and the breaker (AI-1, AI-3, CHAT-8)."""

import json
import socket
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from prometheus_client import CollectorRegistry, Counter

from ai_svc.adapters.model_endpoint import HttpModelEndpoint, completions_url
from ai_svc.config import LONGEST_BUDGET_S, EndpointConfig
from ai_svc.domain.conversation import ContextMessage, Decision, Persona
from ai_svc.domain.replies import LEASE_S
from ai_svc.ports import NoAnswer, TryFailed
from ai_svc.usecases.asking import ModelEngine
from ai_svc.usecases.making import RENEW_AFTER_S
from chassis.ids import uuid7
from tests.stubs import model_server as stub
from tests.stubs.model_server import ModelServer

MIRA = Persona(str(uuid7()), "Mira", 27, "Painter in Lisbon.", "You are Mira.")
TALK = [ContextMessage("user", "text", "How are you?")]


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


@dataclass
class Asked:
    """A question to an engine, what was shown of the answer, and how long it took."""

    engine: ModelEngine
    shown: list[list[str]] = field(default_factory=list)
    seconds: float = 0.0

    def __call__(self) -> Decision:
        self.shown = []
        started = time.monotonic()
        try:
            return self.engine.answer(
                MIRA, TALK, uuid7(), lambda: self.shown.append([]), lambda text: self.shown[-1].append(text)
            )
        finally:
            self.seconds = time.monotonic() - started

    @property
    def last_shown(self) -> str:
        return "".join(self.shown[-1])


def asking(*bases: str, budget: float = 10.0) -> Asked:
    endpoints = [
        HttpModelEndpoint(EndpointConfig(f"endpoint-{n}", base, stub.MODEL, stub.KEY), 0.8, 220)
        for n, base in enumerate(bases)
    ]
    tries = Counter("tries", "Tries.", ("endpoint", "outcome"), registry=CollectorRegistry())
    return Asked(ModelEngine(endpoints, budget, tries))


def unused_address() -> str:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{sock.getsockname()[1]}"


def test_a_streamed_answer_is_shown_in_pieces_that_are_a_beginning_of_the_final_text(primary: ModelServer) -> None:
    ask = asking(primary.base_url)
    decision = ask()
    assert decision == Decision("text", stub.TEXT)
    assert len(ask.shown[0]) > 1
    assert ask.last_shown == stub.TEXT


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://api.example.test", "https://api.example.test/v1/chat/completions"),
        ("https://api.example.test/", "https://api.example.test/v1/chat/completions"),
        ("https://api.example.test/v1", "https://api.example.test/v1/chat/completions"),
        ("https://api.example.test/v1/", "https://api.example.test/v1/chat/completions"),
        ("https://api.example.test/openai/v1", "https://api.example.test/openai/v1/chat/completions"),
        ("https://api.example.test/v1beta/openai", "https://api.example.test/v1beta/openai/chat/completions"),
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/chat/completions"),
    ],
)
def test_a_base_address_may_end_in_its_version_or_not(base: str, url: str) -> None:
    assert completions_url(base) == url


def test_the_system_message_and_the_talk_are_asked_with_structured_output(primary: ModelServer) -> None:
    asking(primary.base_url)()
    (request,) = primary.requests
    assert request["messages"][0]["role"] == "system"
    assert request["messages"][1:] == [{"role": "user", "content": "How are you?"}]
    assert request["response_format"]["type"] == "json_schema"
    assert request["response_format"]["json_schema"]["strict"] is True


@pytest.mark.parametrize("accepted", ["json_object", None])
def test_an_endpoint_that_refuses_structured_output_is_asked_for_less_from_then_on(
    primary: ModelServer, accepted: str | None
) -> None:
    primary.otherwise = stub.refusing_formats(accepted)
    ask = asking(primary.base_url)
    assert ask().text == stub.TEXT
    refused = len(primary.requests)
    assert ask().text == stub.TEXT
    assert len(primary.requests) == refused + 1
    assert primary.requests[-1].get("response_format", {}).get("type") == accepted
    assert len(ask.shown) == 1


USABLE = [
    pytest.param(stub.whole(), stub.TEXT, id="one JSON object"),
    pytest.param(stub.whole(content_type="text/event-stream"), stub.TEXT, id="one JSON object under a wrong type"),
    pytest.param(stub.streamed(f"```json\n{stub.ANSWER}\n```"), stub.TEXT, id="fenced"),
    pytest.param(stub.streamed("Just plain words."), "Just plain words.", id="plain text"),
    pytest.param(stub.streamed(stub.ANSWER, 1), stub.TEXT, id="single characters"),
    pytest.param(stub.streamed(stub.ANSWER, 10_000), stub.TEXT, id="one event"),
    pytest.param(
        stub.events([b": hello\r\n\r\n", stub.event(stub.ANSWER).replace(b"\n", b"\r\n"), b"data: [DONE]\r\n\r\n"]),
        stub.TEXT,
        id="comments and CRLF",
    ),
    pytest.param(
        stub.events(
            [b'data: {"choices":[]}\n\n', stub.event(stub.ANSWER, "stop"), b'data: {"choices":[],"usage":{}}\n\n']
        ),
        stub.TEXT,
        id="no end mark but a finish reason",
    ),
    pytest.param(
        stub.events([stub.event(stub.ANSWER)[n : n + 3] for n in range(0, len(stub.event(stub.ANSWER)), 3)]
                    + [b"data: [DONE]\n\n"]),
        stub.TEXT,
        id="events torn apart",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("behaviour", "text"), USABLE)
def test_every_form_in_which_servers_answer_is_understood(
    primary: ModelServer, behaviour: stub.Behaviour, text: str
) -> None:
    primary.script = [behaviour]
    ask = asking(primary.base_url)
    assert ask().text == text
    assert len(primary.requests) == 1
    assert ask.last_shown == text


TRUNCATED = '{"type":"text","text":"I was walking along the river and then'


@pytest.mark.parametrize(
    "answer", ["", "   ", '{"type":"text","text":"  ","tags":[]}', "{}", '{"type":"text"', TRUNCATED, "[1]", "null"]
)
def test_a_blank_or_truncated_answer_becomes_a_usable_line_without_another_try(
    primary: ModelServer, answer: str
) -> None:
    primary.script = [stub.streamed(answer)]
    ask = asking(primary.base_url)
    decision = ask()
    assert decision.kind == "text"
    assert len(decision.text.strip()) > 10
    assert not set(decision.text) & set('{}"')
    assert decision.text.startswith(ask.last_shown)
    assert len(primary.requests) == 1


def test_a_null_content_is_a_blank_answer(primary: ModelServer) -> None:
    primary.script = [stub.whole(None)]
    assert len(asking(primary.base_url)().text) > 10


def test_200_kilobytes_of_text_are_cut(primary: ModelServer) -> None:
    long = json.dumps({"type": "text", "text": "word " * 40_000, "tags": []})
    primary.script = [stub.whole(long), stub.streamed(long, 1000)]
    for _ in range(2):
        ask = asking(primary.base_url)
        decision = ask()
        assert 100 < len(decision.text) <= 4_000
        assert decision.text.startswith(ask.last_shown)


def test_an_endless_stream_is_read_up_to_a_limit_and_cut(primary: ModelServer) -> None:
    primary.script = [stub.endless]
    ask = asking(primary.base_url)
    assert ask().text.startswith("and on and on")
    assert ask.seconds < 5


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
    assert ask.seconds < 5


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
    ask = asking(primary.base_url, fallback.base_url, budget=1.5)
    with pytest.raises(NoAnswer):
        ask()
    assert 1.0 < ask.seconds < 2.0
    assert (len(primary.requests), len(fallback.requests)) == (2, 2)
    fallback.otherwise = stub.streamed()
    assert ask().text == stub.TEXT


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
    ask = asking(unused_address(), fallback.base_url)
    assert ask().text == stub.TEXT
    assert ask.seconds < 2


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


def test_a_key_or_the_persona_id_is_in_no_prompt(primary: ModelServer) -> None:
    asking(primary.base_url)()
    prompt = json.dumps(primary.requests[0]["messages"])
    assert stub.KEY not in prompt
    assert MIRA.id not in prompt
