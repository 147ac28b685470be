"""Sessions (AUTH-2): tokens and their rotation, the list, logging out."""

from __future__ import annotations

import base64
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt

from chassis.testing import problem
from gateway.config import derived_key
from tests.gateway.gateway_harness import GatewayHarness, body, browser, me, refresh

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


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


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
        assert answer.headers["WWW-Authenticate"] == "Bearer", header


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


def test_a_rotated_token_is_reused_as_soon_as_its_successor_was_used(gateway: GatewayHarness) -> None:
    first = gateway.register().session
    second = body(refresh(gateway, first["refresh_token"]))
    third = body(refresh(gateway, second["refresh_token"]))
    assert problem(refresh(gateway, first["refresh_token"]))["status"] == 401
    assert refresh(gateway, third["refresh_token"]).status_code == 401
    assert me(gateway, third["access_token"]).status_code == 401


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


def test_a_stranger_is_told_to_sign_in_before_anything_is_missing(gateway: GatewayHarness) -> None:
    person = gateway.register()
    for path in (f"/v1/auth/sessions/{uuid.uuid4()}", f"/v1/admin/users/{uuid.uuid4()}", "/v1/me/7", "/v1/users/a/b"):
        assert problem(gateway.stranger().delete(path))["code"] == "unauthenticated", path
        bad_token = gateway.stranger().delete(path, headers={"Authorization": "Bearer x"})
        assert problem(bad_token)["code"] == "unauthenticated", path
        assert problem(person("DELETE", path))["code"] == "not-found", path
    assert gateway.stranger().get("/v1/nothing").status_code == 404


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
