"""Giving back the text quota of replies that failed for good (CHAT-8): exactly what was spent, once."""

from functools import partial
from uuid import uuid4

import pytest

from chassis.contracts.chat import MessagePosted
from chassis.contracts.quota import QuotaChanged
from chassis.ids import uuid7
from chassis.inbox import Done
from tests.quota_svc.quota_harness import Person, Quota


def posted(send: dict[str, str], generation: int = 1) -> MessagePosted:
    user = send["user_id"]
    return MessagePosted.from_data(
        {
            "message_id": str(uuid7()), "conversation_id": send["conversation_id"], "seq": 1, "sender_id": user,
            "recipients": [user], "kind": "text", "admission_id": send["admission_id"],
            "generation": generation,
        }
    )  # fmt: skip


def state(quota: Quota, send: dict[str, str]) -> list[str]:
    rows = quota.rows("SELECT state FROM admissions WHERE id = %s ORDER BY generation", send["admission_id"])
    return [one for (one,) in rows]


def test_a_reversal_returns_the_text_but_not_the_permit_use(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    send = person.send(permit)
    quota.admit(send)
    assert quota.reverse((send["admission_id"], 1)) == 1
    assert (quota.uses_left(permit), person.text_left) == (4, 10)
    assert len(quota.emitted(QuotaChanged)) == 2


def test_a_second_reversal_has_no_effect(quota: Quota, person: Person) -> None:
    send = person.send(quota.mint(person.id))
    quota.admit(send)
    named = (send["admission_id"], 1)
    assert [quota.reverse(named, named), quota.reverse(named)] == [1, 0]
    assert person.text_left == 10
    assert len(quota.emitted(QuotaChanged)) == 2


def test_a_used_admission_can_be_reversed(quota: Quota, person: Person) -> None:
    send = person.send(quota.mint(person.id))
    quota.admit(send)
    quota.deliver(posted(send))
    assert state(quota, send) == ["used"]
    assert quota.reverse((send["admission_id"], 1)) == 1
    assert (state(quota, send), person.text_left) == (["reversed"], 10)


def test_a_reversed_admission_is_admitted_afresh_in_the_next_generation(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    send = person.send(permit)
    for generation in (1, 2, 3):
        for _ in range(2):
            assert quota.admit(send).json == {"generation": generation}
        if generation < 3:
            quota.reverse((send["admission_id"], generation))
    assert state(quota, send) == ["reversed", "reversed", "admitted"]
    assert (quota.uses_left(permit), person.text_left) == (2, 9)


def test_an_older_generation_cannot_be_reversed_again(quota: Quota, person: Person) -> None:
    send = person.send(quota.mint(person.id))
    quota.admit(send)
    quota.reverse((send["admission_id"], 1))
    quota.admit(send)
    assert quota.reverse((send["admission_id"], 1)) == 0
    assert quota.reverse((send["admission_id"], 3)) == 0
    assert (state(quota, send), person.text_left) == (["reversed", "admitted"], 9)


def test_a_reversed_admission_is_not_admitted_without_permit_or_quota(quota: Quota, person: Person) -> None:
    send = person.send(quota.mint(person.id))
    quota.admit(send)
    quota.reverse((send["admission_id"], 1))
    assert quota.admit({**send, "permit_id": "none"}).status_code == 403
    quota.execute("UPDATE quotas SET text_left = 0")
    assert quota.admit(send).status_code == 402
    assert state(quota, send) == ["reversed"]


def test_what_premium_did_not_spend_is_not_returned(quota: Quota, person: Person) -> None:
    quota.service.usecases.premium.grant(uuid7(), person.id, 1, "test")
    send = person.send(quota.mint(person.id))
    quota.admit(send)
    assert person.text_left == 10
    quota.execute("UPDATE premium SET premium_until = now()")
    assert quota.reverse((send["admission_id"], 1)) == 1
    assert person.text_left == 10
    assert quota.emitted(QuotaChanged) == []


def test_what_was_spent_before_premium_is_returned_during_it(quota: Quota, person: Person) -> None:
    send = person.send(quota.mint(person.id))
    quota.admit(send)
    quota.service.usecases.premium.grant(uuid7(), person.id, 1, "test")
    assert quota.reverse((send["admission_id"], 1)) == 1
    assert person.text_left == 10


def test_several_messages_of_one_reply_are_returned_together(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    sends = [person.send(permit) for _ in range(3)]
    for send in sends:
        quota.admit(send)
    assert quota.reverse(*[(send["admission_id"], 1) for send in sends], (str(uuid4()), 1)) == 3
    assert person.text_left == 10
    assert quota.reverse() == 0


def test_a_reversal_twenty_times_at_once_returns_once(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    sends = [person.send(permit) for _ in range(4)]
    for send in sends:
        quota.admit(send)
    named = [{"admission_id": send["admission_id"], "generation": 1} for send in sends]
    orders = [named, named[::-1]] * 10
    call = partial(quota.post, "/internal/admissions/reverse", caller="ai-svc")
    answers = quota.at_once([partial(call, {"admissions": order}) for order in orders])
    assert {one.status_code for one in answers} == {200}
    assert sum(one.json["reversed"] for one in answers) == 4
    assert person.text_left == 10


@pytest.mark.parametrize("generation", [0, -1, 1.5, "1", 2**31, None])
def test_a_generation_that_is_none_is_refused(quota: Quota, generation: object) -> None:
    body = {"admissions": [{"admission_id": str(uuid7()), "generation": generation}]}
    assert quota.post("/internal/admissions/reverse", body, "ai-svc").status_code == 422


def test_a_message_marks_its_admission_as_used_however_often_it_is_told(quota: Quota, person: Person) -> None:
    send = person.send(quota.mint(person.id))
    quota.admit(send)
    assert quota.deliver(posted(send), times=2) == [Done(), Done()]
    assert quota.deliver(posted(send)) == [Done()]
    assert (state(quota, send), person.text_left) == (["used"], 9)
    assert quota.admit(send).json == {"generation": 1}


def test_a_message_after_the_reversal_changes_nothing(quota: Quota, person: Person) -> None:
    send = person.send(quota.mint(person.id))
    quota.admit(send)
    quota.reverse((send["admission_id"], 1))
    quota.deliver(posted(send), times=2)
    assert (state(quota, send), person.text_left) == (["reversed"], 10)


def test_a_message_of_an_earlier_generation_does_not_use_up_the_later_one(quota: Quota, person: Person) -> None:
    send = person.send(quota.mint(person.id))
    quota.admit(send)
    quota.reverse((send["admission_id"], 1))
    quota.admit(send)
    quota.deliver(posted(send, generation=1))
    assert state(quota, send) == ["reversed", "admitted"]
    quota.deliver(posted(send, generation=2))
    assert state(quota, send) == ["reversed", "used"]


def test_a_message_that_is_told_before_its_admission_ends_up_used(quota: Quota, person: Person) -> None:
    send = person.send(quota.mint(person.id))
    assert quota.deliver(posted(send), times=2) == [Done(), Done()]
    quota.admit(send)
    quota.neighbours.chat_answer = lambda _body: True
    quota.execute("UPDATE admissions SET settle_at = now()")
    quota.run_loop("settle")
    assert (state(quota, send), person.text_left) == (["used"], 9)
