"""Minting permits: terms, bot check, limits (PERM-1)."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from chassis.ids import is_uuid7, uuid7
from chassis.testing import problem
from tests.quota_svc.conftest import Build
from tests.quota_svc.quota_harness import Quota

MINT = {"bot_token": "human", "scope": "chat_send"}


def minutes_from_now(text: str) -> float:
    return (datetime.fromisoformat(text) - datetime.now(UTC)) / timedelta(minutes=1)


def test_a_free_permit_has_five_uses_for_two_minutes(quota: Quota) -> None:
    answer = quota.user(uuid7())("POST", "/v1/permits", MINT)
    assert answer.status_code == 201
    assert set(answer.json) == {"permit_id", "uses_left", "expires_at"}
    assert is_uuid7(answer.json["permit_id"])
    assert answer.json["uses_left"] == 5
    assert 1.9 < minutes_from_now(answer.json["expires_at"]) <= 2.01
    assert answer.json["expires_at"].endswith("Z")


def test_a_premium_permit_has_fifty_uses_for_ten_minutes(quota: Quota) -> None:
    user = uuid7()
    quota.service.usecases.premium.grant(uuid7(), user, 1, "test")
    answer = quota.user(user)("POST", "/v1/permits", MINT)
    assert answer.json["uses_left"] == 50
    assert 9.9 < minutes_from_now(answer.json["expires_at"]) <= 10.01


def test_premium_that_is_over_mints_free_permits(quota: Quota) -> None:
    user = uuid7()
    quota.service.usecases.premium.grant(uuid7(), user, 1, "test")
    quota.execute("UPDATE premium SET premium_until = now()")
    assert quota.user(user)("POST", "/v1/permits", MINT).json["uses_left"] == 5


def test_the_gateway_judges_the_token_once_per_permit(quota: Quota) -> None:
    user = uuid7()
    for _ in range(2):
        quota.mint(user)
    first, second = quota.neighbours.checks
    assert first["bot_token"] == "human"
    assert first["check_id"] != second["check_id"]


def test_who_fails_the_bot_check_gets_no_permit(quota: Quota) -> None:
    quota.neighbours.passes_bot_check = False
    answer = quota.user(uuid7())("POST", "/v1/permits", MINT)
    assert answer.status_code == 403
    assert problem(answer)["code"] == "bot-check-failed"
    assert quota.rows("SELECT FROM permits") == []


def test_an_empty_token_is_judged_like_any_other(quota: Quota) -> None:
    quota.neighbours.passes_bot_check = False
    answer = quota.user(uuid7())("POST", "/v1/permits", {**MINT, "bot_token": ""})
    assert answer.status_code == 403
    assert [check["bot_token"] for check in quota.neighbours.checks] == [""]


def test_without_the_gateway_permits_are_unavailable_rather_than_refused(quota: Quota) -> None:
    quota.neighbours.gateway_is_away = True
    answer = quota.user(uuid7())("POST", "/v1/permits", MINT)
    assert answer.status_code == 503
    assert problem(answer)["code"] == "unavailable"
    assert "Retry-After" in answer.headers


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scope": "media_send"}, "scope"),
        ({"scope": None}, "scope"),
        ({"bot_token": None}, "bot_token"),
        ({"bot_token": 7}, "bot_token"),
        ({"bot_token": "x" * 8_193}, "bot_token"),
        ({"uses": 100}, "uses"),
        ({"user_id": str(uuid7())}, "user_id"),
    ],
)
def test_a_body_with_a_fault_is_refused_by_the_name_of_the_field(
    quota: Quota, change: dict[str, object], field: str
) -> None:
    answer = quota.user(uuid7())("POST", "/v1/permits", {**MINT, **change})
    assert answer.status_code == 422
    assert list(problem(answer)["errors"]) == [field]
    assert quota.neighbours.checks == []


def test_the_permit_after_the_limit_is_refused_with_the_time_to_wait(build: Build) -> None:
    quota = build(RATE_LIMIT_FACTOR="0.05")
    user = uuid7()
    for _ in range(6):
        quota.mint(user)
    refused = quota.user(user)("POST", "/v1/permits", MINT)
    assert refused.status_code == 429
    assert problem(refused)["code"] == "rate-limited"
    seconds = int(refused.headers["Retry-After"])
    assert 50 <= seconds <= 60
    assert refused.headers["RateLimit-Limit"] == "6"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert refused.headers["RateLimit-Reset"] == str(seconds)
    assert len(quota.neighbours.checks) == 6
    quota.mint(uuid7())
    quota.age("permit_windows", "started_at", timedelta(minutes=1))
    quota.mint(user)


def test_the_limit_is_120_a_minute(quota: Quota) -> None:
    user = uuid7()
    quota.mint(user)
    quota.execute("UPDATE permit_windows SET minted = 119")
    quota.mint(user)
    assert quota.user(user)("POST", "/v1/permits", MINT).headers["RateLimit-Limit"] == "120"


def test_failed_bot_checks_do_not_count(build: Build) -> None:
    quota = build(RATE_LIMIT_FACTOR="0.01")
    user = uuid7()
    quota.neighbours.passes_bot_check = False
    assert quota.user(user)("POST", "/v1/permits", MINT).status_code == 403
    quota.neighbours.passes_bot_check = True
    quota.mint(user)
    assert quota.user(user)("POST", "/v1/permits", MINT).status_code == 429


def test_parallel_mints_respect_the_limit_exactly(build: Build) -> None:
    quota = build(RATE_LIMIT_FACTOR="0.05")
    user = uuid7()
    answers = quota.at_once([partial(quota.user(user), "POST", "/v1/permits", MINT) for _ in range(20)])
    assert sorted(one.status_code for one in answers) == [201] * 6 + [429] * 14
    assert quota.rows("SELECT count(*) FROM permits") == [(6,)]


def test_factor_zero_switches_the_limit_off(build: Build) -> None:
    quota = build(RATE_LIMIT_FACTOR="0")
    user = uuid7()
    for _ in range(3):
        quota.mint(user)
    assert quota.rows("SELECT FROM permit_windows") == []


def test_permits_are_forgotten_a_day_after_their_end(quota: Quota) -> None:
    user = uuid7()
    old, kept = quota.mint(user), quota.mint(user)
    back = timedelta(days=1, minutes=3)
    quota.execute("UPDATE permits SET created_at = created_at - %s, expires_at = expires_at - %s WHERE id = %s",
                  back, back, old)  # fmt: skip
    quota.run_loop("forget-permits")
    assert quota.rows("SELECT id::text FROM permits") == [(kept,)]


def test_minted_permits_and_admissions_are_counted(quota: Quota) -> None:
    quota.mint(uuid7())
    text = quota.stranger().get("/metrics").get_data(as_text=True)
    assert 'duet_quota_permits_minted_total{scope="chat_send"} 1.0' in text
