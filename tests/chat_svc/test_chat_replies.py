"""Replies that ai-svc brings or gives up (CHAT-8), and the context they are written from (AI-2)."""

import uuid
from typing import Any

import pytest

from chassis.contracts.chat import AIReplied, AIReplyFailed
from chassis.ids import uuid7
from chassis.testing import Caller, problem
from tests.chat_svc.chat_stand_ins import Chat, in_parallel


@pytest.fixture
def place(chat: Chat, user: Caller) -> str:
    return str(chat.conversation(user)["id"])


def reply_path(place: str, reply_id: object, tail: str = "") -> str:
    return f"/internal/conversations/{place}/replies/{reply_id}{tail}"


def reply_body(*message_ids: str, **more: Any) -> dict[str, Any]:
    return {"message_ids": list(message_ids), "kind": "text", "text": "Hi!", "engine": "offline", **more}


def statuses(chat: Chat, user: Caller, place: str) -> list[str | None]:
    return [message["reply_status"] for message in chat.messages(user, place)]


def test_a_reply_answers_its_messages(chat: Chat, user: Caller, user_id: uuid.UUID, place: str) -> None:
    asked = [chat.send(user, place, text)["id"] for text in ("One", "Two")]
    reply_id = str(uuid7())
    answer = chat.as_ai(
        "PUT", reply_path(place, reply_id), reply_body(*asked, asked[0], text=" Hello there ", engine="model")
    )
    assert (answer.status_code, answer.json) == (201, {"message_id": reply_id, "seq": 3})
    message = chat.messages(user, place)[-1]
    assert message | {"created_at": ""} == {
        "id": reply_id,
        "conversation_id": place,
        "seq": 3,
        "client_id": None,
        "sender": "ai",
        "kind": "text",
        "text": "Hello there",
        "media": None,
        "media_removed": False,
        "billing": None,
        "engine": "model",
        "reply_status": None,
        "reply_to": asked,
        "superseded": False,
        "created_at": "",
        "deleted": False,
    }
    assert statuses(chat, user, place) == ["replied", "replied", None]
    assert chat.emitted(AIReplied) == [
        {
            "message_id": reply_id, "conversation_id": place, "seq": 3, "recipients": [str(user_id)], "kind": "text",
            "answered_seqs": [1, 2], "superseded_seqs": [],
        }
    ]  # fmt: skip


def test_a_reply_brought_twice_is_there_once(chat: Chat, user: Caller, place: str) -> None:
    asked = chat.send(user, place)["id"]
    path = reply_path(place, uuid7())
    first = chat.as_ai("PUT", path, reply_body(asked))
    chat.send(user, place, "Meanwhile")
    again = chat.as_ai("PUT", path, reply_body(asked, text="Written differently"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert len(chat.emitted(AIReplied)) == 1
    assert chat.count("messages") == 3


def test_a_reply_brought_ten_times_at_once_is_there_once(chat: Chat, user: Caller, place: str) -> None:
    asked = chat.send(user, place)["id"]
    path = reply_path(place, uuid7())
    answers = in_parallel(10, lambda _n: chat.as_ai("PUT", path, reply_body(asked)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert [message["seq"] for message in chat.messages(user, place)] == [1, 2]


def test_sends_and_replies_at_once_share_one_gapless_numbering(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    chat.quota.premium.add(str(user_id))
    asked = [chat.send(user, place, f"Text {number}")["id"] for number in range(10)]
    in_parallel(20, lambda n: chat.send(user, place) if n % 2 else chat.reply(place, [asked[n // 2]]))
    assert [message["seq"] for message in chat.messages(user, place)] == list(range(1, 31))


def test_a_failed_reply_marks_its_messages_and_is_told_once(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    asked = [chat.send(user, place, text)["id"] for text in ("One", "Two")]
    reply_id = str(uuid7())
    for _ in range(2):
        chat.fail(place, asked, reply_id=reply_id)
    assert statuses(chat, user, place) == ["failed", "failed"]
    assert chat.emitted(AIReplyFailed) == [
        {
            "reply_id": reply_id, "conversation_id": place, "recipients": [str(user_id)], "message_ids": asked,
            "seqs": [1, 2],
        }
    ]  # fmt: skip


def test_a_reply_is_either_delivered_or_failed(chat: Chat, user: Caller, place: str) -> None:
    asked = chat.send(user, place)["id"]
    failed, delivered = uuid7(), uuid7()
    chat.fail(place, [asked], reply_id=str(failed))
    late = chat.as_ai("PUT", reply_path(place, failed), reply_body(asked))
    assert (late.status_code, problem(late)["code"]) == (409, "reply-settled")
    assert statuses(chat, user, place) == ["failed"]
    chat.reply(place, [asked], reply_id=str(delivered))
    late = chat.as_ai("PUT", reply_path(place, delivered, "/failure"), {"message_ids": [asked]})
    assert (late.status_code, problem(late)["code"]) == (409, "reply-settled")
    assert statuses(chat, user, place) == ["replied", None]


def test_delivery_and_failure_at_once_agree_on_one(chat: Chat, user: Caller, place: str) -> None:
    asked = chat.send(user, place)["id"]
    reply_id = uuid7()

    def bring(number: int) -> int:
        if number % 2:
            return chat.as_ai("PUT", reply_path(place, reply_id), reply_body(asked)).status_code
        return chat.as_ai("PUT", reply_path(place, reply_id, "/failure"), {"message_ids": [asked]}).status_code

    codes = in_parallel(8, bring)
    was_delivered = 201 in codes
    assert codes.count(409) == 4
    assert statuses(chat, user, place) == (["replied", None] if was_delivered else ["failed"])
    assert len(chat.emitted(AIReplied)) + len(chat.emitted(AIReplyFailed)) == 1


@pytest.mark.parametrize("tail", ["", "/failure"])
def test_a_reply_to_what_is_not_there_is_refused(chat: Chat, user: Caller, place: str, tail: str) -> None:
    elsewhere = chat.send(user, str(chat.conversation(user)["id"]))["id"]
    asked = chat.send(user, place)["id"]
    answered = chat.reply(place, [asked])["message_id"]
    for ids in ([elsewhere], [asked, str(uuid7())], [answered]):
        body = {"message_ids": ids} if tail else reply_body(*ids)
        answer = chat.as_ai("PUT", reply_path(place, uuid7(), tail), body)
        assert (answer.status_code, list(problem(answer)["errors"])) == (422, ["message_ids"])
    body = {"message_ids": [asked]} if tail else reply_body(asked)
    assert chat.as_ai("PUT", reply_path(str(uuid7()), uuid7(), tail), body).status_code == 404
    assert chat.count("messages") == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "a" * 4001}, "text"),
        ({"text": "  "}, "text"),
        ({"kind": "voice"}, "kind"),
        ({"kind": "image"}, "media"),
        ({"engine": "other"}, "engine"),
        ({"message_ids": []}, "message_ids"),
        ({"seq": 7}, "seq"),
    ],
)
def test_a_reply_that_is_not_right_is_refused(
    chat: Chat, user: Caller, place: str, change: dict[str, Any], field: str
) -> None:
    asked = chat.send(user, place)["id"]
    answer = chat.as_ai("PUT", reply_path(place, uuid7()), reply_body(asked, **change))
    assert (answer.status_code, list(problem(answer)["errors"])) == (422, [field])


def context(chat: Chat, place: str, message_ids: list[str], limit: int = 8) -> list[str]:
    answer = chat.as_ai(
        "POST", f"/internal/conversations/{place}/context", {"message_ids": message_ids, "limit": limit}
    )
    assert answer.status_code == 200, answer.json
    return [message["text"] for message in answer.json["messages"]]


def test_the_context_names_its_ends_and_tells_no_more_than_needed(chat: Chat, user: Caller, user_id: uuid.UUID) -> None:
    opened = chat.conversation(user)
    asked = chat.send(user, opened["id"], "Hello")
    path = f"/internal/conversations/{opened['id']}/context"
    answer = chat.as_ai("POST", path, {"message_ids": [asked["id"]], "limit": 8})
    assert answer.json == {
        "conversation_id": opened["id"],
        "user_id": str(user_id),
        "companion_id": opened["companion_id"],
        "messages": [{"id": asked["id"], "seq": 1, "sender": "user", "kind": "text", "text": "Hello"}],
    }
    unknown = chat.as_ai(
        "POST", f"/internal/conversations/{uuid7()}/context", {"message_ids": [asked["id"]], "limit": 8}
    )
    assert unknown.status_code == 404


def test_the_context_is_the_last_eight_messages_oldest_first(chat: Chat, user: Caller, place: str) -> None:
    for number in range(6):
        asked = chat.send(user, place, f"Q{number}")["id"]
        chat.reply(place, [asked], f"A{number}")
    last = chat.send(user, place, "Q6")["id"]
    assert context(chat, place, [last]) == ["A2", "Q3", "A3", "Q4", "A4", "Q5", "A5", "Q6"]


def test_what_is_to_be_answered_comes_last_and_later_messages_are_left_out(
    chat: Chat, user: Caller, place: str
) -> None:
    first = chat.send(user, place, "Q1")["id"]
    second, third = (chat.send(user, place, text)["id"] for text in ("Q2", "Q3"))
    chat.send(user, place, "Q4")
    chat.reply(place, [first], "A1")
    assert context(chat, place, [third, second]) == ["Q1", "A1", "Q2", "Q3"]
    assert context(chat, place, [second, third], limit=1) == ["Q3"]
    assert context(chat, place, [second], limit=2) == ["A1", "Q2"]


def test_a_regeneration_sees_neither_the_reply_it_replaces_nor_superseded_ones(
    chat: Chat, user: Caller, place: str
) -> None:
    asked = [chat.send(user, place, text)["id"] for text in ("Q1", "Q2")]
    chat.reply(place, [asked[0]], "A1 first")
    chat.reply(place, [asked[0]], "A1 second")
    chat.reply(place, [asked[1]], "A2")
    assert context(chat, place, [asked[1]]) == ["Q1", "A1 second", "Q2"]


def test_another_reply_supersedes_the_one_before(chat: Chat, user: Caller, place: str) -> None:
    asked = chat.send(user, place)["id"]
    chat.reply(place, [asked], "First")
    chat.reply(place, [asked], "Second")
    assert [message["superseded"] for message in chat.messages(user, place)] == [False, True, False]
    assert [event["superseded_seqs"] for event in chat.emitted(AIReplied)] == [[], [2]]
    assert [event["answered_seqs"] for event in chat.emitted(AIReplied)] == [[1], []]


def test_batches_show_a_viewer_only_what_is_the_viewers(chat: Chat, user: Caller, user_id: uuid.UUID) -> None:
    mine, foreign_user = chat.conversation(user), chat.user(uuid7())
    foreign = chat.conversation(foreign_user)
    sent = chat.send(user, mine["id"])
    chat.send(foreign_user, foreign["id"])
    refs = [(mine["id"], 2), (foreign["id"], 1), (mine["id"], 1), (str(uuid7()), 1)]
    answer = chat.as_gateway(
        "POST",
        "/internal/messages:batch",
        {"viewer": str(user_id), "refs": [{"conversation_id": one, "seq": seq} for one, seq in refs]},
    )
    assert (answer.status_code, answer.json) == (200, {"items": [None, None, sent, None]})
    answer = chat.as_gateway(
        "POST", "/internal/conversations:batch", {"viewer": str(user_id), "ids": [foreign["id"], mine["id"]]}
    )
    shown = user("GET", f"/v1/conversations/{mine['id']}").json
    expected = {**shown, "free_remaining": None, "premium_active": False}
    assert (answer.status_code, answer.json) == (200, {"items": [None, expected]})
    assert chat.quota.standing_calls == [[mine["companion_id"]]]
