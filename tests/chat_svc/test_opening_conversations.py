"""Opening a conversation with a companion (CHAT-1)."""

import uuid

import pytest

from chassis.contracts.ai import CompanionChanged
from chassis.contracts.chat import ConversationChanged
from chassis.ids import uuid7
from chassis.testing import Caller, problem
from tests.chat_svc.chat_stand_ins import Chat, in_parallel
from tests.chat_svc.media_stand_in import RULES


def test_a_conversation_opens_with_the_free_quota(chat: Chat, user: Caller, user_id: uuid.UUID) -> None:
    companion = chat.ai.add("Mira")
    answer = user("POST", "/v1/conversations", {"companion_id": companion})
    assert answer.status_code == 201
    opened = answer.json
    assert opened | {"id": "", "created_at": ""} == {
        "id": "",
        "type": "companion",
        "companion_id": companion,
        "peer": {"id": companion, "name": "Mira", "username": None, "avatar_key": "companions/mira/avatar"},
        "payer_id": None,
        "earner_id": None,
        "payer_daily_limit": None,
        "payer_spent_today": None,
        "free_remaining": {"text": 10, "media": 2, "audio": 3},
        "premium_active": False,
        "engine": "offline",
        "media_rules": RULES,
        "last_message_preview": None,
        "last_message_at": None,
        "last_seq": 0,
        "read_seq": 0,
        "peer_read_seq": None,
        "peer_delivered_seq": None,
        "unread": False,
        "unread_count": 0,
        "created_at": "",
    }
    assert chat.emitted(ConversationChanged) == [{"conversation_id": opened["id"], "recipients": [str(user_id)]}]


def test_opening_again_gives_the_same_conversation_and_resets_nothing(chat: Chat, user: Caller) -> None:
    first = chat.conversation(user)
    chat.send(user, first["id"])
    again = user("POST", "/v1/conversations", {"companion_id": first["companion_id"]})
    assert again.status_code == 200
    assert again.json["id"] == first["id"]
    assert again.json["free_remaining"] == {"text": 9, "media": 2, "audio": 3}
    assert len(chat.emitted(ConversationChanged)) == 1


def test_twenty_openings_at_once_make_one_conversation(chat: Chat, user: Caller) -> None:
    companion = chat.ai.add()
    answers = in_parallel(20, lambda _n: user("POST", "/v1/conversations", {"companion_id": companion}))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json["id"] for answer in answers}) == 1
    assert (chat.count("conversations"), chat.count("participants")) == (1, 1)
    assert len(chat.emitted(ConversationChanged)) == 1


def test_an_inactive_companion_cannot_be_told_from_an_unknown_one(chat: Chat, user: Caller) -> None:
    inactive = problem(user("POST", "/v1/conversations", {"companion_id": chat.ai.add(is_active=False)}))
    unknown = problem(user("POST", "/v1/conversations", {"companion_id": str(uuid7())}))
    assert {**inactive, "request_id": ""} == {**unknown, "request_id": ""}
    assert unknown["code"] == "not-found"
    assert chat.count("conversations") == 0
    assert chat.quota.opened == {}


def test_a_conversation_that_is_there_opens_although_its_companion_left(chat: Chat, user: Caller) -> None:
    opened = chat.conversation(user)
    chat.ai.known[opened["companion_id"]]["is_active"] = False
    assert chat.conversation(user, opened["companion_id"])["id"] == opened["id"]


@pytest.mark.parametrize("away", ["quota", "ai"])
def test_while_a_neighbour_is_away_nothing_is_opened(chat: Chat, user: Caller, away: str) -> None:
    companion = chat.ai.add()
    neighbour = getattr(chat, away)
    neighbour.is_down = True
    answer = user("POST", "/v1/conversations", {"companion_id": companion})
    assert answer.status_code == 503
    assert problem(answer)["code"] == "unavailable"
    assert answer.headers["Retry-After"]
    assert [chat.count(table) for table in ("conversations", "participants", "companions", "outbox")] == [0, 0, 0, 0]
    neighbour.is_down = False
    assert user("POST", "/v1/conversations", {"companion_id": companion}).status_code == 201


@pytest.mark.parametrize(
    "body", [{}, {"companion_id": "x"}, {"companion_id": None}, {"companion_id": 1}, {"user_id": str(uuid7())}, []]
)
def test_a_body_that_names_no_companion_is_refused(chat: Chat, user: Caller, body: object) -> None:
    answer = user("POST", "/v1/conversations", body)
    assert answer.status_code == 422
    assert problem(answer)["errors"]
    assert chat.ai.calls == []


def test_names_and_activity_follow_the_companion_and_late_news_change_nothing(chat: Chat, user: Caller) -> None:
    opened = chat.conversation(user)

    def change(version: int, name: str, *, is_active: bool = True, engine: str = "model") -> CompanionChanged:
        return CompanionChanged(uuid.UUID(opened["companion_id"]), version, name, None, is_active, engine)

    chat.deliver(change(3, "Mira the Third"), times=2)
    chat.deliver(change(2, "Mira the Second", is_active=False, engine="offline"))
    shown = user("GET", f"/v1/conversations/{opened['id']}").json
    assert shown["peer"] == {
        "id": opened["companion_id"], "name": "Mira the Third", "username": None, "avatar_key": None,
    }  # fmt: skip
    assert shown["engine"] == "model"


def test_news_of_a_companion_that_nobody_talks_to_are_kept(chat: Chat, user: Caller) -> None:
    companion = chat.ai.add("Old name")
    chat.deliver(CompanionChanged(uuid.UUID(companion), 7, "New name", None, True, "model"))
    assert chat.conversation(user, companion)["peer"]["name"] == "New name"
