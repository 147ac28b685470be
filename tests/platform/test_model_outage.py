"""Replies with a model behind them: streaming, fallback, and what a user sees and pays when no model answers."""

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from chassis.testing import eventually
from deploy.client import Client
from tests.platform.embedded_host import Host
from tests.platform.test_first_conversation import is_reply, mara, messages
from tests.stubs.model_server import TEXT, ModelServer, failing, silent, streamed

FALLBACK_TEXT = "Answered by the other one."


@dataclass
class Models:
    """A platform with two model servers."""

    host: Host
    primary: ModelServer
    fallback: ModelServer

    def heal(self) -> None:
        self.primary.otherwise = streamed()
        self.fallback.otherwise = streamed('{"type":"text","text":"' + FALLBACK_TEXT + '"}')


@pytest.fixture(scope="module")
def running(start_host: Callable[..., Host]) -> Iterator[Models]:
    with ModelServer() as primary, ModelServer() as fallback:
        settings = primary.environment("PRIMARY") | fallback.environment("FALLBACK")
        host = start_host(DUET_BOT_CHECK="off", RATE_LIMIT_FACTOR="0", **settings)
        yield Models(host, primary, fallback)
        host.interrupt()


@pytest.fixture
def models(running: Models) -> Models:
    running.heal()
    return running


@pytest.fixture
def user(models: Models) -> Client:
    return models.host.newcomer()


def test_a_models_text_arrives_in_deltas_whose_join_is_a_beginning_of_the_final_text(
    models: Models, user: Client
) -> None:
    answer = "Hello there! I was just thinking about the sea, and about you of course. What are you doing today?"
    models.primary.otherwise = streamed('{"type":"text","text":"' + answer + '","tags":[]}', size=3)
    conversation = mara(user)
    assert conversation["engine"] == "model"
    stream = user.stream()
    stream.until(lambda event: event.name == "ready")
    user.send(conversation["id"], "hello", user.permit()["permit_id"])
    seen = stream.until(is_reply)
    stream.close()
    deltas = [event.data for event in seen if event.name == "reply.delta"]
    assert len(deltas) > 3
    assert [delta["index"] for delta in deltas] == list(range(len(deltas)))
    assert {delta["reply_id"] for delta in deltas} == {seen[-1].data["id"]}
    assert seen[-1].data["text"] == answer
    assert answer.startswith("".join(delta["text"] for delta in deltas))
    assert models.primary.violations == []


def test_a_prompt_holds_the_persona_and_no_link_or_address_of_the_user(models: Models, user: Client) -> None:
    conversation = mara(user)
    before = len(models.primary.requests)
    text = "write to me at tom@example.org or see https://example.org/secret?key=1"
    sent = user.send(conversation["id"], text, user.permit()["permit_id"])
    eventually(lambda: messages(user, conversation["id"], after_seq=sent["seq"]), within=60)
    prompt = str(models.primary.requests[before:])
    assert "You are Mara" in prompt
    for secret in (
        "tom@example.org",
        "https://",
        "secret?key",
        user.user["email"],
        user.user["id"],
        conversation["id"],
    ):
        assert secret not in prompt


def test_the_fallback_answers_while_the_primary_is_down(models: Models, user: Client) -> None:
    models.primary.otherwise = failing(500)
    conversation = mara(user)
    sent = user.send(conversation["id"], "hello", user.permit()["permit_id"])
    (reply,) = eventually(lambda: messages(user, conversation["id"], after_seq=sent["seq"]), within=60)
    assert reply["text"] == FALLBACK_TEXT


def test_with_both_models_down_the_reply_fails_within_30_s_costs_nothing_and_can_be_retried(
    models: Models, user: Client
) -> None:
    models.primary.otherwise = silent
    models.fallback.otherwise = silent
    conversation = mara(user)
    stream = user.stream(read_timeout=60)
    stream.until(lambda event: event.name == "ready")
    began = time.monotonic()
    sent = user.send(conversation["id"], "are you there?", user.permit()["permit_id"])
    assert mara(user)["free_remaining"]["text"] == 9
    seen = stream.until(lambda event: event.name == "reply.failed")
    took = time.monotonic() - began
    print(f"reply.failed after {took:.1f} s with two silent models")
    assert took < 30
    failed = seen[-1].data
    assert (failed["conversation_id"], failed["message_ids"]) == (conversation["id"], [sent["id"]])
    assert failed["text"]
    # After a reload: the same, and nothing was spent.
    assert [m["reply_status"] for m in messages(user, conversation["id"])] == ["failed"]
    assert mara(user)["free_remaining"] == conversation["free_remaining"]
    models.heal()
    body = {"client_id": str(uuid.uuid4()), "permit_id": user.permit()["permit_id"]}
    reply_id = user.call("POST", f"/v1/conversations/{conversation['id']}/regenerate", body)["reply_id"]
    seen = stream.until(is_reply)
    stream.close()
    assert (seen[-1].data["id"], seen[-1].data["text"]) == (reply_id, TEXT)
    assert [m["reply_status"] for m in messages(user, conversation["id"])] == ["replied", None]
    assert mara(user)["free_remaining"]["text"] == 9


def test_an_answer_that_is_no_text_we_could_show_never_reaches_the_user_raw(models: Models, user: Client) -> None:
    models.primary.otherwise = streamed('```json\n{"type":"text","text":"Look ![x](https://evil.example/p.png) at this')
    conversation = mara(user)
    sent = user.send(conversation["id"], "hello", user.permit()["permit_id"])
    (reply,) = eventually(lambda: messages(user, conversation["id"], after_seq=sent["seq"]), within=60)
    assert reply["text"]
    for trace in ("http", "evil", "{", "```", "type"):
        assert trace not in reply["text"]
