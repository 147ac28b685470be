"""Who may call what: each route × role has a stated status, and what is another user's looks missing."""

import uuid
from typing import Any

import pytest

from chassis.auth import access_of
from chassis.ids import uuid7
from chassis.testing import Caller, problem
from tests.chat_svc.chat_stand_ins import Chat

MARKER = {"seq": 1}
WISH = {"client_id": str(uuid.uuid4()), "permit_id": str(uuid7())}
TEXT = {**WISH, "kind": "text", "text": "Hello"}
IDS = {"message_ids": [str(uuid7())]}
REPLY = {**IDS, "kind": "text", "text": "Hi", "engine": "model"}
VIEWER = {"viewer": str(uuid7())}
SETTLE = {"admission_id": str(uuid7()), "generation": 1, "conversation_id": str(uuid7()), "sender_id": str(uuid7()),
          "client_id": str(uuid7())}  # fmt: skip
STANDING: dict[str, Any] = {"user_id": str(uuid7()), "conversation_ids": [], "companion_ids": []}
OF_CONVERSATION: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("GET", "/messages", None),
    ("POST", "/messages", TEXT),
    ("POST", "/read", MARKER),
    ("POST", "/delivered", MARKER),
    ("POST", "/regenerate", WISH),
]
ONE = "/v1/conversations/<uuid7:conversation_id>"
INNER = "/internal/conversations/<uuid7:conversation_id>"
USERS = {"anonymous": 401, "user": 404, "moderator": 404, "admin": 404, "gateway": 401, "ai-svc": 401, "quota-svc": 401,
         "media-svc": 401}  # fmt: skip


def users(status: int) -> dict[str, int]:
    return {**USERS, "user": status, "moderator": status, "admin": status}


def only(service: str, status: int) -> dict[str, int]:
    return {**dict.fromkeys(USERS, 403), service: status}


STATED: dict[tuple[str, str], tuple[Any, dict[str, int]]] = {
    ("POST", "/v1/conversations"): ({"companion_id": str(uuid7())}, users(404)),
    ("GET", "/v1/conversations"): (None, users(200)),
    **{(method, ONE + tail): (body, USERS) for method, tail, body in OF_CONVERSATION},
    ("POST", INNER + "/context"): ({**IDS, "limit": 8}, only("ai-svc", 404)),
    ("PUT", INNER + "/replies/<uuid7:reply_id>"): (REPLY, only("ai-svc", 404)),
    ("PUT", INNER + "/replies/<uuid7:reply_id>/failure"): (IDS, only("ai-svc", 404)),
    ("POST", "/internal/messages:batch"): ({**VIEWER, "refs": []}, only("gateway", 200)),
    ("POST", "/internal/conversations:batch"): ({**VIEWER, "ids": []}, only("gateway", 200)),
    ("POST", "/internal/conversations/standing"): (STANDING, only("media-svc", 200)),
    ("POST", "/internal/sends/settle"): (SETTLE, only("quota-svc", 422)),
}


def test_every_route_has_a_stated_status_for_every_role(chat: Chat) -> None:
    app = chat.service.app
    found = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if (access := access_of(app.view_functions[rule.endpoint])) is None or access.kind != "public"
    }
    assert found == set(STATED)


def test_each_route_answers_each_role_as_stated(chat: Chat) -> None:
    callers: dict[str, Caller] = {
        "anonymous": chat.anonymous(),
        **{role: chat.user(uuid7(), role) for role in ("user", "moderator", "admin")},
        **{name: chat.neighbour(name) for name in ("gateway", "ai-svc", "quota-svc", "media-svc")},
    }
    answers = {
        (method, rule, role): call(method, rule.replace("<uuid7:conversation_id>", str(uuid7())).replace(
            "<uuid7:reply_id>", str(uuid7())), body).status_code
        for (method, rule), (body, _statuses) in STATED.items()
        for role, call in callers.items()
    }  # fmt: skip
    stated = {
        (method, rule, role): status
        for (method, rule), (_body, statuses) in STATED.items()
        for role, status in statuses.items()
    }
    assert answers == stated


def test_a_direct_call_without_identity_is_refused_everywhere(chat: Chat) -> None:
    for method, rule in STATED:
        path = rule.replace("<uuid7:conversation_id>", str(uuid7())).replace("<uuid7:reply_id>", str(uuid7()))
        assert chat.stranger().open(path, method=method, json={}).status_code == 401, (method, rule)


@pytest.mark.parametrize(("method", "tail", "body"), OF_CONVERSATION)
def test_another_users_conversation_cannot_be_told_from_a_missing_one(
    chat: Chat, user: Caller, method: str, tail: str, body: Any
) -> None:
    place = chat.conversation(user)["id"]
    chat.reply(place, [chat.send(user, place)["id"]])
    before = [chat.count("messages"), chat.count("outbox"), len(chat.quota.calls)]
    other = chat.user(uuid7())
    foreign = other(method, f"/v1/conversations/{place}{tail}", body)
    missing = other(method, f"/v1/conversations/{uuid7()}{tail}", body)
    assert (foreign.status_code, problem(foreign)["code"]) == (404, "not-found")
    assert {**foreign.json, "request_id": ""} == {**missing.json, "request_id": ""}
    malformed = other(method, f"/v1/conversations/{uuid.uuid4()}{tail}", body)
    assert malformed.status_code == 404
    assert [chat.count("messages"), chat.count("outbox"), len(chat.quota.calls)] == before


def test_the_document_tells_both_answers_of_an_opening_and_of_a_send(chat: Chat) -> None:
    document = chat.stranger().get("/openapi.json").json
    for path in ("/v1/conversations", "/v1/conversations/{conversation_id}/messages"):
        assert {"200", "201"} <= set(document["paths"][path]["post"]["responses"])
