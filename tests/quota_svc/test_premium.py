"""Premium as the fold of grants (PAY-2, guarantee 6) and what it changes for sends."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from chassis.contracts.quota import PremiumChanged, QuotaChanged
from chassis.errors import Conflict, Invalid
from chassis.ids import uuid7
from chassis.times import rfc3339
from quota_svc.domain import extended
from quota_svc.queries import checks
from tests.quota_svc.quota_harness import Person, Quota


def test_a_grant_starts_now_and_the_next_one_at_its_end(quota: Quota) -> None:
    user, grant = uuid7(), quota.service.usecases.premium.grant
    first = grant(uuid7(), user, 30, "test")
    assert abs(first - datetime.now(UTC) - timedelta(days=30)) < timedelta(minutes=1)
    assert grant(uuid7(), user, 90, "test") == first + timedelta(days=90)
    assert checks.faults(quota.service.database) == []


def test_a_grant_after_the_end_starts_now(quota: Quota) -> None:
    user, grant = uuid7(), quota.service.usecases.premium.grant
    grant(uuid7(), user, 30, "test")
    quota.execute("UPDATE premium_grants SET granted_at = granted_at - interval '40 days'")
    quota.execute("UPDATE premium SET premium_until = premium_until - interval '40 days'")
    assert abs(grant(uuid7(), user, 1, "test") - datetime.now(UTC) - timedelta(days=1)) < timedelta(minutes=1)
    assert checks.faults(quota.service.database) == []


def test_the_same_grant_again_changes_nothing(quota: Quota) -> None:
    user, grant_id, grant = uuid7(), uuid7(), quota.service.usecases.premium.grant
    first = grant(grant_id, user, 30, "test")
    assert grant(grant_id, user, 30, "test") == first
    assert quota.emitted(PremiumChanged) == [{"user_id": str(user), "premium_until": rfc3339(first)}]


def test_a_grant_id_of_somebody_else_is_a_conflict(quota: Quota) -> None:
    user, grant_id, grant = uuid7(), uuid7(), quota.service.usecases.premium.grant
    first = grant(grant_id, user, 30, "test")
    for other, days in ((uuid7(), 30), (user, 31)):
        with pytest.raises(Conflict):
            grant(grant_id, other, days, "test")
    assert quota.rows("SELECT user_id, premium_until FROM premium") == [(user, first)]


@pytest.mark.parametrize(
    ("days", "source"), [(0, "test"), (-1, "test"), (36_501, "test"), (2**40, "test"), (1, ""), (1, "x" * 41)]
)
def test_an_impossible_grant_is_refused(quota: Quota, days: int, source: str) -> None:
    with pytest.raises(Invalid):
        quota.service.usecases.premium.grant(uuid7(), uuid7(), days, source)
    assert quota.rows("SELECT FROM premium_grants") == []


def test_premium_does_not_outlast_the_calendar() -> None:
    with pytest.raises(Invalid):
        extended(datetime(9999, 12, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), 100)


def test_parallel_grants_all_count_and_equal_ones_once(quota: Quota) -> None:
    user, grant = uuid7(), quota.service.usecases.premium.grant
    ids = [uuid7() for _ in range(5)]
    quota.at_once([partial(grant, grant_id, user, 10, "test") for grant_id in ids * 4])
    ((until,),) = quota.rows("SELECT premium_until FROM premium")
    assert abs(until - datetime.now(UTC) - timedelta(days=50)) < timedelta(minutes=1)
    assert quota.rows("SELECT array_agg(position ORDER BY position) FROM premium_grants") == [([1, 2, 3, 4, 5],)]
    assert len(quota.emitted(PremiumChanged)) == 5
    assert checks.faults(quota.service.database) == []


def test_premium_spends_permit_uses_but_no_quota(quota: Quota, person: Person) -> None:
    quota.service.usecases.premium.grant(uuid7(), person.id, 1, "test")
    permit = quota.mint(person.id)
    assert [quota.admit(person.send(permit)).status_code for _ in range(51)] == [200] * 50 + [403]
    assert person.text_left == 10
    assert quota.emitted(QuotaChanged) == []


def test_premium_sends_also_at_quota_zero(quota: Quota, person: Person) -> None:
    quota.execute("UPDATE quotas SET text_left = 0, text_granted = 0")
    permit = quota.mint(person.id)
    assert quota.admit(person.send(permit)).status_code == 402
    quota.service.usecases.premium.grant(uuid7(), person.id, 1, "test")
    assert quota.admit(person.send(permit)).status_code == 200
