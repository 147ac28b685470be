"""ai-svc alone: a requested reply comes out once, in words or as a picture, with its neighbours as strict stand-ins."""

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
REPLY_FIELDS = {"message_ids", "kind", "text", "engine", "media"}
PICK = r"/internal/picks/(?P<reply_id>[0-9a-f-]+)"
USER = uuid7()


class Chat:
    """What chat-svc would say about one conversation."""

    def __init__(self, container: Any, companion_id: str = "") -> None:
        self.seen = len(container.neighbours["chat-svc"].calls)
        self.companion_id = companion_id
        self.said = "Hello, I am Tom. How are you?"
        self.stand_in = container.neighbours["chat-svc"]
        self.stand_in.expect("POST", CONVERSATION + "/context", {"message_ids", "limit"}, self.context)
        self.stand_in.expect("PUT", REPLY, REPLY_FIELDS, self.deliver)

    def context(self, body: Any, conversation_id: str) -> tuple[int, Any]:
        messages = [
            {"id": ident, "seq": seq, "sender": "user", "kind": "text", "text": self.said}
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
    assert (reply["kind"], reply["engine"], reply["media"]) == ("text", "offline", None)
    assert reply["text"]
    eventually(lambda: ai.depth("ai-svc"), until=lambda depth: depth == 0, within=60)
    other = wanted(ident)
    ai.publish(other)
    eventually(chat.delivered, until=lambda found: len(found) == 2, within=60)


class Store:
    """What the gateway, media-svc and quota-svc would say to one picture after the other; `left`: the quota."""

    def __init__(self, container: Any, left: int) -> None:
        self.left = left
        self.picked: dict[str, Any] = {}
        self.spent: set[str] = set()
        self.undone: list[str] = []
        gateway, media, quota = (container.neighbours[name] for name in ("gateway", "media-svc", "quota-svc"))
        gateway.expect("POST", "/internal/users/standing", {"user_id"}, self.standing)
        wish = {"conversation_id", "user_id", "companion_id", "kind", "tags", "mature"}
        media.expect("PUT", PICK, wish, self.pick)
        media.expect("DELETE", PICK, None, self.drop)
        spend = {"spend_id", "user_id", "companion_id", "conversation_id", "kind"}
        quota.expect("POST", "/internal/spends", spend, self.spend)
        quota.expect("POST", r"/internal/spends/(?P<spend_id>[0-9a-f-]+)/return", None, self.give_back)

    def standing(self, _body: Any) -> tuple[int, Any]:
        return 200, {"exists": True, "mature_opt_in": False}

    def pick(self, body: Any, reply_id: str) -> tuple[int, Any]:
        assert (body["kind"], body["tags"], body["mature"]) == ("image", ["beach"], False)
        asset = {
            "asset_id": str(uuid7()), "upload_id": str(uuid7()), "text": "Beach", "media": {"key": "companions/x"},
            "nsfw_flag": "safe", "version": 1,
        }  # fmt: skip
        return 200, {"asset": self.picked.setdefault(reply_id, asset)}

    def drop(self, _body: Any, reply_id: str) -> tuple[int, Any]:
        self.undone.append(f"pick {reply_id}")
        return 204, None

    def spend(self, body: Any) -> tuple[int, Any]:
        if body["spend_id"] not in self.spent:
            if self.left == 0:
                return problem_body(402, "quota-exhausted")
            self.left -= 1
            self.spent.add(body["spend_id"])
        return 200, {"spent": "media"}

    def give_back(self, _body: Any, spend_id: str) -> tuple[int, Any]:
        self.undone.append(f"spend {spend_id}")
        return 200, {"returned": False}


def test_twenty_deliveries_of_one_request_for_a_picture_send_one_and_the_next_gets_words_with_a_hint(ai: Any) -> None:
    ident = companion(ai)
    chat, store = Chat(ai, ident), Store(ai, left=1)
    chat.said = "Can you send me a photo of you at the beach?"
    event = wanted(ident)
    ai.publish(event, times=20)
    (picture,) = eventually(chat.delivered, within=60)
    asset = store.picked[str(event.reply_id)]
    assert (picture["kind"], picture["media"]) == (
        "image",
        {
            "upload_id": asset["upload_id"], "asset_id": asset["asset_id"], "description": asset["media"],
            "nsfw_flag": "safe", "version": 1,
        },
    )  # fmt: skip
    eventually(lambda: ai.depth("ai-svc"), until=lambda depth: depth == 0, within=60)
    assert (store.left, store.undone) == (0, [])
    other = wanted(ident)
    ai.publish(other, times=5)
    _picture, words = eventually(chat.delivered, until=lambda found: len(found) == 2, within=60)
    assert (words["kind"], words["media"]) == ("text", None)
    assert "photo" in words["text"]
    assert "Premium" in words["text"]
    assert store.undone == [f"spend {other.reply_id}", f"pick {other.reply_id}"]


def test_a_reply_waits_for_chat_svc_to_come_back_and_is_delivered_unchanged(ai: Any) -> None:
    ident = companion(ai)
    chat = Chat(ai, ident)
    tries: list[Any] = []

    def away(body: Any, conversation_id: str, reply_id: str) -> tuple[int, Any]:
        tries.append(body)
        return problem_body(503, "unavailable")

    chat.stand_in.expect("PUT", REPLY, REPLY_FIELDS, away)
    ai.publish(wanted(ident))
    eventually(lambda: len(tries) >= 2, within=60)
    accepted: list[Any] = []

    def back(body: Any, conversation_id: str, reply_id: str) -> tuple[int, Any]:
        accepted.append(body)
        return chat.deliver(body, conversation_id, reply_id)

    chat.stand_in.expect("PUT", REPLY, REPLY_FIELDS, back)
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
