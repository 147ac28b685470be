"""The rules of media that conversations tell, and what media-svc asks about who talks with whom."""

import uuid
from typing import Any

import pytest

from chassis.errors import Unavailable
from chassis.ids import uuid7
from chassis.testing import Caller
from chat_svc.domain.media import AWAY, Rules
from chat_svc.usecases.media_rules import MediaRules
from tests.chat_svc.chat_stand_ins import Chat, in_parallel
from tests.chat_svc.media_stand_in import RULES


class Source:
    """Answers for the rules as scripted."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: Rules | None = RULES

    def rules(self) -> Rules:
        self.asked += 1
        if self.answer is None:
            raise Unavailable()
        return self.answer


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rules(source: Source, clock: Clock) -> MediaRules:
    return MediaRules(source, clock)


def test_the_rules_are_asked_for_once_in_five_minutes(rules: MediaRules, source: Source, clock: Clock) -> None:
    assert in_parallel(8, lambda _n: rules.refreshed()) == [RULES] * 8
    clock.now += 299
    rules.refreshed()
    assert source.asked == 1
    clock.now += 2
    source.answer = {"image": {}}
    assert rules.refreshed() == {"image": {}}
    assert source.asked == 2


def test_the_last_known_rules_are_told_while_media_is_away_and_it_is_asked_again_soon(
    rules: MediaRules, source: Source, clock: Clock
) -> None:
    rules.refreshed()
    source.answer = None
    clock.now += 301
    assert [rules.refreshed() for _ in range(3)] == [RULES] * 3
    assert source.asked == 2
    clock.now += 6
    source.answer = {"image": {}}
    assert rules.refreshed() == {"image": {}}


def test_before_the_first_answer_nothing_is_allowed_and_it_is_said_why(
    rules: MediaRules, source: Source, clock: Clock
) -> None:
    source.answer = None
    told = rules.refreshed()
    assert set(told) == {"image", "video", "voice"}
    assert {(rule["allowed"], rule["reason"]) for rule in told.values()} == {(False, AWAY)}
    assert {tuple(rule) for rule in told.values()} == {tuple(RULES["image"])}
    assert rules.known() == told
    assert source.asked == 1
    source.answer = RULES
    clock.now += 6
    assert rules.refreshed() == RULES


def test_conversations_are_shown_while_media_is_away(chat: Chat, user: Caller) -> None:
    chat.media.is_down = True
    opened = chat.conversation(user)
    assert opened["media_rules"]["image"]["reason"] == AWAY
    assert user("GET", f"/v1/conversations/{opened['id']}").status_code == 200
    assert user("GET", "/v1/conversations").status_code == 200


def test_batches_for_the_stream_ask_no_neighbour_and_tell_the_rules_that_are_known(
    chat: Chat, user: Caller, user_id: uuid.UUID
) -> None:
    place = chat.conversation(user)["id"]
    calls = [list(one.calls) for one in (chat.media, chat.quota, chat.ai)]
    body = {"viewer": str(user_id), "ids": [place]}
    (shown,) = chat.as_gateway("POST", "/internal/conversations:batch", body).json["items"]
    assert shown["media_rules"] == RULES
    assert [one.calls for one in (chat.media, chat.quota, chat.ai)] == calls


def test_a_loop_learns_the_rules_before_anybody_asks(chat: Chat) -> None:
    chat.run_loop("media-rules")
    chat.run_loop("media-rules")
    assert chat.media.asked_rules == 1
    assert chat.service.usecases.media_rules.known() == RULES


def standing(chat: Chat, user_id: object, places: list[str], companions: list[str]) -> Any:
    body = {"user_id": str(user_id), "conversation_ids": places, "companion_ids": companions}
    return chat.neighbour("media-svc")("POST", "/internal/conversations/standing", body)


def test_media_learns_which_conversations_and_companions_are_a_user_s(
    chat: Chat, user: Caller, user_id: uuid.UUID
) -> None:
    mine = [chat.conversation(user) for _ in range(2)]
    foreign = chat.conversation(chat.user(uuid7()))
    answer = standing(
        chat, user_id, [mine[1]["id"], foreign["id"], str(uuid7())], [mine[0]["companion_id"], foreign["companion_id"]]
    )
    assert (answer.status_code, answer.json) == (
        200,
        {
            "conversations": [
                {"conversation_id": mine[1]["id"], "type": "companion", "companion_id": mine[1]["companion_id"]}
            ],
            "companion_ids": [mine[0]["companion_id"]],
        },
    )
    assert standing(chat, user_id, [], []).json == {"conversations": [], "companion_ids": []}
    assert standing(chat, user_id, [str(uuid7())] * 201, []).status_code == 422
