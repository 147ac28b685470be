"""Registering and logging in (AUTH-1, AUTH-2): who may, with what, and what is kept and told."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chassis import logs
from chassis.config import ConfigError
from chassis.testing import Keys, environment, problem
from chassis.times import utcnow
from gateway.config import Config
from tests.gateway.gateway_harness import BIRTH_DATE, PASSWORD, GatewayHarness

INVALID: list[tuple[str, Any]] = [
    ("birth_date", "1850-01-01"),
    ("birth_date", "1990-02-30"),
    ("birth_date", "19900101"),
    ("birth_date", "1990-1-1"),
    ("birth_date", "yesterday"),
    ("birth_date", 631152000),
    ("birth_date", None),
    ("email", "ada"),
    ("email", "ada@"),
    ("email", "@example.com"),
    ("email", "a b@example.com"),
    ("email", "ada@example.com\r\nBcc: x@example.com"),
    ("email", "ada@exаmple.com"),
    ("email", "a" * 65 + "@example.com"),
    ("email", "ada@" + "a." * 130 + "com"),
    ("email", ["ada@example.com"]),
    ("email", None),
    ("password", "short"),
    ("password", "x" * 257),
    ("password", 1234567890),
    ("password", None),
    ("bot_token", None),
    ("bot_token", 5),
    ("cookie", "yes"),
    ("role", "admin"),
    ("user_id", "1"),
]
COMMON = (
    "1234567890", "0123456789", "9876543210", "1111111111", "..........", "qwertyuiop", "QwertyUIOP", "basketball",
    "Administrator", "passwordpassword", "1234512345", "ada@example.com", "ADA@example.com",
)  # fmt: skip


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.configure("debug", stream)
    yield stream
    logs.configure("error")


def test_a_new_user_registers_and_sees_their_profile(gateway: GatewayHarness) -> None:
    person = gateway.register("Ada.Lovelace@Example.com")
    assert person.session["token_type"] == "Bearer"
    assert person.session["expires_in"] == 900
    assert person.session["user"] == {"id": person.id, "email": "ada.lovelace@example.com", "role": None}
    profile = person("GET", "/v1/me").json
    assert profile is not None
    username = profile.pop("username")
    assert username.startswith("user_")
    assert len(username) == len("user_") + 8
    assert profile == {
        "id": person.id, "email": "ada.lovelace@example.com", "role": None, "name": None, "birth_date": BIRTH_DATE,
        "country": None, "avatar_key": None, "earn_on": False, "mature_opt_in": False, "premium_until": None,
        "premium_active": False,
    }  # fmt: skip


def test_an_email_is_taken_in_any_spelling(gateway: GatewayHarness) -> None:
    gateway.register("ada@example.com")
    answer = gateway.try_register(" ADA@Example.COM ")
    assert answer.status_code == 409
    assert problem(answer)["code"] == "email-taken"


def test_twenty_parallel_registrations_of_one_email_make_one_account(gateway: GatewayHarness) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _n: gateway.try_register("ada@example.com"), range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert gateway.sql("SELECT count(*) FROM users") == [(1,)]
    assert gateway.sql("SELECT count(*) FROM sessions") == [(1,)]


def test_somebody_under_18_is_refused_and_nothing_is_kept(gateway: GatewayHarness) -> None:
    today = utcnow().date()
    too_late = (today - timedelta(days=18 * 365)).isoformat()
    answer = gateway.try_register("kid@example.com", birth_date=too_late)
    assert answer.status_code == 403
    assert problem(answer)["code"] == "underage"
    for table in ("users", "sessions", "limit_counters", "spent_bot_tokens"):
        assert gateway.sql(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 - names from here


def test_somebody_who_turns_18_today_is_let_in(gateway: GatewayHarness) -> None:
    today = utcnow().date()
    day = min(today.day, 28) if today.month == 2 else today.day  # 18 years before a 29 February there was none
    gateway.register(birth_date=today.replace(year=today.year - 18, day=day).isoformat())


def test_a_field_that_is_not_valid_is_named(gateway: GatewayHarness) -> None:
    tomorrow = (utcnow().date() + timedelta(days=1)).isoformat()  # not known yet when the tests are collected
    for field, value in [("birth_date", tomorrow), *INVALID]:
        answer = gateway.try_register(**{"email": "ada@example.com", field: value})
        assert answer.status_code == 422, (field, value)
        assert problem(answer)["code"] == "validation-failed"
        assert field in problem(answer)["errors"], (field, value)


def test_a_very_common_password_or_the_email_is_refused(gateway: GatewayHarness) -> None:
    for password in COMMON:
        answer = gateway.try_register("ada@example.com", password=password)
        assert answer.status_code == 422, password
        assert "password" in problem(answer)["errors"]


def test_an_unusual_password_works(gateway: GatewayHarness) -> None:
    for password in ("  spaces count  ", "пароль-и-ключ", "long " * 51 + "x", "a\tb\nc🦊defgh"):
        person = gateway.register(password=password)
        person.password = password
        assert person.sign_in().status_code == 200
        person.password = password[1:]
        assert person.sign_in().status_code == 401


def test_a_password_is_kept_as_an_argon2id_hash_only(gateway: GatewayHarness) -> None:
    gateway.register()
    ((kept,),) = gateway.sql("SELECT password_hash FROM users")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_user_logs_in_with_any_spelling_of_the_email(gateway: GatewayHarness) -> None:
    person = gateway.register("ada@example.com")
    person.email = "ADA@example.com"
    answer = person.sign_in()
    assert answer.status_code == 200
    assert answer.json is not None
    assert set(answer.json) == {"access_token", "token_type", "expires_in", "refresh_token", "user"}
    assert person("GET", "/v1/me").status_code == 200


def test_a_wrong_email_and_a_wrong_password_are_told_alike(gateway: GatewayHarness) -> None:
    person = gateway.register()
    person.password = "not the password"
    wrong_password = problem(person.sign_in())
    person.email = "nobody@example.com"
    wrong_email = problem(person.sign_in())
    assert wrong_password["status"] == 401
    assert wrong_password["code"] == "invalid-credentials"
    assert {**wrong_email, "request_id": ""} == {**wrong_password, "request_id": ""}


def test_a_wrong_email_and_a_wrong_password_take_alike_long(gateway: GatewayHarness) -> None:
    known = gateway.register()
    known.password = "not the password"

    def seconds(email: str) -> float:
        known.email = email
        begun = time.perf_counter()
        known.sign_in()
        return time.perf_counter() - begun

    emails = known.email, "nobody@example.com"
    times = {email: [] for email in emails}  # type: dict[str, list[float]]
    for _ in range(9):
        for email in emails:
            times[email].append(seconds(email))
    # The quickest of each is the one that a busy machine disturbed least.
    known_s, nobody_s = (min(times[email]) for email in emails)
    # A hash takes some 40 ms of some 50: without one the ratio would be about 5.
    assert 0.5 < known_s / nobody_s < 2.0


def test_a_banned_user_learns_it_after_the_right_password_only(gateway: GatewayHarness) -> None:
    person = gateway.register()
    gateway.sql("UPDATE users SET banned_at = now() WHERE id = %s", person.id)
    assert problem(person.sign_in())["code"] == "banned"
    person.password = "not the password"
    assert problem(person.sign_in())["code"] == "invalid-credentials"
    assert person("GET", "/v1/me").status_code == 401


def test_too_many_hashes_at_once_wait_for_their_turns(gateway: GatewayHarness) -> None:
    person = gateway.register()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _n: person.sign_in(), range(16)))
    assert {answer.status_code for answer in answers} == {200}


def test_who_would_wait_too_long_for_a_hash_is_told_to_come_again(
    make_gateway: Callable[..., GatewayHarness],
) -> None:
    person = make_gateway(patience_s=0.0, RATE_LIMIT_FACTOR="0").register()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _n: person.sign_in(), range(16)))
    assert 200 in {answer.status_code for answer in answers} <= {200, 429}


def test_the_logs_of_registering_and_logging_in_hold_no_secret(gateway: GatewayHarness, log_lines: io.StringIO) -> None:
    person = gateway.register("canary-email@example.com", password="canary-password-1")
    person.password = "canary-password-1"
    person.sign_in()
    person.password = "canary-password-2"
    person.sign_in()
    gateway.try_register("canary-email@example.com")
    gateway.try_register("canary-email")
    person.client.post("/v1/auth/refresh", json={"refresh_token": person.session["refresh_token"]})
    text = log_lines.getvalue()
    events = [json.loads(line)["event"] for line in text.splitlines()]
    assert {"registered", "logged_in", "login_failed", "http_request"} <= set(events)
    for secret in ("canary", person.session["refresh_token"], person.session["access_token"]):
        assert secret not in text


def test_a_demo_account_is_made_once(gateway: GatewayHarness) -> None:
    accounts = gateway.service.usecases.accounts
    first, made = accounts.ensure_demo("Demo@Duet.example", PASSWORD)
    assert made
    assert accounts.ensure_demo("demo@duet.example", "another password") == (first, False)
    assert accounts.find_by_email("DEMO@duet.example") == first
    assert accounts.find_by_email("other@duet.example") is None
    body = {"email": "demo@duet.example", "password": PASSWORD, "bot_token": "x"}
    assert gateway.stranger().post("/v1/auth/login", json=body).status_code == 200


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("DUET_BOT_CHECK", "off"),
        ("SITE_URL", "http://duet.example"),
        ("SITE_URL", ""),
        ("RATE_LIMIT_FACTOR", "0"),
        ("SECRET_KEY", ""),
        ("TURNSTILE_SITE_KEY", ""),
        ("TRUSTED_PROXIES", "-1"),
        ("SITE_URL", "https://duet.example/path"),
    ],
)
def test_production_refuses_a_development_setting_by_name(setting: str, value: str) -> None:
    good = {
        "DUET_ENV": "production", "DUET_BOT_CHECK": "on", "SITE_URL": "https://duet.example",
        "BUS_URL": "amqp://broker", "TURNSTILE_SECRET_KEY": "s", "TURNSTILE_SITE_KEY": "k",
    }  # fmt: skip
    settings = environment("gateway", "postgresql://localhost/duet", Keys(), **good)
    assert Config.from_env(settings).secure
    with pytest.raises(ConfigError, match=setting):
        Config.from_env({**settings, setting: value})


def test_secrets_are_not_shown_when_settings_are_printed() -> None:
    secret = {"ALTCHA_HMAC_KEY": "hidden-1", "TURNSTILE_SECRET_KEY": "hidden-2", "TURNSTILE_SITE_KEY": "k"}
    config = Config.from_env(environment("gateway", "postgresql://localhost/duet", Keys(), **secret))
    assert "hidden" not in repr(config)
    assert "test-secret" not in repr(config)
