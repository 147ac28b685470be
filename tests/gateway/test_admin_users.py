"""Roles (AUTH-5): who appoints whom, when it acts, and what each route answers to each role."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.errors import Invalid
from chassis.testing import problem
from gateway.usecases.admin import Admin
from tests.gateway.gateway_harness import GatewayHarness, Person

UNKNOWN = "01932f5c-0000-7000-8000-000000000001"
OK, NO_SIGN_IN, NO_ROLE, MISSING, INVALID = 200, 401, 403, 404, 422

# route, JSON body → status for: nobody, user, moderator, admin
STATUSES: list[tuple[str, str, Any, tuple[int, int, int, int]]] = [
    ("GET", "/v1/auth/challenge", None, (OK, OK, OK, OK)),
    ("POST", "/v1/auth/register", {}, (INVALID, INVALID, INVALID, INVALID)),
    ("POST", "/v1/auth/login", {}, (INVALID, INVALID, INVALID, INVALID)),
    ("POST", "/v1/auth/refresh", {}, (INVALID, INVALID, INVALID, INVALID)),
    ("GET", "/v1/auth/sessions", None, (NO_SIGN_IN, OK, OK, OK)),
    ("DELETE", f"/v1/auth/sessions/{UNKNOWN}", None, (NO_SIGN_IN, MISSING, MISSING, MISSING)),
    ("GET", "/v1/me", None, (NO_SIGN_IN, OK, OK, OK)),
    ("PATCH", "/v1/me", {}, (NO_SIGN_IN, OK, OK, OK)),
    ("GET", "/v1/users/nobody", None, (NO_SIGN_IN, MISSING, MISSING, MISSING)),
    ("GET", "/v1/admin/users", None, (NO_SIGN_IN, NO_ROLE, NO_ROLE, OK)),
    ("PATCH", f"/v1/admin/users/{UNKNOWN}", {"role": None}, (NO_SIGN_IN, NO_ROLE, NO_ROLE, MISSING)),
    ("POST", "/internal/bot-checks", {}, (NO_SIGN_IN, NO_SIGN_IN, NO_SIGN_IN, NO_SIGN_IN)),
    ("POST", "/v1/auth/logout", None, (NO_SIGN_IN, 204, 204, 204)),
]


def role_of(person: Person) -> str | None:
    profile = person("GET", "/v1/me").json
    assert profile is not None
    role: str | None = profile["role"]
    return role


def test_every_route_answers_each_role_as_stated(gateway: GatewayHarness) -> None:
    admin, moderator, user = gateway.admin(), gateway.register(), gateway.register()
    appointed = admin("PATCH", f"/v1/admin/users/{moderator.id}", json={"role": "moderator"})
    assert appointed.status_code == 200
    for method, path, json, expected in STATUSES:
        nobody = gateway.stranger().open(path, method=method, json=json)
        answers = [nobody, *(person(method, path, json=json) for person in (user, moderator, admin))]
        assert tuple(answer.status_code for answer in answers) == expected, (method, path)


def test_the_command_line_makes_the_first_admin_who_appoints_others(gateway: GatewayHarness) -> None:
    person, other = gateway.register("ada@example.com"), gateway.register()
    assert person("GET", "/v1/admin/users").status_code == 403
    made = gateway.service.usecases.admin.create_admin(" ADA@example.com")
    assert (str(made[0]), made[1]) == (person.id, None)
    assert person("GET", "/v1/admin/users").status_code == 200
    answer = person("PATCH", f"/v1/admin/users/{other.id}", json={"role": "admin"})
    assert answer.json is not None
    assert answer.json["role"] == "admin"
    assert other("GET", "/v1/admin/users").status_code == 200
    assert role_of(other) == "admin"


def test_the_command_line_makes_an_account_where_there_is_none(gateway: GatewayHarness) -> None:
    create_admin = gateway.service.usecases.admin.create_admin
    user_id, password = create_admin("boss@example.com")
    assert password is not None
    person = Person(gateway, "boss@example.com")
    person.password = password
    assert person.sign_in().status_code == 200
    assert person.id == str(user_id)
    assert person.session["user"]["role"] == "admin"
    profile = person("GET", "/v1/me").json
    assert profile is not None
    assert profile["birth_date"] is None
    assert create_admin("boss@example.com") == (user_id, None)
    with pytest.raises(Invalid):
        create_admin("boss")


def test_a_role_acts_and_ends_at_the_next_request(gateway: GatewayHarness) -> None:
    admin, person = gateway.admin(), gateway.register()
    path = f"/v1/admin/users/{person.id}"
    for role, status in (("admin", 200), ("moderator", 403), ("admin", 200), (None, 403)):
        assert admin("PATCH", path, json={"role": role}).status_code == 200
        assert person("GET", "/v1/admin/users").status_code == status
        assert role_of(person) == role


def test_a_change_of_role_invalidates_what_was_derived_from_it(gateway: GatewayHarness) -> None:
    admin, person = gateway.admin(), gateway.register()
    use = gateway.service.usecases
    before = use.sessions.by_access_token(person.session["access_token"])
    assert use.sessions.is_open(before)
    admin("PATCH", f"/v1/admin/users/{person.id}", json={"role": "moderator"})
    after = use.sessions.by_access_token(person.session["access_token"])
    assert (after.role, after.session_id) == ("moderator", before.session_id)
    assert after.version != before.version
    assert not use.sessions.is_open(before)
    assert use.sessions.is_open(after)
    admin("PATCH", f"/v1/admin/users/{person.id}", json={"role": "moderator"})
    assert use.sessions.is_open(after)


class Recorder:
    """An Announcer that notes whose streams were to end."""

    def __init__(self) -> None:
        self.closed: list[str] = []

    def close_sessions(self, session_ids: Any) -> None:
        self.closed += session_ids

    def wake(self, user_ids: Any) -> None:
        raise AssertionError("nothing was logged")

    def signal(self, user_id: str, event: str, data: Any) -> None:
        raise AssertionError("nothing was signalled")


def test_a_change_of_role_ends_the_streams_of_all_sessions(gateway: GatewayHarness) -> None:
    person, recorder, use = gateway.register(), Recorder(), gateway.service.usecases
    person.sign_in()
    admin = Admin(gateway.service.database, use.accounts, None, recorder)  # type: ignore[arg-type]  # hashes nothing here
    admin.set_role(person.id, "moderator", actor="test")
    kept = gateway.sql("SELECT id::text FROM sessions WHERE user_id = %s", person.id)
    assert sorted(recorder.closed) == sorted(row[0] for row in kept)
    assert len(recorder.closed) == 2
    recorder.closed.clear()
    admin.set_role(person.id, "moderator", actor="test")
    assert recorder.closed == []


def test_the_last_admin_cannot_step_down(gateway: GatewayHarness) -> None:
    admin = gateway.admin()
    answer = admin("PATCH", f"/v1/admin/users/{admin.id}", json={"role": None})
    assert answer.status_code == 409
    assert problem(answer)["code"] == "last-admin"
    assert admin("PATCH", f"/v1/admin/users/{admin.id}", json={"role": "admin"}).status_code == 200


def test_two_admins_who_dismiss_each_other_leave_one(gateway: GatewayHarness) -> None:
    first, second = gateway.admin(), gateway.admin()
    pairs = [(first, second), (second, first)]
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda pair: pair[0]("PATCH", f"/v1/admin/users/{pair[1].id}", json={"role": None}), pairs)
        statuses = sorted(answer.status_code for answer in answers)
    assert statuses in ([200, 403], [200, 409])
    assert gateway.sql("SELECT count(*) FROM users WHERE role = 'admin'") == [(1,)]


def test_a_role_that_is_none_is_refused(gateway: GatewayHarness) -> None:
    admin, person = gateway.admin(), gateway.register()
    path = f"/v1/admin/users/{person.id}"
    for body in ({}, {"role": "user"}, {"role": "root"}, {"role": 1}, {"role": "admin", "email": "x@y.zz"}, []):
        assert admin("PATCH", path, json=body).status_code == 422
    assert admin("PATCH", "/v1/admin/users/7", json={"role": None}).status_code == 404
    assert admin("PATCH", f"/v1/admin/users/{uuid.uuid4()}", json={"role": None}).status_code == 404


def test_admins_find_accounts_by_email_username_name_and_id(gateway: GatewayHarness) -> None:
    admin, person = gateway.admin(), gateway.register("ada_l@example.com")
    person("PATCH", "/v1/me", json={"username": "Enchantress", "name": "Countess 100%"})
    gateway.register("adaxl@example.com")

    def found(text: str) -> list[str]:
        answer = admin("GET", "/v1/admin/users", query_string={"q": text})
        assert answer.status_code == 200
        assert answer.json is not None
        return [item["id"] for item in answer.json["items"]]

    for text in ("ada_l@", "ADA_L", "chant", "countess", "100%", person.id, person.id.upper()):
        assert found(text) == [person.id], text
    assert found("nobody-at-all") == []
    assert len(found("")) == 3
    for text in ("'", "%", "\\", "_", '"; DROP TABLE users', "é" * 200):
        found(text)
    assert admin("GET", "/v1/admin/users", query_string={"q": "a\x00b"}).status_code in (400, 422)
    for query in ({"q": "x" * 201}, {"limit": "0"}, {"cursor": "x"}, {"role": "admin"}):
        assert admin("GET", "/v1/admin/users", query_string=query).status_code == 422


def test_the_list_of_accounts_has_pages_newest_first_without_secrets(gateway: GatewayHarness) -> None:
    admin = gateway.admin()
    people = [admin, *(gateway.register() for _ in range(4))]
    seen: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = admin("GET", "/v1/admin/users", query_string=query).json
        assert page is not None
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert [item["id"] for item in seen] == [person.id for person in reversed(people)]
    assert set(seen[0]) == {"id", "email", "role", "username", "name", "created_at", "banned_at"}
    assert admin("GET", "/v1/admin/users", query_string={**query, "q": "other"}).status_code == 422
