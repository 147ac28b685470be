"""Admissions under concurrency: never more than there is, never twice (guarantees 8 and 9)."""

from functools import partial
from uuid import uuid4

from tests.quota_svc.quota_harness import Person, Quota


def test_fifty_parallel_sends_on_one_permit_admit_exactly_five(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    answers = quota.at_once([partial(quota.admit, person.send(permit)) for _ in range(50)])
    assert sorted(one.status_code for one in answers) == [200] * 5 + [403] * 45
    assert (quota.uses_left(permit), person.text_left) == (0, 5)
    assert quota.rows("SELECT count(DISTINCT id), count(*) FROM admissions") == [(5, 5)]


def test_the_same_send_twenty_times_at_once_spends_once(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    send = person.send(permit)
    answers = quota.at_once([partial(quota.admit, send) for _ in range(20)])
    assert [(one.status_code, one.json) for one in answers] == [(200, {"generation": 1})] * 20
    assert (quota.uses_left(permit), person.text_left) == (4, 9)


def test_the_last_text_sent_twenty_times_at_once_admits_one(quota: Quota, person: Person) -> None:
    quota.execute("UPDATE quotas SET text_left = 1")
    permits = [quota.mint(person.id) for _ in range(20)]
    answers = quota.at_once([partial(quota.admit, person.send(permit)) for permit in permits])
    assert sorted(one.status_code for one in answers) == [200] + [402] * 19
    assert person.text_left == 0
    assert quota.rows("SELECT sum(uses_left) FROM permits") == [(99,)]


def test_equal_sends_on_the_last_use_all_succeed_and_others_do_not(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    quota.execute("UPDATE permits SET uses_left = 1")
    first, second = person.send(permit, uuid4()), person.send(permit, uuid4())
    answers = quota.at_once([partial(quota.admit, send) for send in (first, second) * 10])
    by_send = [{one.status_code for one in answers[start::2]} for start in (0, 1)]
    assert sorted(by_send, key=min) == [{200}, {403}]
    assert (quota.uses_left(permit), person.text_left) == (0, 9)
