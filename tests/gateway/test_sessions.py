"""Sessions (AUTH-2): tokens and their rotation, cookies with CSRF and origins, the list, logging out."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.testing import problem
from gateway.config import derived_key
from tests.gateway.gateway_harness import GatewayHarness, Person

Make = Callable[..., GatewayHarness]
SECRET = "test-secret-test-secret-test-secret"
MALFORMED = [
    (b'{"email": "a@b.cd", "email": "c@d.ef"}', "application/json", 400),
    (b'{"email": NaN}', "application/json", 400),
    (b'{"email": "a\\u0000@b.cd"}', "application/json", 400),
    (b'{"email": "\\ud800"}', "application/json", 400),
    (b"[" * 100_000, "application/json", 400),
    (b"", "application/json", 400),
    (b'"text"', "application/json", 422),
    (b"\xff\xfe", "application/json", 400),
    (b"a=b", "application/x-www-form-urlencoded", 415),
    (b'{"email": "' + b"x" * 5_000_000 + b'"}', "application/json", 413),
]


def refresh(gateway: GatewayHarness, token: str) -> TestResponse:
    return gateway.stranger().post("/v1/auth/refresh", json={"refresh_token": token})


def body(answer: TestResponse) -> Any:
    assert answer.status_code < 400, answer.get_data(as_text=True)
    return answer.get_json()


def me(gateway: GatewayHarness, token: str) -> TestResponse:
    return gateway.stranger().get("/v1/me", headers={"Authorization": f"Bearer {token}"})


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def browser(gateway: GatewayHarness, person: Person, **headers: str) -> tuple[FlaskClient, str]:
    """A client signed in by cookie, and its CSRF token."""
    client = gateway.service.app.test_client()
    credentials = {"email": person.email, "password": person.password, "bot_token": "x", "cookie": True}
    answer = client.post("/v1/auth/login", json=credentials, headers=headers)
    assert body(answer) == {"user": person.session["user"]}
    cookie = client.get_cookie("duet_csrf")
    assert cookie is not None
    return client, cookie.value


def test_an_access_token_is_good_for_15_minutes(gateway: GatewayHarness) -> None:
    token = gateway.register().session["access_token"]
    claims = claims_of(token)
    assert claims["exp"] - claims["iat"] == 900
    assert me(gateway, token).status_code == 200


def test_a_token_that_is_not_a_good_one_of_ours_is_refused(gateway: GatewayHarness) -> None:
    person = gateway.register()
    good = person.session["access_token"]
    claims, key = claims_of(good), derived_key(SECRET, "access-token")
    head, payload, signature = good.split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    forged = [
        "garbage", "a.b.c", good + "x", good[:-4], f"{unsigned}.{payload}.", f"{unsigned}.{payload}.{signature}",
        jwt.encode(claims, "0" * 64, algorithm="HS256"),
        jwt.encode({**claims, "exp": claims["iat"] - 1}, key), jwt.encode({**claims, "aud": "other"}, key),
        jwt.encode({**claims, "sub": str(uuid.uuid4())}, key), jwt.encode({**claims, "sid": str(uuid.uuid4())}, key),
        *(jwt.encode({name: value for name, value in claims.items() if name != left}, key) for left in claims),
        head + "." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode() + "." + signature,
        gateway.keys.signer("gateway").token("gateway", subject=person.id, role="admin"),
        person.session["refresh_token"], "é", "x" * 10_000,
    ]  # fmt: skip
    for token in forged:
        assert me(gateway, token).status_code == 401, token
    for header in ("Basic YTpi", "Bearer", "Bearer ", good, "Token " + good):
        answer = gateway.stranger().get("/v1/me", headers={"Authorization": header})
        assert problem(answer)["code"] == "unauthenticated", header


def test_an_identity_header_from_outside_is_ignored(gateway: GatewayHarness) -> None:
    admin = gateway.admin()
    assert gateway.user(admin.id, "admin")("GET", "/v1/me").status_code == 401
    assert gateway.user(admin.id, "admin")("GET", "/v1/admin/users").status_code == 401
    person = gateway.register()
    token = gateway.keys.signer("gateway").token("gateway", subject=admin.id, role="admin")
    assert person("GET", "/v1/admin/users", headers={"X-Duet-Identity": token}).status_code == 403


def test_a_refresh_gives_new_tokens_of_the_same_session(gateway: GatewayHarness) -> None:
    first = gateway.register().session
    second = body(refresh(gateway, first["refresh_token"]))
    assert set(second) == set(first)
    assert second["user"] == first["user"]
    assert second["refresh_token"] != first["refresh_token"]
    assert claims_of(second["access_token"])["sid"] == claims_of(first["access_token"])["sid"]
    assert me(gateway, second["access_token"]).status_code == 200
    third = body(refresh(gateway, second["refresh_token"]))
    assert third["refresh_token"] not in (first["refresh_token"], second["refresh_token"])


def test_an_expired_access_token_does_not_hinder_a_refresh(gateway: GatewayHarness) -> None:
    session = gateway.register().session
    headers = {"Authorization": "Bearer expired"}
    json_body = {"refresh_token": session["refresh_token"]}
    assert gateway.stranger().post("/v1/auth/refresh", json=json_body, headers=headers).status_code == 200


def test_parallel_refreshes_with_one_token_get_the_same_answer(gateway: GatewayHarness) -> None:
    token = gateway.register().session["refresh_token"]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _n: body(refresh(gateway, token)), range(10)))
    assert all(answer == answers[0] for answer in answers)
    gateway.sql("UPDATE refresh_tokens SET rotated_at = rotated_at - interval '9 seconds'")
    assert body(refresh(gateway, token)) != answers[0]["access_token"]
    assert body(refresh(gateway, token))["refresh_token"] == answers[0]["refresh_token"]
    assert body(refresh(gateway, answers[0]["refresh_token"]))


def test_reuse_of_a_rotated_token_ends_the_whole_session(gateway: GatewayHarness) -> None:
    person = gateway.register()
    other_device = body(person.sign_in())
    stolen = gateway.register(f"{uuid.uuid4().hex}@example.com").session
    newer = body(refresh(gateway, stolen["refresh_token"]))
    gateway.sql("UPDATE refresh_tokens SET rotated_at = rotated_at - interval '11 seconds'")
    assert problem(refresh(gateway, stolen["refresh_token"]))["status"] == 401
    assert refresh(gateway, newer["refresh_token"]).status_code == 401
    assert me(gateway, newer["access_token"]).status_code == 401
    assert me(gateway, other_device["access_token"]).status_code == 200


def test_a_refresh_token_that_is_none_or_too_old_is_refused(gateway: GatewayHarness) -> None:
    session = gateway.register().session
    token = session["refresh_token"]
    for wrong in ("", "x", token[:-1], token + "x", "é", session["access_token"], "x" * 4_000):
        assert problem(refresh(gateway, wrong))["code"] == "unauthenticated"
    assert refresh(gateway, "x" * 10_000).status_code == 422
    gateway.sql("UPDATE refresh_tokens SET expires_at = now()")
    assert refresh(gateway, token).status_code == 401


def test_secrets_of_sessions_are_kept_hashed(gateway: GatewayHarness) -> None:
    person = gateway.register()
    client, csrf = browser(gateway, person)
    cookie = client.get_cookie("duet_session")
    assert cookie is not None
    rows = gateway.sql("SELECT encode(token_hash, 'escape') FROM refresh_tokens")
    rows += gateway.sql("SELECT encode(coalesce(cookie_hash, ''), 'escape') || user_agent FROM sessions")
    for secret in (person.session["refresh_token"], cookie.value, csrf):
        assert all(secret not in str(row) for row in rows)


def test_a_session_ends_at_the_next_request_after_logout(gateway: GatewayHarness) -> None:
    person = gateway.register()
    other = body(person.sign_in())
    person.session = body(person.sign_in())
    assert person("POST", "/v1/auth/logout").status_code == 204
    assert person("GET", "/v1/me").status_code == 401
    assert person("POST", "/v1/auth/logout").status_code == 401
    assert refresh(gateway, person.session["refresh_token"]).status_code == 401
    assert me(gateway, other["access_token"]).status_code == 200
    assert gateway.stranger().post("/v1/auth/logout").status_code == 401


def test_a_ban_ends_tokens_cookies_and_refreshes_at_once(gateway: GatewayHarness) -> None:
    person = gateway.register()
    client, _csrf = browser(gateway, person)
    gateway.sql("UPDATE users SET banned_at = now() WHERE id = %s", person.id)
    assert person("GET", "/v1/me").status_code == 401
    assert client.get("/v1/me").status_code == 401
    assert refresh(gateway, person.session["refresh_token"]).status_code == 401


def test_sessions_are_listed_newest_first_and_revoked_one_by_one(gateway: GatewayHarness) -> None:
    person = gateway.register()
    sign_in = {"email": person.email, "password": person.password, "bot_token": "x"}
    phone = body(
        gateway.stranger().post("/v1/auth/login", json=sign_in, headers={"User-Agent": "Phone/1 " + "x" * 500})
    )
    listed = body(person("GET", "/v1/auth/sessions"))
    assert listed["next_cursor"] is None
    assert [set(item) for item in listed["items"]] == [
        {"id", "created_at", "last_used_at", "user_agent", "current"}
    ] * 2
    assert [item["current"] for item in listed["items"]] == [False, True]
    assert listed["items"][0]["user_agent"].startswith("Phone/1 x")
    phone_id = listed["items"][0]["id"]
    stranger = gateway.register()
    assert problem(stranger("DELETE", f"/v1/auth/sessions/{phone_id}"))["code"] == "not-found"
    assert person("DELETE", f"/v1/auth/sessions/{phone_id}").status_code == 204
    assert person("DELETE", f"/v1/auth/sessions/{phone_id}").status_code == 404
    assert person("DELETE", f"/v1/auth/sessions/{uuid.uuid4()}").status_code == 404
    assert person("DELETE", "/v1/auth/sessions/7").status_code == 404
    assert me(gateway, phone["access_token"]).status_code == 401
    assert len(body(person("GET", "/v1/auth/sessions"))["items"]) == 1


def test_the_list_of_sessions_has_pages_of_its_own(gateway: GatewayHarness) -> None:
    person = gateway.register()
    for _ in range(4):
        person.sign_in()
    seen: list[str] = []
    path = "/v1/auth/sessions?limit=2"
    cursor = ""
    while True:
        page = body(person("GET", path + cursor))
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)
    assert gateway.register()("GET", path + cursor).status_code == 422
    for query in ("limit=0", "limit=101", "cursor=x", "limit=two", "page=2"):
        assert person("GET", f"/v1/auth/sessions?{query}").status_code == 422


def test_a_cookie_session_has_no_tokens_in_its_answer(gateway: GatewayHarness) -> None:
    answer = gateway.try_register("ada@example.com", cookie=True)
    assert set(body(answer)) == {"user"}
    cookies = {header.split("=", 1)[0]: header for header in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {"duet_session", "duet_csrf"}
    assert "HttpOnly" in cookies["duet_session"]
    assert "HttpOnly" not in cookies["duet_csrf"]
    for header in cookies.values():
        assert "SameSite=Lax" in header
        assert "Path=/" in header
        assert f"Max-Age={30 * 86400}" in header
        assert "Secure" not in header
        assert "Domain" not in header


def test_cookies_over_https_are_secure_and_bound_to_the_host(make_gateway: Make) -> None:
    gateway = make_gateway(RATE_LIMIT_FACTOR="0", SITE_URL="https://duet.test")
    answer = gateway.try_register("ada@example.com", cookie=True)
    cookies = {header.split("=", 1)[0]: header for header in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {"__Host-duet_session", "__Host-duet_csrf"}
    assert all("; Secure" in header and "Domain" not in header for header in cookies.values())
    client = gateway.service.app.test_client(use_cookies=False)
    values = {name: header.split("=", 1)[1].split(";", 1)[0] for name, header in cookies.items()}
    jar = "; ".join(f"{name}={value}" for name, value in values.items())
    assert client.get("/v1/me", headers={"Cookie": jar}).status_code == 200
    plain = jar.replace("__Host-", "")
    assert client.get("/v1/me", headers={"Cookie": plain}).status_code == 401
    headers = {"Cookie": jar, "X-CSRF-Token": values["__Host-duet_csrf"]}
    assert client.patch("/v1/me", json={}, headers=headers).status_code == 200


def test_a_browser_needs_its_csrf_token_for_everything_but_reading(gateway: GatewayHarness) -> None:
    person, other = gateway.register(), gateway.register()
    client, csrf = browser(gateway, person)
    _other_client, others_csrf = browser(gateway, other)
    assert client.get("/v1/me").status_code == 200
    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "é"}, {"X-CSRF-Token": others_csrf}):
        for method, path in (("PATCH", "/v1/me"), ("POST", "/v1/auth/logout"), ("POST", "/v1/conversations")):
            answer = client.open(path, method=method, json={}, headers=headers)
            assert answer.status_code == 403, (method, path, headers)
            assert problem(answer)["code"] == "csrf-failed"
    assert client.patch("/v1/me", json={}, headers={"X-CSRF-Token": csrf}).status_code == 200


def test_a_wrong_origin_is_refused_whoever_calls(gateway: GatewayHarness) -> None:
    person = gateway.register()
    client, csrf = browser(gateway, person, Origin="http://duet.test")
    good = {"X-CSRF-Token": csrf, "Origin": "http://duet.test"}
    assert client.patch("/v1/me", json={}, headers=good).status_code == 200
    sign_in = {"email": person.email, "password": person.password, "bot_token": "x", "cookie": True}
    for origin in (
        "http://evil.test",
        "null",
        "https://duet.test",
        "http://duet.test.evil.test",
        "",
        "http://localhost",
    ):
        answers = [
            client.patch("/v1/me", json={}, headers={**good, "Origin": origin}),
            client.get("/v1/me", headers={"Origin": origin}),
            gateway.stranger().post("/v1/auth/login", json=sign_in, headers={"Origin": origin}),
            gateway.stranger().post("/v1/auth/register", json=sign_in, headers={"Origin": origin}),
            person("PATCH", "/v1/me", json={}, headers={"Origin": origin}),
            gateway.stranger().get("/v1/auth/challenge", headers={"Origin": origin}),
        ]
        assert [problem(answer)["code"] for answer in answers] == ["wrong-origin"] * 6, origin
    assert person("PATCH", "/v1/me", json={}, headers={"Origin": "http://duet.test"}).status_code == 200


def test_without_a_site_url_the_origin_must_match_the_host(make_gateway: Make) -> None:
    gateway = make_gateway(RATE_LIMIT_FACTOR="0", SITE_URL="")
    person = gateway.register()
    client, csrf = browser(gateway, person, Origin="http://localhost")
    for origin, status in (("http://localhost", 200), ("http://evil.test", 403), ("null", 403), ("http://[", 403)):
        answer = client.patch("/v1/me", json={}, headers={"X-CSRF-Token": csrf, "Origin": origin})
        assert answer.status_code == status, origin


def test_a_bearer_token_wins_over_a_cookie(gateway: GatewayHarness) -> None:
    person, other = gateway.register(), gateway.register()
    client, _csrf = browser(gateway, person)
    headers = {"Authorization": f"Bearer {other.session['access_token']}"}
    assert body(client.get("/v1/me", headers=headers))["id"] == other.id
    assert client.patch("/v1/me", json={}, headers=headers).status_code == 200
    assert client.get("/v1/me", headers={"Authorization": "Bearer garbage"}).status_code == 401


def test_a_cookie_is_no_bearer_token_and_the_other_way_round(gateway: GatewayHarness) -> None:
    person = gateway.register()
    client, _csrf = browser(gateway, person)
    cookie = client.get_cookie("duet_session")
    assert cookie is not None
    assert me(gateway, cookie.value).status_code == 401
    assert refresh(gateway, cookie.value).status_code == 401
    for value in (person.session["access_token"], person.session["refresh_token"], "garbage", "\u00e9"):
        stranger = gateway.stranger()
        stranger.set_cookie("duet_session", value)
        assert stranger.get("/v1/me").status_code == 401


def test_logging_out_takes_the_cookies_back(gateway: GatewayHarness) -> None:
    client, csrf = browser(gateway, gateway.register())
    answer = client.post("/v1/auth/logout", headers={"X-CSRF-Token": csrf})
    assert answer.status_code == 204
    assert client.get_cookie("duet_session") is None
    assert client.get_cookie("duet_csrf") is None
    assert client.get("/v1/me").status_code == 401


def test_a_stale_cookie_does_not_hinder_signing_in(gateway: GatewayHarness) -> None:
    person = gateway.register()
    client = gateway.service.app.test_client()
    client.set_cookie("duet_session", "stale")
    sign_in = {"email": person.email, "password": person.password, "bot_token": "x", "cookie": True}
    assert client.post("/v1/auth/login", json=sign_in).status_code == 200
    assert client.get("/v1/me").status_code == 200


def test_a_cookie_in_use_lives_on_and_an_unused_one_ends_after_30_days(gateway: GatewayHarness) -> None:
    client, _csrf = browser(gateway, gateway.register())
    assert "Set-Cookie" not in client.get("/v1/me").headers
    gateway.sql("UPDATE sessions SET last_used_at = now() - interval '29 days', expires_at = now() + interval '1 day'")
    answer = client.get("/v1/me")
    assert len(answer.headers.getlist("Set-Cookie")) == 2
    prolonged = "SELECT expires_at > now() + interval '29 days' FROM sessions WHERE cookie_hash IS NOT NULL"
    assert gateway.sql(prolonged) == [(True,)]
    gateway.sql("UPDATE sessions SET expires_at = now()")
    assert client.get("/v1/me").status_code == 401


def test_sessions_that_ran_out_are_forgotten(gateway: GatewayHarness) -> None:
    kept, gone = gateway.register(), gateway.register()
    gateway.sql("UPDATE sessions SET expires_at = now() WHERE user_id = %s", gone.id)
    gateway.run_loop("forget-sessions")
    assert [str(row[0]) for row in gateway.sql("SELECT user_id FROM sessions")] == [kept.id]
    assert gateway.sql("SELECT count(*) FROM refresh_tokens") == [(1,)]


def test_a_malformed_body_is_refused_with_a_known_problem(gateway: GatewayHarness) -> None:
    for raw, content_type, status in MALFORMED:
        for path in ("/v1/auth/register", "/v1/auth/login", "/v1/auth/refresh"):
            answer = gateway.stranger().post(path, data=raw, content_type=content_type)
            assert answer.status_code == status, raw[:40]
            problem(answer)
