"""Admissions that nobody spoke of again: chat-svc is asked, and what never became a message is taken back."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chassis.contracts.quota import QuotaChanged
from chassis.errors import Conflict, Unavailable
from tests.quota_svc.quota_harness import Person, Quota

TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def send(quota: Quota, person: Person) -> dict[str, Any]:
    """A send that was admitted."""
    body = person.send(quota.mint(person.id))
    assert quota.admit(body).status_code == 200
    return body


def states(quota: Quota) -> list[str]:
    return [one for (one,) in quota.rows("SELECT state FROM admissions ORDER BY id, generation")]


def test_a_young_admission_is_left_alone(quota: Quota, person: Person, send: dict[str, Any]) -> None:
    quota.age("admissions", "settle_at", TEN_MINUTES - timedelta(seconds=30))
    quota.run_loop("settle")
    assert quota.neighbours.settled == []
    assert states(quota) == ["admitted"]


def test_an_old_one_without_a_message_is_reversed(quota: Quota, person: Person, send: dict[str, Any]) -> None:
    quota.age("admissions", "settle_at", TEN_MINUTES)
    quota.run_loop("settle")
    assert quota.neighbours.settled == [
        {
            "admission_id": send["admission_id"],
            "generation": 1,
            "conversation_id": send["conversation_id"],
            "sender_id": send["sender_id"],
            "client_id": send["client_id"],
        }
    ]
    assert (states(quota), person.text_left) == (["reversed"], 10)
    assert quota.uses_left(send["permit_id"]) == 4
    assert len(quota.emitted(QuotaChanged)) == 2


def test_an_old_one_with_a_message_is_used(quota: Quota, person: Person, send: dict[str, Any]) -> None:
    quota.neighbours.chat_answer = lambda _body: True
    quota.age("admissions", "settle_at", TEN_MINUTES)
    quota.run_loop("settle")
    quota.age("admissions", "settle_at", TEN_MINUTES)
    quota.run_loop("settle")
    assert len(quota.neighbours.settled) == 1
    assert (states(quota), person.text_left) == (["used"], 9)


@pytest.mark.parametrize("error", [Unavailable(), Conflict()])
def test_without_a_clear_word_nothing_is_reversed_and_it_is_asked_again(
    quota: Quota, person: Person, send: dict[str, Any], error: Exception
) -> None:
    def refuse(_body: dict[str, Any]) -> bool:
        raise error

    quota.neighbours.chat_answer = refuse
    quota.age("admissions", "settle_at", TEN_MINUTES)
    quota.run_loop("settle")
    assert (states(quota), person.text_left) == (["admitted"], 9)
    asked = len(quota.neighbours.settled)
    quota.run_loop("settle")
    assert len(quota.neighbours.settled) == asked
    quota.neighbours.chat_answer = lambda _body: False
    quota.age("admissions", "settle_at", timedelta(minutes=2))
    quota.run_loop("settle")
    assert (states(quota), person.text_left) == (["reversed"], 10)


def test_an_answer_that_is_neither_yes_nor_no_reverses_nothing(
    quota: Quota, person: Person, send: dict[str, Any]
) -> None:
    quota.neighbours.chat_answer = lambda _body: None  # type: ignore[assignment,return-value]  # a broken neighbour
    quota.age("admissions", "settle_at", TEN_MINUTES)
    quota.run_loop("settle")
    assert (states(quota), person.text_left) == (["admitted"], 9)


def test_one_that_fails_does_not_hold_up_the_others(quota: Quota, person: Person, send: dict[str, Any]) -> None:
    others = [person.send(send["permit_id"]) for _ in range(3)]
    for other in others:
        quota.admit(other)

    def answer(body: dict[str, Any]) -> bool:
        if body["admission_id"] == send["admission_id"]:
            raise Conflict()
        return False

    quota.neighbours.chat_answer = answer
    quota.age("admissions", "settle_at", TEN_MINUTES)
    quota.run_loop("settle")
    assert sorted(states(quota)) == ["admitted"] + ["reversed"] * 3


def test_a_long_queue_is_worked_off_in_batches(quota: Quota) -> None:
    people = [Person(quota) for _ in range(5)]
    for person in people:
        permit = quota.mint(person.id)
        for _ in range(5):
            quota.admit(person.send(permit))
    quota.age("admissions", "settle_at", TEN_MINUTES)
    assert [quota.run_loop("settle"), quota.run_loop("settle")] == [True, False]
    assert set(states(quota)) == {"reversed"}
    assert [person.text_left for person in people] == [10] * 5


def test_reply_failure_and_settling_at_once_return_once(quota: Quota, person: Person, send: dict[str, Any]) -> None:
    quota.age("admissions", "settle_at", TEN_MINUTES)
    settle = quota.service.usecases.settlement.settle
    body = {"admissions": [{"admission_id": send["admission_id"], "generation": 1}]}
    reverse = partial(quota.post, "/internal/admissions/reverse", body, "ai-svc")
    quota.at_once([settle, reverse, settle, reverse])
    assert (states(quota), person.text_left) == (["reversed"], 10)
    assert len(quota.emitted(QuotaChanged)) == 2
