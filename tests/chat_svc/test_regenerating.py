"""Asking for a reply once more (CHAT-7, CHAT-8)."""

import uuid
from typing import Any

import pytest
from werkzeug.test import TestResponse

from chassis.contracts.ai import CompanionChanged
from chassis.contracts.chat import AIReplied, AIReplyRequested, MessagesUpdated
from chassis.ids import derive, uuid7
from chassis.testing import Caller, problem
from tests.chat_svc.chat_stand_ins import Chat, in_parallel


@pytest.fixture
def place(chat: Chat, user: Caller) -> str:
    return str(chat.conversation(user)["id"])


def wish(chat: Chat, **more: str) -> dict[str, str]:
    return {"client_id": str(uuid.uuid4()), "permit_id": chat.quota.permit(), **more}


def regenerate(user: Caller, place: str, body: dict[str, str]) -> TestResponse:
    return user("POST", f"/v1/conversations/{place}/regenerate", body)


def answered(chat: Chat, user: Caller, place: str, text: str = "Hello") -> str:
    asked = str(chat.send(user, place, text)["id"])
    chat.reply(place, [asked])
    return asked


def test_the_last_reply_is_written_again_and_supersedes_the_old_one(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    answered(chat, user, place, "Earlier")
    asked = answered(chat, user, place)
    body = wish(chat)
    answer = regenerate(user, place, body)
    assert answer.status_code == 202
    reply_id = answer.json["reply_id"]
    admission_id = str(derive(uuid.UUID(place), "regenerate", user_id, body["client_id"]))
    request: dict[str, Any] = chat.emitted(AIReplyRequested)[-1]
    assert request | {"request_id": "", "companion_id": ""} == {
        "request_id": "", "reply_id": reply_id, "conversation_id": place, "user_id": str(user_id), "companion_id": "",
        "message_ids": [asked], "admission_id": admission_id, "generation": 1, "regenerate": True,
    }  # fmt: skip
    assert chat.emitted(MessagesUpdated) == [{"conversation_id": place, "recipients": [str(user_id)], "seqs": [3]}]
    assert [one["reply_status"] for one in chat.messages(user, place)] == ["replied", None, "pending", None]
    chat.reply(place, [asked], "Better", reply_id=reply_id)
    assert [(one["seq"], one["superseded"], one["reply_status"]) for one in chat.messages(user, place)] == [
        (1, False, "replied"),
        (2, False, None),
        (3, False, "replied"),
        (4, True, None),
        (5, False, None),
    ]
    assert chat.emitted(AIReplied)[-1]["superseded_seqs"] == [4]
    assert chat.quota.counters[str(user_id), request["companion_id"]]["text"] == 7


def test_after_a_failure_all_messages_that_failed_last_are_answered(chat: Chat, user: Caller, place: str) -> None:
    answered(chat, user, place)
    failed = [chat.send(user, place, text)["id"] for text in ("One", "Two")]
    chat.fail(place, failed)
    assert regenerate(user, place, wish(chat)).status_code == 202
    assert chat.emitted(AIReplyRequested)[-1]["message_ids"] == failed
    assert chat.emitted(MessagesUpdated)[-1]["seqs"] == [3, 4]


def test_a_regeneration_that_failed_can_be_tried_again_and_the_old_reply_stays(
    chat: Chat, user: Caller, place: str
) -> None:
    asked = answered(chat, user, place)
    first = regenerate(user, place, wish(chat)).json["reply_id"]
    chat.fail(place, [asked], reply_id=first)
    assert [one["superseded"] for one in chat.messages(user, place)] == [False, False]
    second = regenerate(user, place, wish(chat))
    assert second.status_code == 202
    assert second.json["reply_id"] != first
    assert chat.emitted(AIReplyRequested)[-1]["message_ids"] == [asked]


def test_the_same_client_id_gets_the_same_reply_id_whatever_became_of_it(chat: Chat, user: Caller, place: str) -> None:
    asked = answered(chat, user, place)
    body = wish(chat)
    first = regenerate(user, place, body)
    chat.quota.is_down = True
    again = regenerate(user, place, body)
    chat.reply(place, [asked], reply_id=first.json["reply_id"])
    later = regenerate(user, place, body)
    assert [answer.status_code for answer in (first, again, later)] == [202] * 3
    assert first.json == again.json == later.json
    assert len(chat.emitted(AIReplyRequested)) == 2


def test_twenty_equal_wishes_at_once_are_one_reply_and_one_admission(chat: Chat, user: Caller, place: str) -> None:
    answered(chat, user, place)
    body = wish(chat)
    answers = in_parallel(20, lambda _n: regenerate(user, place, body))
    assert [answer.status_code for answer in answers] == [202] * 20
    assert len({answer.json["reply_id"] for answer in answers}) == 1
    assert len(chat.emitted(AIReplyRequested)) == 2
    assert chat.quota.permits[body["permit_id"]] == 999


def test_ten_different_wishes_at_once_are_one_reply_and_one_admission(chat: Chat, user: Caller, place: str) -> None:
    answered(chat, user, place)
    answers = in_parallel(10, lambda _n: regenerate(user, place, wish(chat)))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 9
    assert {problem(answer)["code"] for answer in answers if answer.status_code == 409} == {"reply-in-progress"}
    assert len(chat.quota.admissions) == 2


def test_there_may_be_nothing_to_regenerate(chat: Chat, user: Caller, place: str) -> None:
    answer = regenerate(user, place, wish(chat))
    assert (answer.status_code, problem(answer)["code"]) == (409, "nothing-to-regenerate")


def test_a_reply_on_its_way_is_waited_for(chat: Chat, user: Caller, place: str) -> None:
    answered(chat, user, place)
    chat.send(user, place)
    answer = regenerate(user, place, wish(chat))
    assert (answer.status_code, problem(answer)["code"]) == (409, "reply-in-progress")
    assert len(chat.quota.admissions) == 2


def test_a_companion_that_left_is_not_asked(chat: Chat, user: Caller) -> None:
    opened = chat.conversation(user)
    answered(chat, user, opened["id"])
    chat.deliver(CompanionChanged(uuid.UUID(opened["companion_id"]), 2, "Mira", None, False, "offline"))
    answer = regenerate(user, opened["id"], wish(chat))
    assert (answer.status_code, problem(answer)["code"]) == (409, "companion-unavailable")


def test_it_is_refused_like_a_text_and_keeps_nobody_out(chat: Chat, user: Caller, user_id: uuid.UUID) -> None:
    opened = chat.conversation(user)
    answered(chat, user, opened["id"])
    body = wish(chat, permit_id=str(uuid7()))
    refused = regenerate(user, opened["id"], body)
    assert (refused.status_code, problem(refused)["code"]) == (403, "permit-invalid")
    counter = chat.quota.counters[str(user_id), opened["companion_id"]]
    counter["text"] = 0
    exhausted = regenerate(user, opened["id"], wish(chat))
    assert (exhausted.status_code, problem(exhausted)["code"]) == (402, "quota-exhausted")
    assert [one["reply_status"] for one in chat.messages(user, opened["id"])] == ["replied", None]
    counter["text"] = 1
    assert regenerate(user, opened["id"], {**body, "permit_id": chat.quota.permit()}).status_code == 202


def test_while_quota_is_away_nothing_is_asked_for_and_the_same_wish_succeeds_later(
    chat: Chat, user: Caller, place: str
) -> None:
    answered(chat, user, place)
    body = wish(chat)
    chat.quota.is_down = True
    answer = regenerate(user, place, body)
    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    assert (chat.count("regenerations"), len(chat.emitted(AIReplyRequested))) == (0, 1)
    chat.quota.is_down = False
    assert regenerate(user, place, body).status_code == 202


def test_a_wish_that_died_while_being_admitted_keeps_others_out_only_for_a_while(
    chat: Chat, user: Caller, place: str
) -> None:
    answered(chat, user, place)
    database = chat.service.database
    with database.transaction():
        database.execute(
            "UPDATE conversations SET regenerating_client = %s, regenerating_until = now() + interval '15 s'",
            (uuid.uuid4(),),
        )
    assert problem(regenerate(user, place, wish(chat)))["code"] == "reply-in-progress"
    with database.transaction():
        database.execute("UPDATE conversations SET regenerating_until = now() - interval '1 ms'")
    assert regenerate(user, place, wish(chat)).status_code == 202


def test_a_wish_that_outlived_its_reservation_does_not_ask_twice(chat: Chat, user: Caller, place: str) -> None:
    answered(chat, user, place)
    codes: list[int] = []

    def be_overtaken(_admission: dict[str, Any]) -> None:
        chat.quota.after_admitting = lambda _admission: None
        with chat.service.database.transaction():
            chat.service.database.execute("UPDATE conversations SET regenerating_until = now() - interval '1 ms'")
        codes.append(regenerate(user, place, wish(chat)).status_code)

    chat.quota.after_admitting = be_overtaken
    slow = regenerate(user, place, wish(chat))
    assert codes == [202]
    assert (slow.status_code, problem(slow)["code"]) == (409, "reply-in-progress")
    assert len(chat.emitted(AIReplyRequested)) == 2


@pytest.mark.parametrize("body", [{}, {"client_id": "x", "permit_id": "y"}, {"client_id": str(uuid7())}])
def test_a_wish_that_is_not_right_is_refused(chat: Chat, user: Caller, place: str, body: dict[str, str]) -> None:
    assert regenerate(user, place, body).status_code == 422
