"""Spends: what replies with media take from the free quota, once per reply, and give back once (QUOTA-1, QUOTA-2)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from chassis.contracts.quota import QuotaChanged
from chassis.ids import uuid7
from chassis.testing import eventually, problem
from quota_svc.queries.checks import faults
from tests.quota_svc.quota_harness import Person, Quota


def spend_of(person: Person, kind: str = "image", spend_id: UUID | None = None, **more: Any) -> dict[str, Any]:
    """The body of a reply's spend."""
    return {
        "spend_id": str(spend_id or uuid7()),
        "user_id": str(person.id),
        "companion_id": str(person.companion_id),
        "conversation_id": str(person.conversation_id),
        "kind": kind,
        **more,
    }


def spend(quota: Quota, body: dict[str, Any]) -> TestResponse:
    return quota.post("/internal/spends", body, "ai-svc")


def give_back(quota: Quota, spend_id: str) -> bool:
    answer = quota.post(f"/internal/spends/{spend_id}/return", None, "ai-svc")
    assert answer.status_code == 200, answer.json
    return bool(answer.json["returned"])


def left(quota: Quota, person: Person) -> tuple[int, int, int]:
    """Text, media and audio."""
    body = {"user_id": str(person.id), "companion_ids": [str(person.companion_id)]}
    found = quota.post("/internal/standing", body).json["quotas"][str(person.companion_id)]
    return found["text"], found["media"], found["audio"]


def test_pictures_and_videos_take_media_and_voice_takes_audio(quota: Quota, person: Person) -> None:
    for kind, spent, remaining in [("image", "media", (10, 1, 3)), ("video", "media", (10, 0, 3)),
                                   ("voice", "audio", (10, 0, 2))]:  # fmt: skip
        answer = spend(quota, spend_of(person, kind))
        assert (answer.status_code, answer.json) == (200, {"spent": spent})
        assert left(quota, person) == remaining
    told = {
        "user_id": str(person.id),
        "companion_id": str(person.companion_id),
        "conversation_id": str(person.conversation_id),
    }
    assert quota.emitted(QuotaChanged) == [told] * 3
    assert faults(quota.service.database) == []


def test_the_same_spend_again_takes_nothing(quota: Quota, person: Person) -> None:
    body = spend_of(person)
    assert {str(spend(quota, body).json) for _ in range(20)} == {"{'spent': 'media'}"}
    assert left(quota, person) == (10, 1, 3)
    assert len(quota.emitted(QuotaChanged)) == 1


def test_at_zero_it_is_refused_and_not_remembered(quota: Quota, person: Person) -> None:
    quota.execute("UPDATE quotas SET media_left = 0")
    body = spend_of(person)
    refused = spend(quota, body)
    assert refused.status_code == 402
    assert problem(refused)["code"] == "quota-exhausted"
    assert quota.rows("SELECT FROM spends") == []
    assert quota.emitted(QuotaChanged) == []
    assert spend(quota, spend_of(person, "voice")).json == {"spent": "audio"}
    quota.execute("UPDATE quotas SET media_left = 1")
    assert spend(quota, body).json == {"spent": "media"}


def test_a_missing_counter_is_zero(quota: Quota, person: Person) -> None:
    assert spend(quota, spend_of(person, companion_id=str(uuid7()))).status_code == 402


def test_premium_spends_nothing(quota: Quota, person: Person) -> None:
    quota.service.usecases.premium.grant(uuid7(), person.id, 1, "test")
    for kind in ("image", "video", "voice") * 3:
        assert spend(quota, spend_of(person, kind)).json == {"spent": "nothing"}
    assert left(quota, person) == (10, 2, 3)
    assert quota.emitted(QuotaChanged) == []


def test_what_was_spent_is_told_again_also_when_premium_came_meanwhile(quota: Quota, person: Person) -> None:
    body = spend_of(person)
    spend(quota, body)
    quota.service.usecases.premium.grant(uuid7(), person.id, 1, "test")
    assert spend(quota, body).json == {"spent": "media"}
    assert give_back(quota, body["spend_id"])
    assert left(quota, person) == (10, 2, 3)


@pytest.mark.parametrize(("kind", "remaining"), [("image", (10, 1, 3)), ("video", (10, 1, 3)), ("voice", (10, 2, 2))])
def test_a_returned_spend_is_given_back_once(
    quota: Quota, person: Person, kind: str, remaining: tuple[int, int, int]
) -> None:
    body = spend_of(person, kind)
    spend(quota, body)
    assert left(quota, person) == remaining
    assert [give_back(quota, body["spend_id"]) for _ in range(3)] == [True, False, False]
    assert left(quota, person) == (10, 2, 3)
    assert len(quota.emitted(QuotaChanged)) == 2
    assert faults(quota.service.database) == []


def test_a_returned_spend_asked_again_is_a_conflict(quota: Quota, person: Person) -> None:
    body = spend_of(person)
    spend(quota, body)
    give_back(quota, body["spend_id"])
    refused = spend(quota, body)
    assert (refused.status_code, problem(refused)["code"]) == (409, "spend-returned")
    assert left(quota, person) == (10, 2, 3)


def test_one_returned_before_it_came_can_not_come_any_more(quota: Quota, person: Person) -> None:
    body = spend_of(person)
    assert [give_back(quota, body["spend_id"]) for _ in range(2)] == [False, False]
    assert problem(spend(quota, body))["code"] == "spend-returned"
    assert left(quota, person) == (10, 2, 3)
    assert faults(quota.service.database) == []


def test_what_premium_did_not_spend_is_not_given_back(quota: Quota, person: Person) -> None:
    quota.service.usecases.premium.grant(uuid7(), person.id, 1, "test")
    body = spend_of(person)
    spend(quota, body)
    assert [give_back(quota, body["spend_id"]) for _ in range(2)] == [True, False]
    assert left(quota, person) == (10, 2, 3)
    assert quota.emitted(QuotaChanged) == []


@pytest.mark.parametrize("other", ["user_id", "companion_id", "conversation_id"])
def test_an_id_of_another_reply_is_a_conflict(quota: Quota, person: Person, other: str) -> None:
    body = spend_of(person)
    spend(quota, body)
    refused = spend(quota, {**body, other: str(uuid7())})
    assert (refused.status_code, problem(refused)["code"]) == (409, "spend-mismatch")
    assert problem(spend(quota, {**body, "kind": "video"}))["code"] == "spend-mismatch"
    assert left(quota, person) == (10, 1, 3)


@pytest.mark.parametrize("kind", ["image", "voice"])
def test_fifty_parallel_spends_take_exactly_what_there_is(quota: Quota, person: Person, kind: str) -> None:
    answers = quota.at_once([partial(spend, quota, spend_of(person, kind)) for _ in range(50)])
    there = 2 if kind == "image" else 3
    assert sorted(one.status_code for one in answers) == [200] * there + [402] * (50 - there)
    assert min(left(quota, person)) == 0
    assert len(quota.rows("SELECT FROM spends")) == there
    assert faults(quota.service.database) == []


def test_one_spend_fifty_times_at_once_takes_one(quota: Quota, person: Person) -> None:
    body = spend_of(person)
    answers = quota.at_once([partial(spend, quota, body) for _ in range(50)])
    assert {(one.status_code, str(one.json)) for one in answers} == {(200, "{'spent': 'media'}")}
    assert left(quota, person) == (10, 1, 3)
    assert len(quota.emitted(QuotaChanged)) == 1


def test_spending_and_returning_one_at_once_ends_with_nothing_spent(quota: Quota, person: Person) -> None:
    for _ in range(5):
        body = spend_of(person)
        back = partial(quota.post, f"/internal/spends/{body['spend_id']}/return", None, "ai-svc")
        answers = quota.at_once([partial(spend, quota, body) if turn % 2 else back for turn in range(20)])
        assert {one.status_code for one in answers} <= {200, 409}
        assert left(quota, person) == (10, 2, 3)
    assert faults(quota.service.database) == []


def test_a_return_waits_for_the_spend_that_is_being_made(quota: Quota, person: Person) -> None:
    body = spend_of(person)
    with ThreadPoolExecutor(1) as pool, closing(quota.service.database.listen_connection()) as other:
        other.autocommit = False
        cursor = other.cursor()
        cursor.execute("UPDATE quotas SET media_left = media_left - 1")
        cursor.execute(
            "INSERT INTO spends (id, user_id, companion_id, conversation_id, kind, spent)"
            " VALUES (%(spend_id)s, %(user_id)s, %(companion_id)s, %(conversation_id)s, %(kind)s, 'media')",
            body,
        )
        waiting = pool.submit(give_back, quota, body["spend_id"])
        eventually(lambda: quota.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
        other.commit()
        assert waiting.result(60)
    assert left(quota, person) == (10, 2, 3)


@pytest.mark.parametrize(
    "change", [{"kind": "text"}, {"kind": None}, {"spend_id": "x"}, {"user_id": 1}, {"extra": 1}, {"kind": "IMAGE"}]
)
def test_a_body_that_makes_no_sense_is_refused(quota: Quota, person: Person, change: dict[str, object]) -> None:
    assert spend(quota, {**spend_of(person), **change}).status_code == 422


def test_an_id_that_is_none_of_ours_is_unknown(quota: Quota) -> None:
    for path in ("x", "0" * 36, str(uuid7()).upper()):
        assert quota.post(f"/internal/spends/{path}/return", None, "ai-svc").status_code == 404


@pytest.mark.parametrize(
    "corruption",
    [
        "UPDATE quotas SET media_left = media_left + 1",
        "UPDATE quotas SET media_left = media_left - 1",
        "UPDATE quotas SET audio_left = audio_left - 1",
        "UPDATE spends SET state = 'returned'",
        "UPDATE spends SET spent = 'nothing'",
        "UPDATE spends SET companion_id = gen_random_uuid()",
        "DELETE FROM spends",
    ],
)
def test_a_broken_row_is_found(quota: Quota, person: Person, corruption: str) -> None:
    spend(quota, spend_of(person))
    assert faults(quota.service.database) == []
    assert quota.execute(corruption) == 1
    found = faults(quota.service.database)
    assert {fault.guarantee for fault in found} == {10}
    assert all(fault.subject and fault.what for fault in found)
