"""What is known of a piece of media, and how it is told: api.md's `media`, from the description that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Flag = Literal["unknown", "safe", "soft", "erotic", "blocked"]
ErrorCode = Literal[
    "type-mismatch", "undecodable", "too-large", "too-long", "too-many-pixels", "policy", "timeout", "check-delayed"
]
ERROR_TEXTS: Mapping[str, str] = {
    "type-mismatch": "The file is not of the type it was announced as.",
    "undecodable": "The file is broken or of a kind that can't be read.",
    "too-large": "The file is too large.",
    "too-long": "The recording is too long.",
    "too-many-pixels": "The picture or video has too many pixels or frames.",
    "policy": "This can't be shared here: it goes against our content rules.",
    "timeout": "The file took too long to read.",
    "check-delayed": "The content check takes longer than usual. It goes on by itself.",
}
"""What a client can show for each error code of an upload."""
BLURRED: frozenset[str] = frozenset({"soft", "erotic"})
"""Flags whose media is shown blurred, with tap to view (MEDIA-4)."""


@dataclass(frozen=True)
class MadeFile:
    """One file that came of processing, before it is stored. `path` is local; `name` becomes the end of its key."""

    role: Literal["full", "rendition", "poster", "preview"]
    name: str
    path: str
    content_type: str
    size: int
    sha256: str
    width: int
    height: int


def shown(
    description: Mapping[str, Any], flag: str, *, premium_only: bool = False, locked: bool = False
) -> dict[str, Any]:
    """api.md's `media`. `description` is the kept one, which always knows its preview.

    `locked`: premium-only and the caller is not premium; then nothing but the blurred preview is told.
    """
    media = {**description, "nsfw_flag": flag, "locked": locked}
    if not (premium_only or flag in BLURRED):
        media["preview_key"] = None
    if locked:
        media.update(key=None, poster_key=None, renditions=[])
    return media
