"""Every route of quota-svc × who calls: the status they get (guarantee 24)."""

import pytest

from chassis.ids import uuid7
from tests.quota_svc.quota_harness import Quota

ID = str(uuid7())
OTHERS = ("gateway", "media-svc", "chat-svc", "ai-svc", "quota-svc")
BODIES = {
    "/v1/permits": {"bot_token": "human", "scope": "chat_send"},
    "/internal/quotas/open": {"user_id": ID, "companion_id": ID, "conversation_id": ID},
    "/internal/admissions": {
        "admission_id": ID, "user_id": ID, "companion_id": ID, "conversation_id": ID, "permit_id": ID,
        "scope": "media", "spend": "text", "sender_id": ID, "client_id": ID,
    },
    "/internal/admissions/reverse": {"admissions": []},
    "/internal/spends": {
        "spend_id": ID, "user_id": ID, "companion_id": ID, "conversation_id": ID, "kind": "image",
    },
    "/internal/spends/<uuid7:spend_id>/return": None,
    "/internal/standing": {"user_id": ID, "companion_ids": []},
}  # fmt: skip
NOBODY = {"anonymous": 403, "user": 403, "moderator": 403, "admin": 403, "stranger": 401, **dict.fromkeys(OTHERS, 403)}
EXPECTED: dict[str, dict[str, int]] = {
    "/v1/permits": {
        "anonymous": 401, "user": 201, "moderator": 201, "admin": 201, "stranger": 401, **dict.fromkeys(OTHERS, 401)
    },
    "/internal/quotas/open": {**NOBODY, "chat-svc": 200},
    # The permit of this body is none: a neighbour that may ask gets 403 permit-invalid, anybody else 403 forbidden.
    "/internal/admissions": NOBODY,
    "/internal/admissions/reverse": {**NOBODY, "ai-svc": 200},
    # Nobody has a quota here: who may spend is told that there is none.
    "/internal/spends": {**NOBODY, "ai-svc": 402},
    "/internal/spends/<uuid7:spend_id>/return": {**NOBODY, "ai-svc": 200},
    "/internal/standing": {**NOBODY, "chat-svc": 200, "gateway": 200, "media-svc": 200},
}  # fmt: skip


def test_every_route_has_a_row_here(quota: Quota) -> None:
    everywhere = {"/healthz", "/readyz", "/metrics", "/openapi.json"}
    routes = {rule.rule for rule in quota.service.app.url_map.iter_rules()} - everywhere
    assert routes == set(EXPECTED)


@pytest.mark.parametrize("path", EXPECTED)
def test_each_caller_gets_the_stated_status(quota: Quota, path: str) -> None:
    callers = {
        "anonymous": quota.anonymous(),
        **{role: quota.user(uuid7(), role) for role in ("user", "moderator", "admin")},
        **{name: quota.neighbour(name) for name in OTHERS},
    }
    address = path.replace("<uuid7:spend_id>", str(uuid7()))
    found = {who: call("POST", address, BODIES[path]).status_code for who, call in callers.items()}
    found["stranger"] = quota.stranger().post(address, json=BODIES[path]).status_code
    assert found == EXPECTED[path]


def test_only_chat_svc_is_told_that_the_permit_is_invalid(quota: Quota) -> None:
    body = BODIES["/internal/admissions"]
    codes = {who: quota.post("/internal/admissions", body, who).json["code"] for who in OTHERS}
    assert codes == {**dict.fromkeys(OTHERS, "forbidden"), "chat-svc": "permit-invalid"}


NOT_BODIES = ("[" * 100_000, '{"a": NaN}', '{"a": 1, "a": 2}', '"\\u0000"', '"\\ud800"', "", "[]", "7")


@pytest.mark.parametrize("path", [path for path in EXPECTED if BODIES[path]])
def test_no_body_is_a_defect(quota: Quota, path: str) -> None:
    for raw in NOT_BODIES:
        for caller in (quota.user(uuid7()), quota.neighbour("chat-svc"), quota.neighbour("ai-svc")):
            answer = caller("POST", path, data=raw, headers={"Content-Type": "application/json"})
            assert 400 <= answer.status_code < 500
            assert answer.json["status"] == answer.status_code
