"""The streams of a session end with it (AUTH-2, AUTH-5): at logout, when it is revoked, when the role changes."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.gateway.gateway_harness import GatewayHarness, Person
from tests.stubs.http_server import serving


@pytest.fixture
def address(gateway: GatewayHarness) -> Iterator[str]:
    """The whole gateway on a real server, as its host starts it."""
    gateway.service.start_web()
    with serving(gateway.service.app) as url:
        yield url
        gateway.service.stop_web()


class Stream:
    """An open stream of a person."""

    def __init__(self, url: str, person: Person) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        headers = {"Authorization": f"Bearer {person.session['access_token']}"}
        self._connection.request("GET", "/v1/stream", headers=headers)
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200
        while not self._answer.readline().startswith(b"event: ready"):
            pass

    def ends(self) -> bool:
        """Reads until it ends; fails with a timeout where it does not."""
        while self._answer.readline():
            pass
        self._connection.close()
        return True


def log_out(person: Person, _admin: Person) -> None:
    assert person("POST", "/v1/auth/logout").status_code == 204


def revoke(person: Person, _admin: Person) -> None:
    listed = person("GET", "/v1/auth/sessions").json
    assert listed is not None
    current = next(item["id"] for item in listed["items"] if item["current"])
    assert person("DELETE", f"/v1/auth/sessions/{current}").status_code == 204


def appoint(person: Person, admin: Person) -> None:
    assert admin("PATCH", f"/v1/admin/users/{person.id}", json={"role": "moderator"}).status_code == 200


@pytest.mark.parametrize("act", [log_out, revoke, appoint])
def test_a_stream_ends_with_what_it_was_opened_for(
    gateway: GatewayHarness, address: str, act: Callable[[Person, Person], None]
) -> None:
    person, admin = gateway.register(), gateway.admin()
    stream, others = Stream(address, person), Stream(address, admin)
    act(person, admin)
    assert stream.ends()
    assert admin("POST", "/v1/auth/logout").status_code == 204
    assert others.ends()


def test_reuse_of_a_refresh_token_ends_the_stream(gateway: GatewayHarness, address: str) -> None:
    person = gateway.register()
    stream, body = Stream(address, person), {"refresh_token": person.session["refresh_token"]}
    assert person.client.post("/v1/auth/refresh", json=body).status_code == 200
    gateway.sql("UPDATE refresh_tokens SET rotated_at = rotated_at - interval '11 seconds'")
    assert person.client.post("/v1/auth/refresh", json=body).status_code == 401
    assert stream.ends()
