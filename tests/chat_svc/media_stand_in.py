"""A strict stand-in for media-svc: uploads that sends claim and let go, and the rules of media."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, jsonify

from chassis.ids import uuid7
from chassis.testing import Keys
from tests.stubs.strict_neighbour import StrictNeighbour

RULES = {
    kind: {
        "content_types": [f"{kind}/x"], "max_bytes": 1000, "max_duration_ms": None, "price_tokens": None,
        "allowed": kind != "voice", "reason": "Not yet." if kind == "voice" else None,
    }
    for kind in ("image", "video", "voice")
}  # fmt: skip


def description(upload_id: str, **more: Any) -> dict[str, Any]:
    """What media-svc keeps of an upload: it always knows the preview."""
    folder = f"chat/{uuid7()}/{upload_id}"
    return {
        "key": f"{folder}/full.jpg", "content_type": "image/jpeg", "size_bytes": 1234, "width": 640, "height": 480,
        "duration_ms": None, "blurhash": "LEHV6nWB2yk8", "waveform": None, "nsfw_flag": "safe",
        "renditions": [{"key": f"{folder}/320.webp", "width": 320, "height": 240, "content_type": "image/webp"}],
        "poster_key": None, "preview_key": f"{folder}/preview.webp", "locked": False, **more,
    }  # fmt: skip


class Uploads(StrictNeighbour):
    """media-svc: uploads are claimed and let go as the real one does it, and refused in its order."""

    def __init__(self, keys: Keys, database_url: str) -> None:
        super().__init__("media-svc", "chat-svc", keys, database_url)
        self.known: dict[str, dict[str, Any]] = {}
        self.rules: Any = RULES
        self.asked_rules = 0
        self.before_claiming: Callable[[], object] = lambda: None
        self.after_claiming: Callable[[str], object] = lambda _upload_id: None
        self.before_releasing: Callable[[], object] = lambda: None
        self.loses_question = False
        self.loses_answer = False
        self.app.get("/internal/media/rules")(self._rules)
        self.app.post("/internal/uploads/<upload_id>/claim")(self._claim)
        self.app.post("/internal/uploads/<upload_id>/release")(self._release)

    def add(self, owner: Any, place: str, kind: str = "image", status: str = "completed", **more: Any) -> str:
        upload_id = str(uuid7())
        self.known[upload_id] = {
            "owner": str(owner), "conversation_id": place, "kind": kind, "status": status, "used_by": None,
            "message_id": None, "version": 3, "nsfw_flag": "safe", "media": description(upload_id), **more,
        }  # fmt: skip
        return upload_id

    def used_by(self, upload_id: str) -> str | None:
        return self.known[upload_id]["used_by"]

    def _rules(self) -> Response:
        self.asked_rules += 1
        return jsonify(self.rules)

    def _claim(self, upload_id: str) -> Response:
        body = self.body({"send_id", "user_id", "conversation_id", "kind"})
        if body is None:
            return self.refuse(422, "validation-failed")
        self.before_claiming()
        if self.loses_question:
            return self.refuse(503, "unavailable")
        with self.lock:
            answer = self._claim_locked(upload_id, body)
        if answer.status_code == 200:
            self.after_claiming(upload_id)
        return self.refuse(503, "unavailable") if self.loses_answer else answer

    def _claim_locked(self, upload_id: str, body: dict[str, Any]) -> Response:
        upload = self.known.get(upload_id)
        if upload is None or upload["owner"] != body["user_id"]:
            return self.refuse(404, "not-found")
        if (upload["conversation_id"], upload["kind"]) != (body["conversation_id"], body["kind"]):
            refused = self.refuse(422, "validation-failed")
            refused.data = json.dumps({**refused.get_json(), "errors": {"upload_id": ["Not for this."]}})
            return refused
        if upload["status"] == "blocked":
            return self.refuse(409, "upload-blocked")
        if upload["status"] != "completed":
            return self.refuse(409, "upload-not-ready")
        if upload["used_by"] not in (None, body["send_id"]):
            return self.refuse(409, "upload-already-used")
        upload["used_by"] = body["send_id"]
        return jsonify(
            upload_id=upload_id, media=upload["media"], nsfw_flag=upload["nsfw_flag"], version=upload["version"],
            price_tokens=None,
        )  # fmt: skip

    def _release(self, upload_id: str) -> Response:
        body = self.body({"send_id"})
        if body is None:
            return self.refuse(422, "validation-failed")
        self.before_releasing()
        if UUID(upload_id).version != 7:
            return self.refuse(404, "not-found")
        with self.lock:
            upload = self.known.get(upload_id)
            if upload is not None and upload["used_by"] == body["send_id"] and upload["message_id"] is None:
                upload["used_by"] = None
        return jsonify({})
