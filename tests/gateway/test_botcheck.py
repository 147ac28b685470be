"""The bot check (AUTH-4): ALTCHA and Turnstile behind one interface, each answer accepted once."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import altcha
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from chassis.testing import problem
from gateway.adapters.botchecks import Altcha
from tests.gateway.gateway_harness import GatewayHarness
from tests.stubs import turnstile
from tests.stubs.turnstile import Turnstile

Make = Callable[..., GatewayHarness]


@pytest.fixture
def guarded(make_gateway: Make) -> GatewayHarness:
    """A gateway with ALTCHA, as it comes."""
    return make_gateway(DUET_BOT_CHECK="on", RATE_LIMIT_FACTOR="0")


@pytest.fixture(scope="module")
def cloudflare() -> Iterator[Turnstile]:
    with turnstile.running() as stub:
        yield stub


@pytest.fixture
def with_turnstile(make_gateway: Make, cloudflare: Turnstile) -> Iterator[GatewayHarness]:
    yield make_gateway(
        DUET_BOT_CHECK="on", RATE_LIMIT_FACTOR="0", TURNSTILE_SITE_KEY=turnstile.SITE_KEY,
        TURNSTILE_SECRET_KEY=turnstile.SECRET, TURNSTILE_VERIFY_URL=cloudflare.url,
    )  # fmt: skip
    cloudflare.misbehave = None
    cloudflare.seen.clear()


def solve(gateway: GatewayHarness) -> altcha.Payload:
    """What the ALTCHA widget does with a challenge."""
    answer = gateway.stranger().get("/v1/auth/challenge")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["provider"] == "altcha"
    challenge = altcha.Challenge.from_dict(answer.json["challenge"])
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution)


def register(gateway: GatewayHarness, token: str) -> TestResponse:
    return gateway.try_register(f"{uuid.uuid4().hex}@example.com", bot_token=token)


def check(gateway: GatewayHarness, token: str, check_id: uuid.UUID | None = None, **more: Any) -> TestResponse:
    body = {"check_id": str(check_id or uuid.uuid4()), "bot_token": token, "action": "permit", **more}
    return gateway.neighbour("quota-svc")("POST", "/internal/bot-checks", json=body)


def assert_failed(answer: TestResponse) -> None:
    assert answer.status_code == 403
    assert problem(answer)["code"] == "bot-check-failed"


def test_a_solved_challenge_lets_register_and_log_in(guarded: GatewayHarness) -> None:
    person = guarded.register(bot_token=solve(guarded).to_base64())
    assert person.sign_in(bot_token=solve(guarded).to_base64()).status_code == 200
    assert_failed(person.sign_in(bot_token="x"))


def test_a_challenge_is_solved_quickly(guarded: GatewayHarness) -> None:
    begun = time.process_time()
    for _ in range(3):
        solve(guarded)
    assert (time.process_time() - begun) / 3 < 2.0


def test_a_challenge_is_not_cached(guarded: GatewayHarness) -> None:
    assert guarded.stranger().get("/v1/auth/challenge").headers["Cache-Control"] == "no-store"


def test_a_solution_is_accepted_once_however_it_is_spelled(guarded: GatewayHarness) -> None:
    payload = solve(guarded)
    again = payload.to_dict()
    again["solution"]["time"] = 17
    respelled = base64.b64encode(json.dumps(again, indent=3).encode()).decode()
    shouted = json.dumps(payload.to_dict()).replace(payload.solution.derived_key, payload.solution.derived_key.upper())
    assert register(guarded, payload.to_base64()).status_code == 201
    for token in (payload.to_base64(), respelled, base64.b64encode(shouted.encode()).decode()):
        assert_failed(register(guarded, token))
        assert_failed(check(guarded, token))


def test_of_twenty_parallel_uses_of_a_solution_one_is_accepted(guarded: GatewayHarness) -> None:
    token = solve(guarded).to_base64()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _n: check(guarded, token), range(20)))
    assert sorted(answer.status_code for answer in answers) == [204] + [403] * 19


def test_an_expired_easier_or_foreign_challenge_is_refused(guarded: GatewayHarness, make_gateway: Make) -> None:
    good = solve(guarded)
    late, easy = good.to_dict(), good.to_dict()
    late["challenge"]["parameters"]["expiresAt"] += 600
    easy["challenge"]["parameters"]["keyPrefix"] = ""
    foreign = Altcha("another key, which is not ours")
    challenge = altcha.Challenge.from_dict(dict(foreign.challenge()["challenge"]))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    for forged in (late, easy, altcha.Payload(challenge, solution).to_dict()):
        assert_failed(register(guarded, base64.b64encode(json.dumps(forged).encode()).decode()))
    own = Altcha("k" * 32)
    expired = altcha.create_challenge(
        algorithm="PBKDF2/SHA-256", cost=1, counter=1, expires_at=int(time.time()) - 1, hmac_secret="k" * 32
    )
    solution = altcha.solve_challenge(expired)
    assert solution is not None
    assert not own.verify(altcha.Payload(expired, solution).to_base64(), "login", None, uuid.uuid4()).accepted


def test_a_token_that_is_none_is_refused(guarded: GatewayHarness) -> None:
    good = solve(guarded).to_dict()
    bodies: list[Any] = [
        None, [], {}, 7, "x", {"challenge": 1, "solution": 2}, {**good, "solution": {}}, {**good, "challenge": []},
        {**good, "solution": {"counter": "1", "derivedKey": None}},
        {**good, "solution": {"counter": 2**40, "derivedKey": "00"}},
        {"challenge": {**good["challenge"], "signature": 5}, "solution": good["solution"]},
        {"challenge": {**good["challenge"], "signature": None}, "solution": good["solution"]},
        {"challenge": {"parameters": [], "signature": "x"}, "solution": good["solution"]},
    ]  # fmt: skip
    tokens = [base64.b64encode(json.dumps(body).encode()).decode() for body in bodies]
    tokens += ["", "x", "===", "A" * 8000, "é", base64.b64encode(b"[" * 5000).decode()]
    tokens += [base64.b64encode(b'{"challenge": NaN}').decode()]
    for token in tokens:
        assert_failed(register(guarded, token))
    assert register(guarded, "A" * 8193).status_code == 422


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("algorithm", "nonce", "salt", "cost", "expiresAt"), JSON)),
    JSON,
    JSON,
)
def test_no_token_breaks_the_check(parameters: dict[str, Any], signature: Any, solution: Any) -> None:
    body = {"challenge": {"parameters": parameters, "signature": signature}, "solution": solution}
    token = base64.b64encode(json.dumps(body).encode()).decode()
    assert not Altcha("k" * 32).verify(token, "register", None, uuid.uuid4()).accepted


def test_a_check_asked_again_gets_the_same_verdict(guarded: GatewayHarness) -> None:
    token, good_id, bad_id = solve(guarded).to_base64(), uuid.uuid4(), uuid.uuid4()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _n: check(guarded, token, good_id), range(10)))
    assert {answer.status_code for answer in answers} == {204}
    assert_failed(check(guarded, token, bad_id))
    assert_failed(check(guarded, solve(guarded).to_base64(), bad_id))
    assert check(guarded, "anything", good_id).status_code == 204
    assert_failed(check(guarded, token))


def test_only_quota_svc_may_ask_for_a_check(guarded: GatewayHarness) -> None:
    body = {"check_id": str(uuid.uuid4()), "bot_token": "x", "action": "permit"}
    path = "/internal/bot-checks"
    for name in ("chat-svc", "ai-svc", "media-svc", "gateway"):
        assert guarded.neighbour(name)("POST", path, json=body).status_code == 403
    assert guarded.stranger().post(path, json=body).status_code == 401
    assert guarded.user(uuid.uuid4(), "admin")("POST", path, json=body).status_code in (401, 403)
    assert check(guarded, "x", action="steal").status_code == 422
    assert guarded.neighbour("quota-svc")("POST", path, json={**body, "check_id": "7"}).status_code == 422


def test_a_switched_off_check_accepts_any_token_but_none(gateway: GatewayHarness) -> None:
    answer = gateway.stranger().get("/v1/auth/challenge")
    assert answer.json is not None
    assert answer.json["provider"] == "altcha"
    assert register(gateway, "x").status_code == 201
    assert register(gateway, "x").status_code == 201
    assert_failed(register(gateway, ""))
    assert_failed(register(gateway, "  "))


def test_turnstile_tells_its_site_key(with_turnstile: GatewayHarness) -> None:
    answer = with_turnstile.stranger().get("/v1/auth/challenge")
    assert answer.json == {"provider": "turnstile", "site_key": turnstile.SITE_KEY}


def test_a_turnstile_token_is_accepted_once(with_turnstile: GatewayHarness, cloudflare: Turnstile) -> None:
    token = cloudflare.issue(action="register")
    assert register(with_turnstile, token).status_code == 201
    (asked,) = cloudflare.seen
    assert asked["remoteip"] == "127.0.0.1"
    assert_failed(register(with_turnstile, token))
    assert_failed(check(with_turnstile, token))
    assert_failed(register(with_turnstile, "made-up"))
    assert_failed(register(with_turnstile, ""))


def test_a_turnstile_check_asked_again_gets_the_same_verdict(
    with_turnstile: GatewayHarness, cloudflare: Turnstile
) -> None:
    token, check_id = cloudflare.issue(), uuid.uuid4()
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _n: check(with_turnstile, token, check_id), range(5)))
    assert {answer.status_code for answer in answers} == {204}
    assert_failed(check(with_turnstile, token))


def test_a_turnstile_token_of_another_site_or_action_is_refused(
    with_turnstile: GatewayHarness, cloudflare: Turnstile
) -> None:
    assert_failed(register(with_turnstile, cloudflare.issue(hostname="evil.example")))
    assert_failed(register(with_turnstile, cloudflare.issue(action="login")))
    assert register(with_turnstile, cloudflare.issue()).status_code == 201


@pytest.mark.parametrize("how", ["error", "html", "internal-error", "hang"])
def test_a_broken_turnstile_is_no_refusal(with_turnstile: GatewayHarness, cloudflare: Turnstile, how: str) -> None:
    token, check_id = cloudflare.issue(), uuid.uuid4()
    cloudflare.misbehave = how
    cloudflare.hanging.clear()
    for answer in (register(with_turnstile, cloudflare.issue()), check(with_turnstile, token, check_id)):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
    cloudflare.misbehave = None
    cloudflare.hanging.set()
    assert check(with_turnstile, token, check_id).status_code == 204


def test_a_wrong_turnstile_secret_or_address_is_no_refusal(make_gateway: Make, cloudflare: Turnstile) -> None:
    common = {"DUET_BOT_CHECK": "on", "RATE_LIMIT_FACTOR": "0", "TURNSTILE_SITE_KEY": "k"}
    wrong = make_gateway(**common, TURNSTILE_SECRET_KEY="wrong", TURNSTILE_VERIFY_URL=cloudflare.url)
    assert register(wrong, cloudflare.issue()).status_code == 503
    nowhere = make_gateway(**common, TURNSTILE_SECRET_KEY="s", TURNSTILE_VERIFY_URL="http://127.0.0.1:9/verify")
    assert register(nowhere, cloudflare.issue()).status_code == 503


def test_old_tokens_and_verdicts_are_forgotten(guarded: GatewayHarness) -> None:
    check_id = uuid.uuid4()
    assert check(guarded, solve(guarded).to_base64(), check_id).status_code == 204
    guarded.sql("UPDATE spent_bot_tokens SET spent_at = now() - interval '2 hours'")
    guarded.sql("UPDATE bot_verdicts SET created_at = now() - interval '2 days'")
    guarded.run_loop("forget-bot-checks")
    assert guarded.sql("SELECT count(*) FROM spent_bot_tokens") == [(0,)]
    assert guarded.sql("SELECT count(*) FROM bot_verdicts") == [(0,)]
