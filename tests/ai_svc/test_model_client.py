"""Asking a model server: what it is asked, and every form in which it answers (AI-1, AI-3, CHAT-8)."""

import json

import pytest

from ai_svc.adapters.model_endpoint import completions_url
from ai_svc.domain.conversation import Decision
from tests.ai_svc.model_asking import MIRA, asking
from tests.stubs import model_server as stub
from tests.stubs.model_server import ModelServer


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
    assert ask.seconds < 30, "it does not read until the time is up"


def test_a_key_or_the_persona_id_is_in_no_prompt(primary: ModelServer) -> None:
    asking(primary.base_url)()
    prompt = json.dumps(primary.requests[0]["messages"])
    assert stub.KEY not in prompt
    assert MIRA.id not in prompt
