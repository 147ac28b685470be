"""Admissions: a permit use and a text quota, both or neither, once per send (PERM-1, CHAT-4, CHAT-5)."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from chassis.contracts.quota import QuotaChanged
from chassis.ids import uuid7
from chassis.testing import problem
from tests.quota_svc.quota_harness import Person, Quota


def test_an_admission_spends_one_use_and_one_text(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    answer = quota.admit(person.send(permit))
    assert (answer.status_code, answer.json) == (200, {"generation": 1})
    assert (quota.uses_left(permit), person.text_left) == (4, 9)
    assert quota.emitted(QuotaChanged) == [
        {
            "user_id": str(person.id),
            "companion_id": str(person.companion_id),
            "conversation_id": str(person.conversation_id),
        }
    ]


def test_the_same_admission_again_spends_nothing(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    send = person.send(permit)
    answers = [quota.admit(send), quota.admit(send), quota.admit({**send, "permit_id": "gone"})]
    assert [(one.status_code, one.json) for one in answers] == [(200, {"generation": 1})] * 3
    assert (quota.uses_left(permit), person.text_left) == (4, 9)
    assert len(quota.emitted(QuotaChanged)) == 1


def test_the_sixth_use_of_a_permit_is_refused(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    assert [quota.admit(person.send(permit)).status_code for _ in range(6)] == [200] * 5 + [403]
    assert person.text_left == 5


def test_the_eleventh_text_is_refused_and_leaves_the_permit_alone(quota: Quota, person: Person) -> None:
    for _ in range(2):
        permit = quota.mint(person.id)
        assert [quota.admit(person.send(permit)).status_code for _ in range(5)] == [200] * 5
    permit = quota.mint(person.id)
    refused = quota.admit(person.send(permit))
    assert refused.status_code == 402
    assert problem(refused)["code"] == "quota-exhausted"
    assert (quota.uses_left(permit), person.text_left) == (5, 0)
    assert len(quota.rows("SELECT FROM admissions")) == 10
    assert len(quota.emitted(QuotaChanged)) == 10


def test_a_bad_permit_is_told_before_an_exhausted_quota(quota: Quota, person: Person) -> None:
    quota.execute("UPDATE quotas SET text_left = 0")
    assert problem(quota.admit(person.send(str(uuid7()))))["code"] == "permit-invalid"


@pytest.mark.parametrize(
    "permit",
    [
        "",
        "x",
        "0" * 36,
        str(UUID(int=0)),
        pytest.param(str(uuid4()), id="of version 4"),
        pytest.param(str(uuid7()), id="unknown"),
        "🦊",
        "x" * 100_000,
    ],
)
def test_what_is_no_permit_is_refused_like_an_invalid_one(quota: Quota, person: Person, permit: str) -> None:
    refused = quota.admit(person.send(permit))
    assert refused.status_code == 403
    assert problem(refused)["code"] == "permit-invalid"
    assert person.text_left == 10
    assert quota.rows("SELECT FROM admissions") == []


def test_a_permit_in_another_spelling_is_refused(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    for spelling in (permit.upper(), f"{{{permit}}}", f"urn:uuid:{permit}", permit.replace("-", "")):
        assert problem(quota.admit(person.send(spelling)))["code"] == "permit-invalid"
    assert quota.uses_left(permit) == 5


def test_an_expired_permit_is_refused(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    quota.execute("UPDATE permits SET created_at = created_at - %s, expires_at = now()", timedelta(minutes=2))
    assert problem(quota.admit(person.send(permit)))["code"] == "permit-invalid"
    assert (quota.uses_left(permit), person.text_left) == (5, 10)


def test_another_users_permit_is_refused_and_not_spent(quota: Quota, person: Person) -> None:
    permit = quota.mint(uuid7())
    assert problem(quota.admit(person.send(permit)))["code"] == "permit-invalid"
    assert (quota.uses_left(permit), person.text_left) == (5, 10)


def test_a_permit_of_another_scope_is_refused(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    assert problem(quota.admit(person.send(permit, scope="media_send")))["code"] == "permit-invalid"
    assert (quota.uses_left(permit), person.text_left) == (5, 10)


def test_a_missing_counter_is_zero(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    refused = quota.admit(person.send(permit, companion_id=str(uuid7())))
    assert problem(refused)["code"] == "quota-exhausted"
    assert quota.uses_left(permit) == 5


def test_a_refused_send_succeeds_later_under_the_same_id(quota: Quota, person: Person) -> None:
    client_id = uuid4()
    assert quota.admit(person.send("none", client_id)).status_code == 403
    answer = quota.admit(person.send(quota.mint(person.id), client_id))
    assert (answer.status_code, answer.json) == (200, {"generation": 1})


def test_an_admission_id_of_another_user_or_conversation_is_a_conflict(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    send = person.send(permit)
    assert quota.admit(send).status_code == 200
    for other in ({"user_id": str(uuid7())}, {"conversation_id": str(uuid7())}):
        refused = quota.admit({**send, **other})
        assert refused.status_code == 409
        assert problem(refused)["code"] == "admission-mismatch"
    assert (quota.uses_left(permit), person.text_left) == (4, 9)


@pytest.mark.parametrize(
    "change",
    [{"spend": "audio"}, {"spend": None}, {"admission_id": "x"}, {"client_id": 1}, {"extra": 1}, {"scope": "x" * 41}],
)
def test_a_body_that_makes_no_sense_is_refused(quota: Quota, person: Person, change: dict[str, object]) -> None:
    assert quota.admit({**person.send("none"), **change}).status_code == 422
