"""Profiles (PROF-1): one's own, its changes, and what others see."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.errors import Conflict, DomainError, Invalid
from chassis.ids import uuid7
from chassis.testing import problem
from tests.gateway.gateway_harness import GatewayHarness, avatar_key, body


def test_a_user_changes_every_field_of_the_profile(gateway: GatewayHarness) -> None:
    person = gateway.register()
    changes: dict[str, Any] = {
        "username": "Ada.L_1815", "name": "  Ada Lovelace ", "country": "GB", "earn_on": True, "mature_opt_in": True,
    }  # fmt: skip
    answer = person("PATCH", "/v1/me", json=changes)
    assert answer.status_code == 200
    changes["name"] = "Ada Lovelace"
    assert answer.json is not None
    assert {name: answer.json[name] for name in changes} == changes
    assert person("GET", "/v1/me").json == answer.json
    cleared = person("PATCH", "/v1/me", json={"name": None, "country": None, "earn_on": False}).json
    assert cleared is not None
    assert (cleared["name"], cleared["country"], cleared["earn_on"]) == (None, None, False)
    assert cleared["username"] == "Ada.L_1815"
    assert person("PATCH", "/v1/me", json={}).json == cleared
    assert person("PATCH", "/v1/me", json={"name": "  "}).json == cleared


INVALID: list[tuple[str, Any]] = [
    ("username", "ab"), ("username", "a" * 31), ("username", "ada lovelace"), ("username", "ada-l"),
    ("username", "аda"),
    ("username", "ada\n"), ("username", " ada "), ("username", ""), ("username", None), ("username", 12345),
    ("username", "ada%"), ("username", "ada\u0660"), ("name", "a" * 81), ("name", "Ada\r\nBcc: x"), ("name", "a\tb"),
    ("name", 7), ("name", "a\u0007"), ("country", "gb"), ("country", "XX"), ("country", "GBR"), ("country", ""),
    ("country", "G\n"), ("country", 44), ("earn_on", "true"), ("earn_on", 1), ("earn_on", None),
    ("mature_opt_in", "yes"), ("mature_opt_in", None), ("role", "admin"), ("email", "new@example.com"),
    ("premium_until", "2030-01-01T00:00:00Z"), ("birth_date", "1970-01-01"), ("id", "x"), ("avatar_key", "x"),
    ("avatar_upload_id", "x"), ("avatar_upload_id", 5),
]  # fmt: skip


def test_a_field_that_is_not_valid_is_named_and_changes_nothing(gateway: GatewayHarness) -> None:
    person = gateway.register()
    before = person("GET", "/v1/me").json
    for field, value in INVALID:
        answer = person("PATCH", "/v1/me", json={field: value})
        assert answer.status_code == 422, (field, value)
        assert field in problem(answer)["errors"], (field, value)
    assert person("GET", "/v1/me").json == before


def test_a_username_is_unique_ignoring_case(gateway: GatewayHarness) -> None:
    person, other = gateway.register(), gateway.register()
    assert person("PATCH", "/v1/me", json={"username": "Ada"}).status_code == 200
    answer = other("PATCH", "/v1/me", json={"username": "aDA", "name": "not kept"})
    assert answer.status_code == 409
    assert problem(answer)["code"] == "username-taken"
    kept = other("GET", "/v1/me").json
    assert kept is not None
    assert kept["name"] is None
    assert person("PATCH", "/v1/me", json={"username": "ADA"}).status_code == 200
    assert person("PATCH", "/v1/me", json={"username": "Lovelace"}).status_code == 200
    assert other("PATCH", "/v1/me", json={"username": "ada"}).status_code == 200


def test_of_twenty_parallel_claims_of_a_username_one_wins(gateway: GatewayHarness) -> None:
    people = [gateway.register() for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda person: person("PATCH", "/v1/me", json={"username": "Wanted"}), people))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19


def test_others_see_the_public_part_of_a_profile_only(gateway: GatewayHarness) -> None:
    person, other = gateway.register(), gateway.register()
    person("PATCH", "/v1/me", json={"username": "Ada.L", "name": "Ada", "earn_on": True})
    for spelled in ("Ada.L", "ada.l", "ADA.L"):
        answer = other("GET", f"/v1/users/{spelled}")
        assert answer.status_code == 200
        assert answer.json == {
            "id": person.id, "username": "Ada.L", "name": "Ada", "avatar_key": None, "earn_on": True,
        }  # fmt: skip


def test_a_username_of_nobody_is_not_found(gateway: GatewayHarness) -> None:
    person = gateway.register()
    for username in ["nobody", "ab", "%00", "a%00b", "%ff%fe", "ada'--", "é", "x" * 3000, "%2e%2e"]:
        answer = person("GET", f"/v1/users/{username}")
        assert answer.status_code == 404, username
        assert problem(answer)["code"] == "not-found"


def test_premium_is_as_quota_svc_says_at_that_moment(gateway: GatewayHarness) -> None:
    person = gateway.register()
    until = "2027-01-02T03:04:05.678Z"
    gateway.quota.premium_until[person.id] = until
    profile = person("GET", "/v1/me").json
    assert profile is not None
    assert (profile["premium_until"], profile["premium_active"]) == (until, True)
    gateway.quota.premium_until.clear()
    profile = person("PATCH", "/v1/me", json={}).json
    assert profile is not None
    assert (profile["premium_until"], profile["premium_active"]) == (None, False)


def test_without_quota_svc_the_profile_is_not_available(gateway: GatewayHarness) -> None:
    person = gateway.register()
    gateway.quota.is_away = True
    answer = person("GET", "/v1/me")
    assert answer.status_code == 503
    assert problem(answer)["code"] == "unavailable"
    assert answer.headers["Retry-After"]


def test_a_profile_needs_a_sign_in(gateway: GatewayHarness) -> None:
    for method, path in (("GET", "/v1/me"), ("PATCH", "/v1/me"), ("GET", "/v1/users/ada")):
        answer = gateway.stranger().open(path, method=method, json={})
        assert problem(answer)["code"] == "unauthenticated"


def test_an_upload_becomes_the_avatar_and_others_see_it(gateway: GatewayHarness) -> None:
    person, other = gateway.register(), gateway.register()
    first, second = gateway.media.upload(person), gateway.media.upload(person)
    for upload in (first, first, second, first):
        profile = body(person("PATCH", "/v1/me", json={"avatar_upload_id": upload}))
        assert profile["avatar_key"] == avatar_key(person.id, upload)
    assert body(person("PATCH", "/v1/me", json={"name": "Ada"}))["avatar_key"] == avatar_key(person.id, first)
    assert body(other("GET", f"/v1/users/{profile['username']}"))["avatar_key"] == avatar_key(person.id, first)
    assert body(person("PATCH", "/v1/me", json={"avatar_upload_id": None}))["avatar_key"] is None
    assert body(person("GET", "/v1/me"))["avatar_key"] is None
    assert body(person("PATCH", "/v1/me", json={"avatar_upload_id": first}))["avatar_key"]


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (Invalid(errors={"upload_id": ["This was not uploaded as an avatar."]}), 422, "validation-failed"),
        (Conflict("It is still being checked.", code="upload-not-ready"), 409, "upload-not-ready"),
        (Conflict("It may not be used.", code="upload-blocked"), 409, "upload-blocked"),
    ],
)
def test_an_upload_that_cannot_be_the_avatar_is_told_by_its_field_and_changes_nothing(
    gateway: GatewayHarness, refusal: DomainError, status: int, code: str
) -> None:
    person = gateway.register()
    upload = gateway.media.upload(person, refusal)
    answer = person("PATCH", "/v1/me", json={"avatar_upload_id": upload, "name": "not kept"})
    assert (answer.status_code, problem(answer)["code"]) == (status, code)
    if status == 422:
        assert problem(answer)["errors"] == {"avatar_upload_id": ["This was not uploaded as an avatar."]}
    profile = body(person("GET", "/v1/me"))
    assert (profile["avatar_key"], profile["name"]) == (None, None)


def test_a_foreign_upload_and_an_unknown_one_are_not_found_alike(gateway: GatewayHarness) -> None:
    person, other = gateway.register(), gateway.register()
    for upload in (gateway.media.upload(other), str(uuid7())):
        answer = person("PATCH", "/v1/me", json={"avatar_upload_id": upload})
        assert (answer.status_code, problem(answer)["code"]) == (404, "not-found")
    assert gateway.media.used == {}


def test_without_media_svc_only_the_avatar_can_not_be_changed(gateway: GatewayHarness) -> None:
    person = gateway.register()
    gateway.media.is_away = True
    answer = person("PATCH", "/v1/me", json={"avatar_upload_id": gateway.media.upload(person)})
    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert person("PATCH", "/v1/me", json={"name": "Ada", "avatar_upload_id": None}).status_code == 200


def test_ai_svc_is_told_who_has_opted_into_mature_media(gateway: GatewayHarness) -> None:
    person = gateway.register()
    ask = gateway.neighbour("ai-svc")
    path = "/internal/users/standing"
    assert body(ask("POST", path, json={"user_id": person.id})) == {"exists": True, "mature_opt_in": False}
    person("PATCH", "/v1/me", json={"mature_opt_in": True})
    assert body(ask("POST", path, json={"user_id": person.id})) == {"exists": True, "mature_opt_in": True}
    assert body(ask("POST", path, json={"user_id": str(uuid7())})) == {"exists": False, "mature_opt_in": False}
    assert gateway.neighbour("chat-svc")("POST", path, json={"user_id": person.id}).status_code == 403
