"""Registering (AUTH-1): who may, with what, and what is kept."""

from __future__ import annotations

from tests.gateway.gateway_harness import GatewayHarness


def test_a_new_user_registers_and_sees_their_profile(gateway: GatewayHarness) -> None:
    person = gateway.register("Ada@Example.com")
    assert person.session["token_type"] == "Bearer"
    assert person.session["expires_in"] == 900
    assert person.session["user"] == {"id": person.id, "email": "ada@example.com", "role": None}
    answer = person("GET", "/v1/me")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["username"].startswith("user_")
