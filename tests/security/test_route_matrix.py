"""Every route × everybody has a stated status (AUTH-5): called directly, and through the gateway."""

import re
from uuid import uuid4

import pytest

from chassis.auth import GATEWAY, HEADER
from chassis.config import NEIGHBOURS
from chassis.ids import uuid7
from chassis.testing import problem
from deploy.reference.tables import routes_of
from tests.security.in_process import IDENTITIES, PEOPLE, InProcess
from tests.security.route_matrix import MATRIX, OPEN_AT_THE_GATEWAY

BEHIND = [name for name in NEIGHBOURS if name != GATEWAY]
ROWS = [(service, route) for service, rows in MATRIX.items() for route in rows]
PUBLIC_ROWS = [(service, route) for service in BEHIND for route in MATRIX[service] if " /v1/" in route]
INTERNAL_ROWS = [(service, route) for service, route in ROWS if " /internal/" in route]
WITH_BODY = ("POST", "PUT", "PATCH")


def concrete(route: str) -> tuple[str, str]:
    """Method and path with ids that nobody has."""
    method, path = route.split(" ")
    return method, re.sub(r"\{[a-z_]+\}", lambda _found: str(uuid7()), path)


def ask(duet: InProcess, service: str, who: str, route: str, **headers: str) -> tuple[int, object]:
    """The status, and the answer once closed."""
    if who in PEOPLE:
        duet.sign_in_again()
    method, path = concrete(route)
    options = {"json": {}} if method in WITH_BODY else {}
    answer = duet.call(service, who, method, path, headers=headers, **options)
    try:
        if answer.status_code >= 400:
            problem(answer)
        return answer.status_code, answer
    finally:
        answer.close()


@pytest.mark.parametrize("service", NEIGHBOURS)
def test_every_route_has_a_row_and_every_row_a_route(duet: InProcess, service: str) -> None:
    routes = {f"{route.method} {route.path}" for route in routes_of(duet.services[service])}
    assert routes == set(MATRIX[service])


@pytest.mark.parametrize(("service", "route"), ROWS, ids=lambda part: part.replace(" ", "_"))
def test_a_route_answers_everybody_as_stated(duet: InProcess, service: str, route: str) -> None:
    row = MATRIX[service][route]
    assert set(row) == set(IDENTITIES)
    assert {who: ask(duet, service, who, route)[0] for who in IDENTITIES} == row


@pytest.mark.parametrize(("service", "route"), PUBLIC_ROWS, ids=lambda part: part.replace(" ", "_"))
def test_the_gateway_lets_visitors_only_to_the_public_paths(duet: InProcess, service: str, route: str) -> None:
    wanted = MATRIX[service][route]["anonymous"] if route in OPEN_AT_THE_GATEWAY else 401
    assert ask(duet, GATEWAY, "stranger", route)[0] == wanted


@pytest.mark.parametrize(("service", "route"), PUBLIC_ROWS, ids=lambda part: part.replace(" ", "_"))
def test_through_the_gateway_people_get_what_the_owner_says(duet: InProcess, service: str, route: str) -> None:
    row = MATRIX[service][route]
    assert {who: ask(duet, GATEWAY, who, route)[0] for who in PEOPLE} == {who: row[who] for who in PEOPLE}


@pytest.mark.parametrize(("service", "route"), PUBLIC_ROWS, ids=lambda part: part.replace(" ", "_"))
def test_an_identity_that_a_client_sends_is_ignored(duet: InProcess, service: str, route: str) -> None:
    wanted = ask(duet, GATEWAY, "stranger", route)[0]
    for audience in (service, GATEWAY):
        forged = duet.keys.signer(GATEWAY).token(audience, subject=duet.accounts["admin"].id, role="admin")
        assert ask(duet, GATEWAY, "stranger", route, **{HEADER: forged})[0] == wanted


@pytest.mark.parametrize(("service", "route"), INTERNAL_ROWS, ids=lambda part: part.replace(" ", "_"))
def test_no_internal_route_can_be_reached_through_the_gateway(duet: InProcess, service: str, route: str) -> None:
    refusals = {401, 403} if service == GATEWAY else {404}
    assert {ask(duet, GATEWAY, who, route)[0] for who in ("stranger", *PEOPLE)} <= refusals


@pytest.mark.parametrize("service", BEHIND)
def test_an_identity_made_for_another_service_is_none(duet: InProcess, service: str) -> None:
    other = next(name for name in BEHIND if name != service)
    route = next(route for route in MATRIX[service] if " /v1/" in route)
    token = duet.keys.signer(GATEWAY).token(other, subject=duet.accounts["admin"].id, role="admin")
    assert ask(duet, service, "stranger", route, **{HEADER: token})[0] == 401


@pytest.mark.parametrize("service", BEHIND)
def test_a_service_can_vouch_for_nobody_but_itself(duet: InProcess, service: str) -> None:
    route = next(route for route in MATRIX[service] if " /v1/" in route)
    for issuer in BEHIND:
        token = duet.keys.signer(issuer).token(service, subject=duet.accounts["admin"].id, role="admin")
        assert ask(duet, service, "stranger", route, **{HEADER: token})[0] == 401


def test_another_id_cannot_be_told_from_a_missing_one_by_its_form(duet: InProcess) -> None:
    """A path id of any other form is 404 as well (api.md)."""
    for form in ("1", "00000000-0000-0000-0000-000000000000", str(uuid7()).upper(), "%00", "a" * 2_000):
        assert duet.call("chat-svc", "user", "GET", f"/v1/conversations/{form}").status_code == 404


@pytest.mark.parametrize("rest", ["", "/messages"])
def test_a_foreign_conversation_an_unknown_one_and_an_impossible_id_are_told_alike(duet: InProcess, rest: str) -> None:
    """Guarantee 25, also through the gateway's own words for paths that nobody owns."""
    chat = duet.services["chat-svc"]
    companion, conversation = uuid7(), uuid7()
    with chat.database.transaction():
        chat.database.execute(
            "INSERT INTO companions (id, version, name, is_active, engine) VALUES (%s, 1, 'Mara', true, 'offline')",
            (companion,),
        )
        chat.database.execute(
            "INSERT INTO conversations (id, user_id, companion_id) VALUES (%s, %s, %s)",
            (conversation, duet.accounts["admin"].id, companion),
        )
        chat.database.execute(
            "INSERT INTO participants (conversation_id, user_id) VALUES (%s, %s)",
            (conversation, duet.accounts["admin"].id),
        )
    told = []
    for form in (str(conversation), str(uuid7()), str(uuid4()), str(conversation).upper(), "1"):
        answer = duet.call("gateway", "user", "GET", f"/v1/conversations/{form}{rest}")
        told.append({**answer.get_json(), "request_id": "", "http": answer.status_code, "type": answer.content_type})
    assert told == [told[0]] * len(told)
    assert told[0]["http"] == 404
    assert duet.call("gateway", "admin", "GET", f"/v1/conversations/{conversation}{rest}").status_code == 200
