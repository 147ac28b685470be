"""ai-svc alone: a requested reply comes out once, with chat-svc and quota-svc as strict stand-ins."""

from collections.abc import Callable
from typing import Any

import pytest

from chassis.contracts.ai import CompanionChanged
from chassis.contracts.chat import AIReplyRequested
from chassis.ids import derive, uuid7
from chassis.testing import eventually
from tests.stubs.standin import problem_body

CONVERSATION = r"/internal/conversations/(?P<conversation_id>[0-9a-f-]+)"
REPLY = CONVERSATION + r"/replies/(?P<reply_id>[0-9a-f-]+)"
USER = uuid7()


class Chat:
    """What chat-svc would say about one conversation."""

    def __init__(self, container: Any, companion_id: str = "") -> None:
        self.seen = len(container.neighbours["chat-svc"].calls)
        self.companion_id = companion_id
        self.stand_in = container.neighbours["chat-svc"]
        self.stand_in.expect("POST", CONVERSATION + "/context", {"message_ids", "limit"}, self.context)
        self.stand_in.expect("PUT", REPLY, {"message_ids", "kind", "text", "engine"}, self.deliver)

    def context(self, body: Any, conversation_id: str) -> tuple[int, Any]:
        messages = [
            {"id": ident, "seq": seq, "sender": "user", "kind": "text", "text": "Hello, I am Tom. How are you?"}
            for seq, ident in enumerate(body["message_ids"], 1)
        ]
        return 200, {
            "conversation_id": conversation_id,
            "user_id": str(USER),
            "companion_id": self.companion_id,
            "messages": messages,
        }

    def deliver(self, body: Any, conversation_id: str, reply_id: str) -> tuple[int, Any]:
        return 201, {"message_id": reply_id, "seq": len(body["message_ids"]) + 1}

    def delivered(self) -> list[Any]:
        return [call.body for call in self.stand_in.calls[self.seen :] if call.method == "PUT"]


@pytest.fixture(scope="module")
def ai(contain: Callable[..., Any]) -> Any:
    return contain("ai-svc", expect=Chat)


def companion(ai: Any) -> str:
    answer = ai.call(
        "POST", "/v1/admin/companions", {"name": "Mara", "age": 29, "bio": "Photographer from Lisbon."},
        subject=str(uuid7()), role="admin",
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def wanted(companion_id: str) -> AIReplyRequested:
    message = uuid7()
    return AIReplyRequested(
        request_id=message, reply_id=derive(message, "reply"), conversation_id=uuid7(), user_id=USER,
        companion_id=type(message)(companion_id), message_ids=[message], admission_id=uuid7(), generation=1,
        regenerate=False,
    )  # fmt: skip


def test_a_new_companion_is_told_over_the_bus(ai: Any) -> None:
    ident = companion(ai)
    (told,) = eventually(lambda: ai.events(CompanionChanged, companion_id=ident), within=60)
    assert (told["name"], told["is_active"], told["engine"]) == ("Mara", True, "offline")


def test_twenty_deliveries_of_one_request_give_one_reply(ai: Any) -> None:
    ident = companion(ai)
    chat = Chat(ai, ident)
    event = wanted(ident)
    ai.publish(event, times=20)
    (reply,) = eventually(chat.delivered, within=60)
    assert reply["message_ids"] == [str(event.message_ids[0])]
    assert (reply["kind"], reply["engine"]) == ("text", "offline")
    assert reply["text"]
    eventually(lambda: ai.depth("ai-svc"), until=lambda depth: depth == 0, within=60)
    other = wanted(ident)
    ai.publish(other)
    eventually(chat.delivered, until=lambda found: len(found) == 2, within=60)


def test_a_reply_waits_for_chat_svc_to_come_back_and_is_delivered_unchanged(ai: Any) -> None:
    ident = companion(ai)
    chat = Chat(ai, ident)
    tries: list[Any] = []

    def away(body: Any, conversation_id: str, reply_id: str) -> tuple[int, Any]:
        tries.append(body)
        return problem_body(503, "unavailable")

    chat.stand_in.expect("PUT", REPLY, {"message_ids", "kind", "text", "engine"}, away)
    ai.publish(wanted(ident))
    eventually(lambda: len(tries) >= 2, within=60)
    accepted: list[Any] = []

    def back(body: Any, conversation_id: str, reply_id: str) -> tuple[int, Any]:
        accepted.append(body)
        return chat.deliver(body, conversation_id, reply_id)

    chat.stand_in.expect("PUT", REPLY, {"message_ids", "kind", "text", "engine"}, back)
    eventually(lambda: accepted, within=60)
    assert accepted[0] == tries[0], "the decision is made once"


def test_a_killed_worker_leaves_a_reply_that_the_next_one_delivers(ai: Any) -> None:
    ident = companion(ai)
    chat = Chat(ai, ident)
    ai.processes.kill(ai.worker)
    ai.publish(wanted(ident))
    assert chat.delivered() == []
    ai.processes.start(ai.worker)
    assert len(eventually(chat.delivered, within=60)) == 1
