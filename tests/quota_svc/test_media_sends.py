"""A user's own media to companions: a permit use, no quota, and so many a day without premium (CHAT-5)."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from chassis.contracts.quota import QuotaChanged
from chassis.errors import RateLimited
from chassis.ids import uuid7
from chassis.testing import problem
from chassis.upstream import Upstream, WsgiTransport
from quota_svc.domain import media_limit
from quota_svc.queries.checks import faults
from tests.quota_svc.conftest import Build
from tests.quota_svc.quota_harness import Person, Quota


def sends_of_days(quota: Quota) -> list[int]:
    return [sends for (sends,) in quota.rows("SELECT sends FROM media_days ORDER BY day, user_id")]


def spent(quota: Quota) -> list[str]:
    return [one for (one,) in quota.rows("SELECT spent FROM admissions ORDER BY admitted_at")]


@pytest.fixture
def three_a_day(build: Build) -> Quota:
    """A service whose limits are scaled down to three sends of media a day (and 3 permits a minute)."""
    return build(RATE_LIMIT_FACTOR="0.03")


def test_media_takes_a_permit_use_and_no_quota(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    send = person.send(permit, spend="media")
    answers = [quota.admit(send) for _ in range(3)]
    assert [(one.status_code, one.json) for one in answers] == [(200, {"generation": 1})] * 3
    assert (quota.uses_left(permit), person.text_left, sends_of_days(quota)) == (4, 10, [1])
    assert quota.emitted(QuotaChanged) == []
    assert faults(quota.service.database) == []


def test_media_is_admitted_when_every_quota_is_used_up(quota: Quota, person: Person) -> None:
    quota.execute("UPDATE quotas SET text_left = 0, media_left = 0, audio_left = 0")
    assert quota.admit(person.send(quota.mint(person.id), spend="media")).status_code == 200


def test_a_send_that_spends_nothing_takes_only_a_permit_use(quota: Quota, person: Person) -> None:
    permit = quota.mint(person.id)
    assert quota.admit(person.send(permit, spend="nothing")).status_code == 200
    assert (quota.uses_left(permit), person.text_left, sends_of_days(quota)) == (4, 10, [])


def test_one_more_than_the_day_allows_is_refused_until_tomorrow_and_spends_nothing(three_a_day: Quota) -> None:
    quota, person = three_a_day, Person(three_a_day)
    permit = quota.mint(person.id)
    assert [quota.admit(person.send(permit, spend="media")).status_code for _ in range(3)] == [200] * 3
    refused = quota.admit(person.send(permit, spend="media"))
    assert refused.status_code == 429
    assert problem(refused)["code"] == "rate-limited"
    now = datetime.now(UTC)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    assert abs(int(refused.headers["Retry-After"]) - (midnight - now).total_seconds()) < 60
    assert refused.headers["RateLimit-Limit"] == "3"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert refused.headers["RateLimit-Reset"] == refused.headers["Retry-After"]
    assert (quota.uses_left(permit), sends_of_days(quota)) == (2, [3])
    assert quota.admit(person.send(permit)).status_code == 200


def test_a_bad_permit_is_told_before_a_full_day(three_a_day: Quota) -> None:
    quota, person = three_a_day, Person(three_a_day)
    permit = quota.mint(person.id)
    for _ in range(3):
        quota.admit(person.send(permit, spend="media"))
    assert problem(quota.admit(person.send(str(uuid7()), spend="media")))["code"] == "permit-invalid"


def test_the_refusal_reaches_whoever_asked_with_its_fields(three_a_day: Quota) -> None:
    quota, person = three_a_day, Person(three_a_day)
    permit = quota.mint(person.id)
    for _ in range(3):
        quota.admit(person.send(permit, spend="media"))
    chat = Upstream("quota-svc", WsgiTransport(lambda: quota.service.app), quota.keys.signer("chat-svc"))
    with pytest.raises(RateLimited) as caught:
        chat.call("POST", "/internal/admissions", person.send(permit, spend="media"))
    assert caught.value.headers["RateLimit-Limit"] == "3"
    assert caught.value.headers["RateLimit-Remaining"] == "0"
    assert caught.value.headers["RateLimit-Reset"] == str(caught.value.retry_after)


def test_the_day_is_counted_over_all_companions_of_one_user(three_a_day: Quota) -> None:
    quota, person = three_a_day, Person(three_a_day)
    permit = quota.mint(person.id)
    sends = [person.send(permit, spend="media", companion_id=str(uuid7())) for _ in range(4)]
    assert [quota.admit(send).status_code for send in sends] == [200] * 3 + [429]
    other = Person(quota)
    assert quota.admit(other.send(quota.mint(other.id), spend="media")).status_code == 200


def test_tomorrow_begins_afresh(three_a_day: Quota) -> None:
    quota, person = three_a_day, Person(three_a_day)
    permit = quota.mint(person.id)
    for _ in range(3):
        quota.admit(person.send(permit, spend="media"))
    quota.execute("UPDATE media_days SET day = day - 1")
    quota.age("admissions", "admitted_at", timedelta(days=1))
    assert quota.admit(person.send(permit, spend="media")).status_code == 200
    assert sends_of_days(quota) == [3, 1]
    assert faults(quota.service.database) == []


def test_who_has_premium_may_send_any_number(three_a_day: Quota) -> None:
    quota, person = three_a_day, Person(three_a_day)
    quota.service.usecases.premium.grant(uuid7(), person.id, 1, "test")
    permit = quota.mint(person.id)
    assert {quota.admit(person.send(permit, spend="media")).status_code for _ in range(20)} == {200}
    assert (set(spent(quota)), sends_of_days(quota)) == ({"nothing"}, [])


def test_without_limits_nothing_is_counted(build: Build) -> None:
    quota = build(RATE_LIMIT_FACTOR="0")
    person = Person(quota)
    assert quota.admit(person.send(quota.mint(person.id), spend="media")).status_code == 200
    assert (spent(quota), sends_of_days(quota)) == (["nothing"], [])


@pytest.mark.parametrize(("factor", "limit"), [(1, 100), (0.5, 50), (0.001, 1), (0, None), (10, 1000)])
def test_the_factor_scales_the_limit(factor: float, limit: int | None) -> None:
    assert media_limit(factor) == limit


def test_fifty_parallel_sends_take_exactly_what_the_day_has_left(build: Build) -> None:
    quota = build(RATE_LIMIT_FACTOR="0.1")
    person = Person(quota)
    permits = [quota.mint(person.id) for _ in range(10)]
    sends = [person.send(permit, spend="media") for permit in permits for _ in range(5)]
    answers = quota.at_once([partial(quota.admit, send) for send in sends])
    assert sorted(one.status_code for one in answers) == [200] * 10 + [429] * 40
    assert sends_of_days(quota) == [10]
    assert quota.rows("SELECT sum(uses_left) FROM permits") == [(40,)]
    assert faults(quota.service.database) == []


def test_a_reversal_gives_the_send_back_to_its_day_once(three_a_day: Quota) -> None:
    quota, person = three_a_day, Person(three_a_day)
    permit = quota.mint(person.id)
    sends = [person.send(permit, uuid4(), spend="media") for _ in range(3)]
    for send in sends:
        quota.admit(send)
    yesterday = sends[0]["admission_id"]
    quota.execute("UPDATE admissions SET admitted_at = admitted_at - interval '1 day' WHERE id = %s", yesterday)
    quota.execute("UPDATE media_days SET sends = 2")
    quota.execute("INSERT INTO media_days SELECT user_id, day - 1, 1 FROM media_days")
    named = [(send["admission_id"], 1) for send in sends[:2]]
    assert [quota.reverse(*named), quota.reverse(*named)] == [2, 0]
    assert sends_of_days(quota) == [0, 1]
    assert person.text_left == 10
    assert quota.emitted(QuotaChanged) == []
    assert faults(quota.service.database) == []


def test_a_send_that_never_became_a_message_is_given_back(quota: Quota, person: Person) -> None:
    quota.admit(person.send(quota.mint(person.id), spend="media"))
    quota.age("admissions", "settle_at", timedelta(minutes=10))
    quota.run_loop("settle")
    assert (sends_of_days(quota), len(quota.neighbours.settled)) == ([0], 1)
    assert faults(quota.service.database) == []


def test_counts_of_days_long_gone_are_forgotten(quota: Quota) -> None:
    for age in (0, 29, 31, 400):
        quota.execute("INSERT INTO media_days VALUES (%s, (now() AT TIME ZONE 'UTC')::date - %s, 1)", str(uuid7()), age)
    quota.run_loop("forget-media-days")
    ages = "SELECT (now() AT TIME ZONE 'UTC')::date - day FROM media_days ORDER BY 1"
    assert quota.rows(ages) == [(0,), (29,)]


@pytest.mark.parametrize(
    "corruption",
    [
        "UPDATE media_days SET sends = sends + 1",
        "UPDATE media_days SET sends = 0",
        "DELETE FROM media_days",
        "UPDATE admissions SET state = 'reversed'",
    ],
)
def test_a_miscounted_day_is_found(quota: Quota, person: Person, corruption: str) -> None:
    quota.admit(person.send(quota.mint(person.id), spend="media"))
    assert faults(quota.service.database) == []
    assert quota.execute(corruption) == 1
    assert [fault.guarantee for fault in faults(quota.service.database)] == [9]
