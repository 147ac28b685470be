"""Media on messages: what is kept of it, what a viewer is told of it, and the rules told when they are not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

MEDIA_KINDS = ("image", "video", "voice")
NO_VOICE_YET = "Voice notes can't be sent yet."
AWAY = "Media can't be sent at the moment. Please try again later."
BLURRED = frozenset({"soft", "erotic"})
"""Flags whose media is shown blurred, with tap to view (MEDIA-4)."""
VIEWABLE = frozenset({"safe", *BLURRED})
Rules = Mapping[str, Mapping[str, Any]]
"""`media_rules` of api.md, by kind."""


@dataclass(frozen=True)
class Media:
    """What a message carries. `description`: media-svc's, as it was at `version`; `asset_id`: of a companion's media;
    `removed`: held, blocked or removed since (MEDIA-7)."""

    upload_id: UUID
    asset_id: UUID | None
    description: Mapping[str, Any]
    version: int
    nsfw_flag: str
    removed: bool = False


def can_be_shown(kind: str, media: Media) -> bool:
    """Whether a viewer may be told of the media: never when removed, or when no verdict lets it through."""
    return not media.removed and (media.nsfw_flag in VIEWABLE or (kind == "voice" and media.nsfw_flag == "unknown"))


def shown(media: Media) -> dict[str, Any]:
    """api.md's `media`; the description always knows its preview, which only blurred media tells."""
    view = {**media.description, "nsfw_flag": media.nsfw_flag, "locked": False}
    if media.nsfw_flag not in BLURRED:
        view["preview_key"] = None
    return view


def rules_while_unknown() -> Rules:
    """`media_rules` while media-svc has not told them: nothing is allowed, and why."""
    return {
        kind: {
            "content_types": [],
            "max_bytes": 0,
            "max_duration_ms": None,
            "price_tokens": None,
            "allowed": False,
            "reason": AWAY,
        }
        for kind in MEDIA_KINDS
    }
