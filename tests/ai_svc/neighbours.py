"""Strict stand-ins for the neighbours: what they are not meant to be asked they note and refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, jsonify, request

from chassis.auth import HEADER, Verifier
from chassis.context import REQUEST_ID_HEADER, TRACE_HEADER
from chassis.errors import Conflict, DomainError, Invalid, NotFound, PaymentRequired
from chassis.ids import uuid7
from chassis.testing import Keys

UUID_PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


_CHAT_CALLS = {
    "context": ("POST", rf"internal/conversations/({UUID_PATTERN})/context", {"message_ids", "limit"}),
    "reply": (
        "PUT",
        rf"internal/conversations/({UUID_PATTERN})/replies/({UUID_PATTERN})",
        {"message_ids", "kind", "text", "engine", "media"},
    ),
    "failure": (
        "PUT",
        rf"internal/conversations/({UUID_PATTERN})/replies/({UUID_PATTERN})/failure",
        {"message_ids"},
    ),
}
_QUOTA_CALLS = {
    "reverse": ("POST", "internal/admissions/reverse", {"admissions"}),
    "spend": ("POST", "internal/spends", {"spend_id", "user_id", "companion_id", "conversation_id", "kind"}),
    "give_back": ("POST", rf"internal/spends/({UUID_PATTERN})/return", None),
}
_GATEWAY_CALLS = {"standing": ("POST", "internal/users/standing", {"user_id"})}
_MEDIA_CALLS = {
    "pick": (
        "PUT",
        rf"internal/picks/({UUID_PATTERN})",
        {"conversation_id", "user_id", "companion_id", "kind", "tags", "mature"},
    ),
    "drop": ("DELETE", rf"internal/picks/({UUID_PATTERN})", None),
    "use": ("POST", rf"internal/uploads/({UUID_PATTERN})/use", {"use_id", "user_id", "purpose", "companion_id"}),
}


class _StandIn:
    """Knows a few calls, each with exactly the fields of its body.

    `before` and `after`: by the name of a call, what happens before and after it takes effect (once, then it is gone).
    `refusals`: by the name of a call, what it is refused with.
    """

    def __init__(self, name: str, keys: Keys, calls: Mapping[str, tuple[str, str, set[str] | None]]) -> None:
        self.calls = calls
        self.violations: list[str] = []
        self.seen: list[str] = []
        self.refusals: dict[str, DomainError] = {}
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
            body = request.get_json() if request.get_data() else None
            if (None if body is None else set(body)) != fields:
                self.violations.append(f"{name} with {body}")
            self.seen.append(name)
            self.surroundings.add((request.headers[REQUEST_ID_HEADER], request.headers[TRACE_HEADER]))
            self._happen(self.before, name)
            try:
                if name in self.refusals:
                    raise self.refusals[name]
                status, answer = getattr(self, name)(*match.groups(), *([] if body is None else [body]))
            except DomainError as error:
                status, answer = error.status, error.to_problem("test")
            self._happen(self.after, name)
            if answer is None:
                return Response(status=204)
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
        self.replies: dict[str, dict[str, Any]] = {}
        self.failures: dict[str, dict[str, Any]] = {}

    def context(self, conversation_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        assert body["limit"] in (8, 60), "a model is shown 8 messages, the offline engine 60"
        messages = [{"id": str(uuid7()), "seq": n, **one} for n, one in enumerate(self.messages, 1)]
        return 200, {
            "conversation_id": conversation_id,
            "user_id": str(uuid7()),
            "companion_id": str(uuid7()),
            "messages": messages,
        }

    def reply(self, _conversation_id: str, reply_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        assert reply_id not in self.failures
        assert body["engine"] in ("model", "offline")
        if body["kind"] == "text":
            assert body["text"].strip()
            assert body["media"] is None
        else:
            assert body["kind"] in ("image", "video")
            assert body["text"] is None or body["text"].strip()
            assert set(body["media"]) == {"upload_id", "asset_id", "description", "nsfw_flag", "version"}
        assert self.replies.setdefault(reply_id, body) == body, "another text under the same reply id"
        return 200, {"message_id": reply_id, "seq": len(self.replies)}

    def failure(self, _conversation_id: str, reply_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        assert reply_id not in self.replies
        self.failures[reply_id] = body
        return 200, {}


class QuotaStandIn(_StandIn):
    """Remembers what was given back, and keeps one user's media quota; `media_left` None: premium."""

    def __init__(self, keys: Keys) -> None:
        super().__init__("quota-svc", keys, _QUOTA_CALLS)
        self.media_left: int | None = 2
        self.spends: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        self.reversed: set[tuple[str, int]] = set()

    def reverse(self, body: dict[str, Any]) -> tuple[int, Any]:
        given_back = {(one["admission_id"], one["generation"]) for one in body["admissions"]}
        fresh = given_back - self.reversed
        self.reversed |= given_back
        return 200, {"reversed": len(fresh)}

    def spend(self, body: dict[str, Any]) -> tuple[int, Any]:
        spend_id = body["spend_id"]
        assert self.kinds.setdefault(spend_id, body["kind"]) == body["kind"] in ("image", "video")
        known = self.spends.get(spend_id)
        if known == "returned":
            raise Conflict(code="spend-returned")
        if known is None:
            if self.media_left == 0:
                raise PaymentRequired(code="quota-exhausted")
            if self.media_left is not None:
                self.media_left -= 1
            self.spends[spend_id] = known = "nothing" if self.media_left is None else "media"
        return 200, {"spent": known}

    def give_back(self, spend_id: str) -> tuple[int, Any]:
        known = self.spends.get(spend_id)
        if known == "media":
            assert self.media_left is not None
            self.media_left += 1
        self.spends[spend_id] = "returned"
        return 200, {"returned": known not in (None, "returned")}


class GatewayStandIn(_StandIn):
    """Knows who opted in to mature media."""

    def __init__(self, keys: Keys) -> None:
        super().__init__("gateway", keys, _GATEWAY_CALLS)
        self.opted_in: set[str] = set()

    def standing(self, body: dict[str, Any]) -> tuple[int, Any]:
        return 200, {"exists": True, "mature_opt_in": body["user_id"] in self.opted_in}


class MediaStandIn(_StandIn):
    """Assets by kind, picked in their order and for a reply only once; uploads that are used once."""

    def __init__(self, keys: Keys) -> None:
        super().__init__("media-svc", keys, _MEDIA_CALLS)
        self.assets: dict[str, list[dict[str, Any]]] = {"image": [], "video": []}
        self.picks: dict[str, dict[str, Any] | None] = {}
        self.asked: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, dict[str, Any]] = {}

    def add(self, kind: str, text: str = "") -> dict[str, Any]:
        """One more asset."""
        asset = {
            "asset_id": str(uuid7()),
            "upload_id": str(uuid7()),
            "text": text,
            "media": {"key": f"companions/{uuid7()}/{uuid7()}/full.jpg", "width": 640, "height": 480},
            "nsfw_flag": "safe",
            "version": 3,
        }
        self.assets[kind].append(asset)
        return asset

    def pick(self, reply_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        assert isinstance(body["mature"], bool)
        assert len(body["tags"]) <= 3
        assert all(isinstance(tag, str) and tag.strip() for tag in body["tags"])
        assert self.asked.setdefault(reply_id, body) == body, "something else under the same reply id"
        if reply_id not in self.picks:
            of_kind = self.assets[body["kind"]]
            self.picks[reply_id] = of_kind.pop(0) if of_kind else None
        return 200, {"asset": self.picks[reply_id]}

    def drop(self, reply_id: str) -> tuple[int, Any]:
        self.picks[reply_id] = None
        return 204, None

    def use(self, upload_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        upload = self.uploads.get(upload_id)
        if upload is None or upload["owner_id"] != body["user_id"]:
            raise NotFound()
        if (upload["purpose"], upload["companion_id"]) != (body["purpose"], body["companion_id"]):
            raise Invalid(errors={"upload_id": ["Was uploaded for something else."]})
        if upload.setdefault("used_by", body["use_id"]) != body["use_id"]:
            raise Conflict(code="upload-already-used")
        return 200, {"key": upload["key"], "version": 1}
