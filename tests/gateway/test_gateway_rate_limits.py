"""Limits: registrations, guesses of passwords, requests of a session; and whom limits per address count."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from werkzeug.test import TestResponse

from chassis.testing import eventually, problem
from gateway.domain import TokenBucket, client_address
from tests.gateway.gateway_harness import GatewayHarness

Make = Callable[..., GatewayHarness]


def log_in(
    gateway: GatewayHarness, email: str, password: str, address: str = "192.0.2.1", bot: str = "x"
) -> TestResponse:
    body = {"email": email, "password": password, "bot_token": bot}
    return gateway.stranger().post("/v1/auth/login", json=body, environ_overrides={"REMOTE_ADDR": address})


def assert_limited(answer: TestResponse, limit: int) -> int:
    """The seconds to wait."""
    assert answer.status_code == 429
    assert problem(answer)["code"] == "rate-limited"
    assert answer.headers["RateLimit-Limit"] == str(limit)
    assert answer.headers["RateLimit-Remaining"] == "0"
    assert answer.headers["RateLimit-Reset"] == answer.headers["Retry-After"]
    return int(answer.headers["Retry-After"])


def test_an_address_registers_fifty_times_an_hour_also_in_parallel(make_gateway: Make) -> None:
    gateway = make_gateway()
    # Refused after they were counted: no hash is computed for these.
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: gateway.try_register(f"a{n}@example.com", bot_token=""), range(60)))
    assert sorted(answer.status_code for answer in answers) == [403] * 50 + [429] * 10
    wait = assert_limited(gateway.try_register("b@example.com"), 50)
    assert 3500 < wait <= 3600
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    body = {"email": "b@example.com", "password": "correct horse", "birth_date": "1990-01-01", "bot_token": "x"}
    answer = gateway.stranger().post("/v1/auth/register", json=body, environ_overrides=elsewhere)
    assert answer.status_code == 201
    gateway.sql("UPDATE limit_counters SET began_at = began_at - interval '1 hour'")
    assert gateway.try_register("c@example.com").status_code == 201


@pytest.mark.parametrize("is_known", [True, False])
def test_an_account_bears_ten_wrong_passwords_also_in_parallel(make_gateway: Make, is_known: bool) -> None:
    gateway = make_gateway()
    person = gateway.register()
    email = person.email if is_known else "nobody@example.com"
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: log_in(gateway, email, f"guess number {n}", f"192.0.2.{n}"), range(16)))
    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 6
    wait = assert_limited(log_in(gateway, email.upper(), person.password), 10)
    assert 800 < wait <= 900
    other = gateway.register()
    assert log_in(gateway, other.email, other.password).status_code == 200
    gateway.sql("UPDATE limit_counters SET began_at = began_at - interval '15 minutes'")
    assert log_in(gateway, person.email, person.password).status_code == 200


def test_right_passwords_are_not_counted(make_gateway: Make) -> None:
    gateway = make_gateway(RATE_LIMIT_FACTOR="0.2")
    person = gateway.register()
    for _ in range(4):
        assert log_in(gateway, person.email, person.password).status_code == 200
    assert log_in(gateway, person.email, "wrong password").status_code == 401
    for _ in range(3):
        assert log_in(gateway, person.email, person.password).status_code == 200
    assert log_in(gateway, person.email, "wrong password").status_code == 401
    assert_limited(log_in(gateway, person.email, person.password), 2)


def test_an_address_bears_a_hundred_failures_over_all_accounts(make_gateway: Make) -> None:
    gateway = make_gateway()
    person = gateway.register()
    for n in range(100):
        assert log_in(gateway, f"a{n}@example.com", "x", bot="").status_code == 403
    assert_limited(log_in(gateway, person.email, person.password), 100)
    assert log_in(gateway, person.email, person.password, "192.0.2.2").status_code == 200


def test_a_failed_bot_check_does_not_lock_the_account(make_gateway: Make) -> None:
    gateway = make_gateway()
    person = gateway.register()
    for _ in range(11):
        assert log_in(gateway, person.email, "wrong password", bot="").status_code == 403
    assert log_in(gateway, person.email, person.password).status_code == 200


def test_limits_keep_neither_emails_nor_addresses(make_gateway: Make) -> None:
    gateway = make_gateway()
    log_in(gateway, "canary@example.com", "wrong password", "192.0.2.99")
    rows = str(gateway.sql("SELECT name, key FROM limit_counters"))
    assert "login-account" in rows
    assert "canary" not in rows
    assert "192.0.2" not in rows


def test_windows_that_ended_are_forgotten(make_gateway: Make) -> None:
    gateway = make_gateway()
    log_in(gateway, "canary@example.com", "wrong password")
    gateway.sql("UPDATE limit_counters SET began_at = now() - interval '2 days'")
    gateway.run_loop("forget-limits")
    assert gateway.sql("SELECT count(*) FROM limit_counters") == [(0,)]


def test_a_session_may_ask_in_a_burst_and_then_at_its_rate(make_gateway: Make) -> None:
    gateway = make_gateway(RATE_LIMIT_FACTOR="0.04")
    person, other = gateway.register(), gateway.register()
    assert [person("GET", "/v1/users/nobody").status_code for _ in range(20)] == [404] * 20
    ask = partial(person, "GET", "/v1/users/nobody")
    assert_limited(eventually(ask, until=lambda answer: answer.status_code != 404, every=0.0), 20)
    assert other("GET", "/v1/users/nobody").status_code == 404
    eventually(lambda: person("GET", "/v1/users/nobody").status_code, until=lambda status: status == 404, every=0.2)


def test_a_factor_of_zero_switches_all_limits_off(make_gateway: Make) -> None:
    gateway = make_gateway(RATE_LIMIT_FACTOR="0")
    for _ in range(60):
        assert gateway.try_register("a@example.com", bot_token="").status_code == 403
    person = gateway.register()
    assert {person("GET", "/v1/users/nobody").status_code for _ in range(600)} == {404}


def test_a_bucket_refills_steadily_up_to_its_burst() -> None:
    bucket = TokenBucket(rate=50, burst=500, level=500, at=0.0)
    assert all(bucket.take(0.0) == 0 for _ in range(500))
    assert bucket.take(0.0) == pytest.approx(0.02)
    assert all(bucket.take(1.0) == 0 for _ in range(50))
    assert bucket.take(1.0) > 0
    assert all(bucket.take(1000.0) == 0 for _ in range(500))
    assert bucket.take(1000.0) > 0


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "counted"),
    [
        ("192.0.2.1", "", 0, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", 0, "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", 1, "198.51.100.7"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.7", 1, "198.51.100.7"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.7, 10.0.0.2", 2, "198.51.100.7"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7", 2, "10.0.0.1"),
        ("10.0.0.1", "no address", 1, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", 0, "192.0.2.1"),
        ("", "", 0, "unknown"),
    ],
)
def test_the_address_that_counts(peer: str, forwarded: str, proxies: int, counted: str) -> None:
    assert client_address(peer, forwarded, proxies) == counted


def test_a_forwarded_address_counts_behind_a_trusted_proxy_only(make_gateway: Make) -> None:
    def tries(gateway: GatewayHarness) -> list[int]:
        return [
            gateway.stranger().post(
                "/v1/auth/login",
                json={"email": f"a{n}@example.com", "password": "x", "bot_token": ""},
                headers={"X-Forwarded-For": f"198.51.100.{n}"},
            ).status_code
            for n in range(3)
        ]  # fmt: skip

    assert tries(make_gateway(RATE_LIMIT_FACTOR="0.01")) == [403, 429, 429]
    assert tries(make_gateway(RATE_LIMIT_FACTOR="0.01", TRUSTED_PROXIES="1")) == [403, 403, 403]
