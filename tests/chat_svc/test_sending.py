"""Sending a text to a companion (CHAT-4, CHAT-5): what is refused in which order, and what happens once only."""

import threading
import uuid
from typing import Any

import pytest

from chassis.contracts.ai import CompanionChanged
from chassis.contracts.chat import AIReplyRequested, MessagePosted
from chassis.ids import derive, uuid7
from chassis.testing import Caller, problem
from tests.chat_svc.chat_stand_ins import Chat, in_parallel


@pytest.fixture
def place(chat: Chat, user: Caller) -> str:
    return str(chat.conversation(user)["id"])


def path_of(place: str) -> str:
    return f"/v1/conversations/{place}/messages"


def test_a_sent_text_is_a_message_with_its_events(chat: Chat, user: Caller, user_id: uuid.UUID, place: str) -> None:
    draft = chat.draft("  Hello you \n")
    answer = user("POST", path_of(place), draft)
    assert answer.status_code == 201
    message = answer.json
    assert message | {"id": "", "created_at": ""} == {
        "id": "",
        "conversation_id": place,
        "seq": 1,
        "client_id": draft["client_id"],
        "sender": "user",
        "kind": "text",
        "text": "Hello you",
        "media": None,
        "media_removed": False,
        "billing": None,
        "engine": None,
        "reply_status": "pending",
        "reply_to": None,
        "superseded": False,
        "created_at": "",
        "deleted": False,
    }
    admission_id = str(derive(uuid.UUID(place), "send", user_id, draft["client_id"]))
    assert list(chat.quota.admissions) == [admission_id]
    assert chat.emitted(MessagePosted) == [
        {
            "message_id": message["id"], "conversation_id": place, "seq": 1, "sender_id": str(user_id),
            "recipients": [str(user_id)], "kind": "text", "admission_id": admission_id, "generation": 1,
        }
    ]  # fmt: skip
    assert chat.emitted(AIReplyRequested) == [
        {
            "request_id": message["id"], "reply_id": str(derive(uuid.UUID(message["id"]), "reply")),
            "conversation_id": place, "user_id": str(user_id),
            "companion_id": chat.quota.admissions[admission_id]["companion_id"], "message_ids": [message["id"]],
            "admission_id": admission_id, "generation": 1, "regenerate": False,
        }
    ]  # fmt: skip
    assert chat.messages(user, place) == [message]


def test_the_same_client_id_gives_the_same_message_whatever_became_of_permit_and_quota(
    chat: Chat, user: Caller, place: str
) -> None:
    draft = chat.draft()
    first = user("POST", path_of(place), draft)
    chat.quota.permits.clear()
    chat.quota.is_down = True
    again = user("POST", path_of(place), {**draft, "permit_id": str(uuid7()), "text": "\tHello you "})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert len(chat.emitted(MessagePosted)) == 1


def test_the_same_client_id_with_another_text_is_refused(chat: Chat, user: Caller, place: str) -> None:
    draft = chat.draft()
    assert user("POST", path_of(place), draft).status_code == 201
    answer = user("POST", path_of(place), {**draft, "text": "Something else"})
    assert (answer.status_code, problem(answer)["code"]) == (409, "client-id-reused")
    assert len(chat.quota.admissions) == 1


def test_a_client_id_is_free_again_in_another_conversation(chat: Chat, user: Caller, place: str) -> None:
    draft = chat.draft()
    other = chat.conversation(user)["id"]
    answers = [user("POST", path_of(one), draft) for one in (place, other)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json["id"] != answers[1].json["id"]


def test_twenty_equal_sends_at_once_are_one_message_and_one_admission(chat: Chat, user: Caller, place: str) -> None:
    draft = chat.draft()
    answers = in_parallel(20, lambda _n: user("POST", path_of(place), draft))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({str(answer.json) for answer in answers}) == 1
    assert len(chat.quota.admissions) == 1
    assert chat.quota.permits[draft["permit_id"]] == 999
    assert (chat.count("messages"), len(chat.emitted(AIReplyRequested))) == (1, 1)
    assert chat.row("SELECT last_seq FROM conversations") == (1,)


def test_of_two_bodies_under_one_client_id_at_once_one_is_refused(chat: Chat, user: Caller, place: str) -> None:
    draft = chat.draft()
    met = threading.Barrier(2, timeout=60)
    chat.quota.before_admitting = met.wait
    answers = in_parallel(2, lambda n: user("POST", path_of(place), {**draft, "text": f"Text {n}"}))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert chat.count("messages") == 1


def test_thirty_sends_at_once_leave_no_gap(chat: Chat, user: Caller, user_id: uuid.UUID, place: str) -> None:
    chat.quota.premium.add(str(user_id))
    sent = in_parallel(30, lambda n: chat.send(user, place, f"Message {n}"))
    assert sorted(message["seq"] for message in sent) == list(range(1, 31))
    listed = chat.messages(user, place, "?limit=100")
    assert [message["seq"] for message in listed] == list(range(1, 31))
    assert [message["created_at"] for message in listed] == sorted(message["created_at"] for message in listed)
    assert sorted(event["seq"] for event in chat.emitted(MessagePosted)) == list(range(1, 31))


@pytest.mark.parametrize("text", ["a" * 4000, "\U0001f600" * 4000, " " + "ü" * 4000 + "\n"])
def test_four_thousand_code_points_are_accepted(chat: Chat, user: Caller, place: str, text: str) -> None:
    assert chat.send(user, place, text)["text"] == text.strip()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "a" * 4001}, "text"),
        ({"text": "\U0001f600" * 4001}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \n\t "}, "text"),
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"text": "bell \a"}, "text"),
        ({"client_id": "mine"}, "client_id"),
        ({"client_id": None}, "client_id"),
        ({"permit_id": " "}, "permit_id"),
        ({"permit_id": 5}, "permit_id"),
        ({"permit_id": "p" * 201}, "permit_id"),
        ({"kind": "gif"}, "kind"),
        ({"upload_id": str(uuid7())}, "upload_id"),
        ({"price_tokens": 1}, "price_tokens"),
        ({"sender": "ai"}, "sender"),
    ],
)
def test_a_body_that_is_not_right_is_refused_by_field(
    chat: Chat, user: Caller, place: str, change: dict[str, Any], field: str
) -> None:
    answer = user("POST", path_of(place), {**chat.draft(), **change})
    assert answer.status_code == 422
    assert list(problem(answer)["errors"]) == [field]
    assert chat.quota.admissions == {}


@pytest.mark.parametrize("field", ["client_id", "permit_id", "kind", "text"])
def test_a_missing_field_is_named(chat: Chat, user: Caller, place: str, field: str) -> None:
    draft = chat.draft()
    del draft[field]
    answer = user("POST", path_of(place), draft)
    assert (answer.status_code, list(problem(answer)["errors"])) == (422, [field])


def deactivate(chat: Chat, companion_id: str) -> None:
    chat.deliver(CompanionChanged(uuid.UUID(companion_id), 9, "Mira", None, False, "offline"))


def test_refusals_come_in_the_agreed_order(chat: Chat, user: Caller) -> None:
    opened = chat.conversation(user)
    path = path_of(opened["id"])
    sent = chat.draft()
    assert user("POST", path, sent).status_code == 201
    chat.quota.permits.clear()
    chat.quota.counters.clear()
    deactivate(chat, opened["companion_id"])
    blank, unknown = {**sent, "text": " "}, path_of(str(uuid7()))
    assert chat.anonymous()("POST", unknown, blank).status_code == 401
    assert user("POST", unknown, blank).status_code == 422
    assert user("POST", unknown, sent).status_code == 404
    assert user("POST", path, sent).status_code == 200
    assert problem(user("POST", path, {**sent, "text": "Other"}))["code"] == "client-id-reused"
    calls = len(chat.quota.calls)
    answer = user("POST", path, {**chat.draft(), "permit_id": str(uuid7())})
    assert (answer.status_code, problem(answer)["code"]) == (409, "companion-unavailable")
    assert len(chat.quota.calls) == calls


def test_a_bad_permit_is_refused_before_an_empty_quota_and_nothing_is_spent(
    chat: Chat, user: Caller, user_id: uuid.UUID
) -> None:
    opened = chat.conversation(user)
    counter = chat.quota.counters[str(user_id), opened["companion_id"]]
    counter["text"] = 0
    draft = chat.draft()
    for permit_id in (str(uuid7()), "anything"):
        refused = user("POST", path_of(opened["id"]), {**draft, "permit_id": permit_id})
        assert (refused.status_code, problem(refused)["code"]) == (403, "permit-invalid")
    draft["permit_id"] = chat.quota.permit(uses=1)
    exhausted = user("POST", path_of(opened["id"]), draft)
    assert (exhausted.status_code, problem(exhausted)["code"]) == (402, "quota-exhausted")
    assert chat.count("messages") == 0
    assert chat.row("SELECT last_seq FROM conversations") == (0,)
    assert chat.quota.permits[draft["permit_id"]] == 1
    counter["text"] = 1
    assert user("POST", path_of(opened["id"]), draft).status_code == 201


def test_the_eleventh_free_text_is_refused(chat: Chat, user: Caller, place: str) -> None:
    for number in range(10):
        chat.send(user, place, f"Text {number}")
    answer = user("POST", path_of(place), chat.draft())
    assert (answer.status_code, problem(answer)["code"]) == (402, "quota-exhausted")


def test_while_quota_is_away_nothing_is_written_and_the_same_send_succeeds_later(
    chat: Chat, user: Caller, place: str
) -> None:
    draft = chat.draft()
    events = len(chat.emitted())
    chat.quota.is_down = True
    answer = user("POST", path_of(place), draft)
    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    assert (chat.count("messages"), len(chat.emitted())) == (0, events)
    chat.quota.is_down = False
    assert user("POST", path_of(place), draft).status_code == 201


def test_a_send_whose_admission_was_not_heard_of_spends_once(chat: Chat, user: Caller, place: str) -> None:
    draft = chat.draft()
    chat.quota.loses_answer = True
    assert user("POST", path_of(place), draft).status_code == 503
    chat.quota.loses_answer = False
    assert user("POST", path_of(place), draft).status_code == 201
    assert len(chat.quota.admissions) == 1
    assert chat.quota.permits[draft["permit_id"]] == 999


def test_written_messages_are_counted_by_kind_and_sender(chat: Chat, user: Caller, place: str) -> None:
    message = chat.send(user, place)
    chat.reply(place, [message["id"]])
    scraped = chat.stranger().get("/metrics").text
    assert 'duet_chat_messages_total{kind="text",sender="user"} 1.0' in scraped
    assert 'duet_chat_messages_total{kind="text",sender="ai"} 1.0' in scraped
