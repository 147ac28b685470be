"""Completed media of every purpose, written straight into the tables, and companion media through admin routes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.ids import uuid7
from chassis.testing import Caller
from media_svc.domain.keys import final_prefix
from tests.media_svc.media_stand_ins import Media

Execute = Callable[..., None]
"""Runs a statement with its parameters, in a transaction."""
CONTENT_TYPES = {"image": "image/jpeg", "video": "video/mp4"}


@dataclass(frozen=True)
class Made:
    """A completed upload; `keys` by role."""

    upload_id: UUID
    keys: dict[str, str]


class Shelf:
    """What tests of companion media, likes, picks and signing begin with."""

    def __init__(self, media: Media) -> None:
        self.media = media
        self.admin_id = uuid7()
        self.admin: Caller = media.user(self.admin_id, "admin")
        self.companion_id = media.ai.add()

    def completed(self, purpose: str, owner_id: UUID | None = None, **more: Any) -> Made:
        """An upload that was processed. `companion_id` is the shelf's where the purpose needs one."""
        if purpose.startswith("companion_"):
            more.setdefault("companion_id", self.companion_id)
        return completed(self.media.execute, purpose, owner_id or self.admin_id, **more)

    def add(self, surface: str, made: Made | None = None, **fields: Any) -> dict[str, Any]:
        """A medium on a surface of the shelf's companion, through the admin's route."""
        upload = made or self.completed("companion_media", kind=fields.pop("kind", "image"))
        body = {"upload_id": str(upload.upload_id), "surface": surface, **fields}
        answer = self.admin("POST", f"/v1/admin/companions/{self.companion_id}/media", body)
        assert answer.status_code == 201, answer.json
        return dict(answer.json)

    def listed(self, caller: Caller, path: str) -> list[dict[str, Any]]:
        """All pages of a list."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            answer = caller("GET", f"{path}{'&' if '?' in path else '?'}limit=3{cursor}")
            assert answer.status_code == 200, answer.json
            items += answer.json["items"]
            if answer.json["next_cursor"] is None:
                return items
            cursor = f"&cursor={answer.json['next_cursor']}"

    def shown(self, caller: Caller, surface: str = "gallery") -> list[dict[str, Any]]:
        return self.listed(caller, f"/v1/companions/{self.companion_id}/{surface}")

    def pick(self, reply_id: UUID, conversation_id: UUID, user_id: UUID, *tags: str, **more: Any) -> Any:
        """The asset that ai-svc is told for a reply."""
        body = {
            "conversation_id": str(conversation_id), "user_id": str(user_id), "companion_id": str(self.companion_id),
            "kind": "image", "tags": list(tags), "mature": False, **more,
        }  # fmt: skip
        answer = self.media.as_ai("PUT", f"/internal/picks/{reply_id}", body)
        assert answer.status_code == 200, answer.json
        return answer.json["asset"]


def completed(execute: Execute, purpose: str, owner_id: UUID, **more: Any) -> Made:
    """An upload that was processed, with its objects as rows; `more`: further columns."""
    kind, flag = more.pop("kind", "image"), more.pop("nsfw_flag", "safe")
    upload_id = uuid7()
    scope = more.get("conversation_id") or more.get("companion_id") or owner_id
    prefix = final_prefix(purpose, scope, upload_id)
    full = "full.mp4" if kind == "video" else "full.jpg"
    names = {"full": full, "rendition": "320.webp", "preview": "preview.webp"}
    if kind == "video":
        names["poster"] = "poster.webp"
    keys = {role: prefix + name for role, name in names.items()}
    row = {
        "id": upload_id, "owner_id": owner_id, "purpose": purpose, "kind": kind, "content_type": CONTENT_TYPES[kind],
        "size": 1000, "status": "completed", "nsfw_flag": flag, "sha256_full": "0" * 64,
        "media": json.dumps(description(keys, kind)), "url_expires_at": "now", **more,
    }  # fmt: skip
    _insert(execute, "uploads", row)
    for role, key in keys.items():
        stored = {"content_type": "x/y", "size": 1, "sha256": "0" * 64}
        _insert(execute, "objects", {"key": key, "upload_id": upload_id, "role": role, **stored})
    return Made(upload_id, keys)


def _insert(execute: Execute, table: str, row: dict[str, Any]) -> None:
    places = ", ".join(["%s"] * len(row))
    statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"  # noqa: S608 - names from tests
    execute(statement, *row.values())


def description(keys: dict[str, str], kind: str) -> dict[str, Any]:
    """What is kept of completed media."""
    picture = {"key": keys["rendition"], "width": 320, "height": 240, "content_type": "image/webp"}
    return {
        "key": keys["full"], "content_type": CONTENT_TYPES[kind], "size_bytes": 1000, "width": 640, "height": 480,
        "duration_ms": 1500 if kind == "video" else None, "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj", "waveform": None,
        "nsfw_flag": "safe", "renditions": [picture], "poster_key": keys.get("poster"),
        "preview_key": keys["preview"], "locked": False,
    }  # fmt: skip
