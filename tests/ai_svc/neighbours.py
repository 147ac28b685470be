"""Strict stand-ins for chat-svc and quota-svc: what they are not meant to be asked they note and refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, jsonify, request

from chassis.auth import HEADER, Verifier
from chassis.context import REQUEST_ID_HEADER, TRACE_HEADER
from chassis.errors import DomainError
from chassis.ids import uuid7
from chassis.testing import Keys

UUID_PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


_CHAT_CALLS = {
    "context": ("POST", rf"internal/conversations/({UUID_PATTERN})/context", {"message_ids", "limit"}),
    "reply": (
        "PUT",
        rf"internal/conversations/({UUID_PATTERN})/replies/({UUID_PATTERN})",
        {"message_ids", "kind", "text", "engine"},
    ),
    "failure": (
        "PUT",
        rf"internal/conversations/({UUID_PATTERN})/replies/({UUID_PATTERN})/failure",
        {"message_ids"},
    ),
}
_QUOTA_CALLS = {"reverse": ("POST", "internal/admissions/reverse", {"admissions"})}


class _StandIn:
    """Knows a few calls, each with exactly the fields of its body.

    `before` and `after`: by the name of a call, what happens before and after it takes effect (once, then it is gone).
    """

    def __init__(self, name: str, keys: Keys, calls: Mapping[str, tuple[str, str, set[str]]]) -> None:
        self.calls = calls
        self.violations: list[str] = []
        self.seen: list[str] = []
        self.surroundings: set[tuple[str, str]] = set()
        self.before: dict[str, Callable[[], None]] = {}
        self.after: dict[str, Callable[[], None]] = {}
        self._verifier = Verifier(name, _jwks(keys))
        self.app = Flask(name)
        self.app.add_url_rule("/<path:path>", view_func=self._serve, methods=["GET", "POST", "PUT", "DELETE", "PATCH"])

    def _serve(self, path: str) -> Response:
        identity = self._verifier.verify(request.headers[HEADER])
        if (identity.issuer, identity.role) != ("ai-svc", "service"):
            self.violations.append(f"called by {identity}")
        for name, (method, pattern, fields) in self.calls.items():
            match = re.fullmatch(pattern, path)
            if match is None or request.method != method:
                continue
            body = request.get_json()
            if set(body) != fields:
                self.violations.append(f"{name} with {sorted(body)}")
            self.seen.append(name)
            self.surroundings.add((request.headers[REQUEST_ID_HEADER], request.headers[TRACE_HEADER]))
            self._happen(self.before, name)
            try:
                status, answer = getattr(self, name)(*match.groups(), body)
            except DomainError as error:
                status, answer = error.status, error.to_problem("test")
            self._happen(self.after, name)
            response = jsonify(answer)
            response.status_code = status
            return response
        self.violations.append(f"{request.method} {path}")
        return Response(status=404)

    @staticmethod
    def _happen(moments: dict[str, Callable[[], None]], name: str) -> None:
        moment = moments.pop(name, None)
        if moment is not None:
            moment()


def _jwks(keys: Keys) -> list[dict[str, str]]:
    return list(json.loads(keys.jwks)["keys"])


class ChatStandIn(_StandIn):
    """Conversations whose messages a test writes into `messages`; replies and failures as chat-svc keeps them."""

    def __init__(self, keys: Keys) -> None:
        super().__init__("chat-svc", keys, _CHAT_CALLS)
        self.messages: list[dict[str, Any]] = [{"sender": "user", "kind": "text", "text": "Hi there!"}]
        self.refusals: dict[str, DomainError] = {}
        self.replies: dict[str, dict[str, Any]] = {}
        self.failures: dict[str, dict[str, Any]] = {}

    def _refuse(self, name: str) -> None:
        if name in self.refusals:
            raise self.refusals[name]

    def context(self, conversation_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        self._refuse("context")
        assert body["limit"] in (8, 60), "a model is shown 8 messages, the offline engine 60"
        messages = [{"id": str(uuid7()), "seq": n, **one} for n, one in enumerate(self.messages, 1)]
        return 200, {
            "conversation_id": conversation_id,
            "user_id": str(uuid7()),
            "companion_id": str(uuid7()),
            "messages": messages,
        }

    def reply(self, _conversation_id: str, reply_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        self._refuse("reply")
        assert reply_id not in self.failures
        assert body["kind"] == "text"
        assert body["engine"] in ("model", "offline")
        assert body["text"].strip()
        assert self.replies.setdefault(reply_id, body) == body, "another text under the same reply id"
        return 200, {"message_id": reply_id, "seq": len(self.replies)}

    def failure(self, _conversation_id: str, reply_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        self._refuse("failure")
        assert reply_id not in self.replies
        self.failures[reply_id] = body
        return 200, {}


class QuotaStandIn(_StandIn):
    """Remembers what was given back."""

    def __init__(self, keys: Keys) -> None:
        super().__init__("quota-svc", keys, _QUOTA_CALLS)
        self.refusal: DomainError | None = None
        self.reversed: set[tuple[str, int]] = set()

    def reverse(self, body: dict[str, Any]) -> tuple[int, Any]:
        if self.refusal is not None:
            raise self.refusal
        given_back = {(one["admission_id"], one["generation"]) for one in body["admissions"]}
        fresh = given_back - self.reversed
        self.reversed |= given_back
        return 200, {"reversed": len(fresh)}
