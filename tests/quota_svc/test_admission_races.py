"""Admissions under concurrency: never more than there is, never twice (guarantees 8 and 9)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from uuid import uuid4

from chassis.testing import eventually, problem
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


def test_a_permit_that_ends_while_its_lock_is_awaited_is_not_used(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    quota.execute("UPDATE permits SET expires_at = now() + interval '2.5 seconds'")
    with ThreadPoolExecutor(1) as pool:
        with closing(quota.service.database.listen_connection()) as other:
            other.autocommit = False
            other.cursor().execute("SELECT FROM permits FOR UPDATE")
            waiting = pool.submit(quota.admit, person.send(permit))
            eventually(lambda: quota.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
            eventually(lambda: quota.rows("SELECT FROM permits WHERE expires_at <= clock_timestamp()"))
            other.rollback()
        answer = waiting.result(60)
    assert problem(answer)["code"] == "permit-invalid"
    assert (quota.uses_left(permit), person.text_left) == (5, 10)


def test_a_waiting_equal_send_takes_over_when_the_first_is_undone(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    send = person.send(permit)
    columns = "id, generation, user_id, companion_id, conversation_id, sender_id, client_id, permit_id, scope, spent"
    with ThreadPoolExecutor(1) as pool:
        with closing(quota.service.database.listen_connection()) as other:
            other.autocommit = False
            other.cursor().execute(
                f"INSERT INTO admissions ({columns}, settle_at) VALUES"  # noqa: S608 - names from above
                " (%s, 1, %s, %s, %s, %s, %s, %s, 'chat_send', 'text', now())",
                [send[name] for name in ("admission_id", "user_id", "companion_id", "conversation_id", "sender_id",
                                         "client_id", "permit_id")],
            )  # fmt: skip
            waiting = pool.submit(quota.admit, send)
            eventually(lambda: quota.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
            other.rollback()
        answer = waiting.result(60)
    assert (answer.status_code, answer.json) == (200, {"generation": 1})
    assert (quota.uses_left(permit), person.text_left) == (4, 9)


def test_reversal_and_repeat_of_one_send_at_once_end_with_one_live_generation(quota: Quota, person: Person) -> None:
    quota.execute("UPDATE quotas SET text_left = 10")
    permits = [quota.mint(person.id) for _ in range(2)]
    send = person.send(permits[0])
    quota.admit(send)
    named = {"admissions": [{"admission_id": send["admission_id"], "generation": 1}]}
    reverse = partial(quota.post, "/internal/admissions/reverse", named, "ai-svc")
    repeats = [partial(quota.admit, {**send, "permit_id": permits[1]}) for _ in range(10)]
    answers = quota.at_once([*repeats[:5], reverse, *repeats[5:]])
    assert {one.status_code for one in answers} == {200}
    live = quota.rows("SELECT count(*) FROM admissions WHERE state <> 'reversed'")[0][0]
    assert live in (0, 1)
    assert person.text_left == 10 - live
    assert quota.admit({**send, "permit_id": permits[1]}).json == {"generation": 2}
