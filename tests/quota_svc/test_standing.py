"""Free quotas and the standing that the neighbours ask for (QUOTA-1, QUOTA-2)."""

import pytest

from chassis.ids import uuid7
from tests.quota_svc.quota_harness import Person, Quota

FULL = {"text": 10, "media": 2, "audio": 3}


def test_a_conversation_opens_with_ten_texts_two_media_and_three_audio(quota: Quota) -> None:
    assert quota.open(uuid7(), uuid7()) == {"free_remaining": FULL, "premium_active": False}


def test_opening_again_never_resets(quota: Quota, person: Person) -> None:
    quota.admit(person.send(quota.mint(person.id)))
    again = quota.open(person.id, person.companion_id)
    assert again["free_remaining"] == {**FULL, "text": 9}
    assert quota.open(person.id, uuid7())["free_remaining"] == FULL


def test_standing_tells_each_companion_and_leaves_out_the_unknown(quota: Quota, person: Person) -> None:
    other, unknown = uuid7(), uuid7()
    quota.open(person.id, other)
    quota.open(uuid7(), unknown)
    asked = [str(person.companion_id), str(other), str(unknown)]
    for caller in ("chat-svc", "gateway"):
        answer = quota.post("/internal/standing", {"user_id": str(person.id), "companion_ids": asked}, caller)
        assert answer.json == {
            "premium_active": False,
            "premium_until": None,
            "quotas": {str(person.companion_id): FULL, str(other): FULL},
        }


def test_standing_without_companions_tells_premium(quota: Quota) -> None:
    user = uuid7()
    until = quota.service.usecases.premium.grant(uuid7(), user, 30, "test")
    answer = quota.post("/internal/standing", {"user_id": str(user), "companion_ids": []}, "gateway").json
    assert (answer["premium_active"], answer["quotas"]) == (True, {})
    assert answer["premium_until"] == f"{until:%Y-%m-%dT%H:%M:%S}.{until.microsecond // 1000:03}Z"
    assert quota.open(user, uuid7())["premium_active"] is True


def test_premium_that_is_over_is_told_as_over(quota: Quota) -> None:
    user = uuid7()
    quota.service.usecases.premium.grant(uuid7(), user, 30, "test")
    quota.execute("UPDATE premium SET premium_until = now() - interval '1 second'")
    answer = quota.post("/internal/standing", {"user_id": str(user), "companion_ids": []}).json
    assert answer["premium_active"] is False
    assert answer["premium_until"] is not None


@pytest.mark.parametrize("ids", [["x"], None, [str(uuid7())] * 101, "all"])
def test_a_standing_that_asks_for_nonsense_is_refused(quota: Quota, ids: object) -> None:
    assert quota.post("/internal/standing", {"user_id": str(uuid7()), "companion_ids": ids}).status_code == 422
