"""Hostile input to every route: refused as a known problem with one log line, and never a failure of ours."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from chassis.auth import GATEWAY
from chassis.config import NEIGHBOURS
from chassis.testing import problem
from tests.security.attacks import (
    CANARY,
    CONTENT_TYPES,
    HEADERS,
    JSON_TYPE,
    PATH_SEGMENTS,
    QUERY_VALUES,
    RAW_BODIES,
    RAW_QUERIES,
    mutations,
    plausible,
)
from tests.security.in_process import InProcess
from tests.security.refusals import Log, allowed, created, document, filled, latin, one_line, refused_or_served
from tests.security.route_matrix import MATRIX

WITHOUT_BODY = frozenset(
    {
        *("POST /v1/auth/logout", "PUT /v1/companion-media/{media_id}/like", "POST /v1/uploads/{upload_id}/complete"),
        *("POST /internal/spends/{spend_id}/return", "PUT /store/{key}"),
    }
)
"""Without a JSON body: most have none, a PUT to the store has the bytes of a file."""
SIGNED = frozenset({"PUT /store/{key}", "GET /cdn/{key}"})
"""Whose address has to be signed; without that, no key can be told from another."""
ROUTES = [(service, route) for service, rows in MATRIX.items() for route in rows]
JSON_ROUTES = [
    (service, route)
    for service, route in ROUTES
    if route.split()[0] in ("POST", "PUT", "PATCH") and route not in WITHOUT_BODY
]
ROUTES_WITH_IDS = [(service, route) for service, route in ROUTES if "{" in route]
READS = [(service, route) for service, route in ROUTES if route.startswith("GET ") and route != "GET /v1/stream"]
OUT_OF_TIME = {("HTTP_X_DUET_DEADLINE_MS", "0", "admin")}
"""What only the gateway can say: that no time is left."""


over_json_routes = pytest.mark.parametrize(("service", "route"), JSON_ROUTES, ids=lambda part: part.replace(" ", "_"))


@pytest.mark.parametrize("service", NEIGHBOURS)
def test_the_documents_name_exactly_these_json_routes(duet: InProcess, service: str) -> None:
    named = {
        f"{method.upper()} {path}"
        for path, operations in document(duet, service)["paths"].items()
        for method, operation in operations.items()
        if method != "parameters" and "requestBody" in operation
    }
    assert named == {route for owner, route in JSON_ROUTES if owner == service}


@over_json_routes
def test_what_is_hardly_json_is_refused(
    duet: InProcess, known: dict[str, str], log: Log, service: str, route: str
) -> None:
    who = allowed(service, route)
    method, path = filled(route, known)
    for what, raw in RAW_BODIES.items():
        log.take()
        answer = duet.call(service, who, method, path, data=raw, content_type=JSON_TYPE)
        status = refused_or_served(answer, what)
        assert status == 413 if what == "5 MB" else status in (400, 422), f"{what}: {status}"
        one_line(log, service, status, what)


@over_json_routes
def test_a_body_of_another_type_is_refused(
    duet: InProcess, known: dict[str, str], log: Log, service: str, route: str
) -> None:
    who = allowed(service, route)
    method, path = filled(route, known)
    for content_type in CONTENT_TYPES:
        log.take()
        answer = duet.call(service, who, method, path, data=b"a=b", headers={"Content-Type": content_type})
        assert refused_or_served(answer, content_type) in (400, 415)
        one_line(log, service, answer.status_code, content_type)


@over_json_routes
def test_a_hostile_value_in_any_field_is_refused_or_harmless(
    duet: InProcess, known: dict[str, str], log: Log, service: str, route: str
) -> None:
    who = allowed(service, route)
    method, path = filled(route, known)
    described = document(duet, service)
    operation = described["paths"][route.split()[1]][method.lower()]
    schema = operation["requestBody"]["content"][JSON_TYPE]["schema"]
    body = plausible(schema, described, known)
    for what, hostile in mutations(body):
        if isinstance(hostile, dict) and "client_id" in hostile and who == "admin":
            hostile = (
                {**hostile, "permit_id": permit(duet)} if hostile.get("permit_id") == body["permit_id"] else hostile
            )
        log.take()
        answer = duet.call(service, who, method, path, data=json.dumps(hostile), content_type=JSON_TYPE)
        status = refused_or_served(answer, what)
        one_line(log, service, status, what)


def permit(duet: InProcess) -> str:
    """A permit of the admin, so that a hostile send can get as far as it may."""
    body = {"bot_token": "x", "scope": "chat_send"}
    return str(created(duet.call("quota-svc", "admin", "POST", "/v1/permits", json=body))["permit_id"])


@pytest.mark.parametrize(("service", "route"), READS, ids=lambda part: part.replace(" ", "_"))
def test_a_hostile_query_is_refused_or_harmless(
    duet: InProcess, known: dict[str, str], log: Log, service: str, route: str
) -> None:
    who = allowed(service, route)
    method, path = filled(route, known)
    operation = document(duet, service)["paths"].get(route.split()[1], {}).get("get", {})
    names = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
    queries = [*RAW_QUERIES, *(f"{name}={value}" for name in names for value in QUERY_VALUES)]
    for query in queries:
        log.take()
        answer = duet.call(service, who, method, path, environ_overrides={"QUERY_STRING": latin(query)})
        if path == "/readyz" and answer.status_code == 503:
            continue
        refused_or_served(answer, query[:60])
        answer.close()
        assert CANARY not in answer.headers.get("Location", "")
        log.take()


@pytest.mark.parametrize(("service", "route"), ROUTES_WITH_IDS, ids=lambda part: part.replace(" ", "_"))
def test_a_path_that_names_nothing_is_not_found(
    duet: InProcess, known: dict[str, str], log: Log, service: str, route: str
) -> None:
    who = allowed(service, route)
    method, template = route.split()
    options: dict[str, Any] = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
    for segment in PATH_SEGMENTS:
        path = re.sub(r"\{[a-z_]+\}", lambda _found, segment=segment: segment, template)
        log.take()
        answer = duet.call(service, who, method, path, **options)
        status = refused_or_served(answer, segment)
        assert status in (404, 405) or (status == 403 and route in SIGNED), segment
        one_line(log, service, answer.status_code, segment)


@pytest.mark.parametrize("service", NEIGHBOURS)
def test_hostile_headers_are_refused_or_harmless(duet: InProcess, log: Log, service: str) -> None:
    route = next(route for route in MATRIX[service] if " /v1/" in route and route.startswith(("GET", "POST")))
    method, path = filled(route, {})
    for name, values in HEADERS.items():
        for value in values:
            for who in ("stranger", "admin"):
                log.take()
                answer = duet.call(service, who, method, path, environ_overrides={name: latin(value)})
                if answer.status_code == 503 and (name, value, who) in OUT_OF_TIME and service != GATEWAY:
                    log.take()
                    continue
                status = refused_or_served(answer, f"{name}: {value[:60]!r}")
                answer.close()
                one_line(log, service, status, name)


def test_a_client_cannot_set_the_deadline_between_services(duet: InProcess) -> None:
    """Else it could make calls fail at will, and open the breakers for everybody."""
    duet.sign_in_again()
    for _attempt in range(20):
        for path in ("/v1/me", "/v1/conversations", "/v1/companions"):
            for deadline in ("0", "1"):
                overrides = {"HTTP_X_DUET_DEADLINE_MS": deadline}
                answer = duet.call("gateway", "admin", "GET", path, environ_overrides=overrides)
                assert answer.status_code == 200, f"{path} {deadline}"
    assert duet.call("gateway", "admin", "GET", "/v1/conversations").status_code == 200


def test_a_username_that_looks_like_another_one_is_refused(duet: InProcess) -> None:
    duet.sign_in_again()
    for username in (
        "\u0430dmin",
        "adm\u0456n",
        "\uff41dmin",
        "admin\u200b",
        "a\u0301dmin",
        "admin\r\n",
        "admin\n",
        "a b c",
    ):
        answer = duet.call("gateway", "user", "PATCH", "/v1/me", json={"username": username})
        assert answer.status_code == 422, ascii(username)
        assert "username" in problem(answer)["errors"]


def test_a_name_with_a_line_break_is_refused(duet: InProcess) -> None:
    duet.sign_in_again()
    for name in ("a\r\nb", "a\nb", "a\u2028b", "a\x00b", "a\x1bb"):
        answer = duet.call("gateway", "user", "PATCH", "/v1/me", json={"name": name})
        assert answer.status_code in (400, 422), ascii(name)


def test_an_unknown_path_or_method_is_a_problem_in_every_service(duet: InProcess) -> None:
    for service in NEIGHBOURS:
        for who in ("stranger", "admin"):
            for method, path in (("GET", "/nowhere"), ("GET", "/v1"), ("POST", "/healthz"), ("TRACE", "/healthz")):
                status = refused_or_served(duet.call(service, who, method, path), f"{service} {method} {path}")
                assert status in (401, 404, 405)
