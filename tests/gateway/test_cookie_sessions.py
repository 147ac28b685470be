"""Sessions of browsers (AUTH-2): cookies, CSRF tokens and origins."""

from __future__ import annotations

from collections.abc import Callable

from chassis.testing import problem
from tests.gateway.gateway_harness import GatewayHarness, body, browser, me, refresh

Make = Callable[..., GatewayHarness]


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
