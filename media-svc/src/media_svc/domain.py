"""The limits of MEDIA-2 as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Purpose = Literal["avatar", "companion_profile", "companion_background", "companion_media"]
MEGABYTE = 1_048_576
IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp")
VIDEO_TYPES = ("video/mp4", "video/webm")
VIDEO_LIMIT_MS = 60_000
NOT_YET = "Media can't be uploaded yet."


@dataclass(frozen=True)
class Rule:
    """What may be uploaded as one kind: canonical content types, bytes and milliseconds (None: no duration), its price
    (None: free), and why it is not allowed where it is not."""

    content_types: tuple[str, ...]
    max_bytes: int
    max_duration_ms: int | None
    price_tokens: int | None = None
    allowed: bool = False
    reason: str | None = NOT_YET


RULES: dict[Purpose, dict[str, Rule]] = {
    "avatar": {"image": Rule(IMAGE_TYPES, 3 * MEGABYTE, None)},
    "companion_profile": {"image": Rule(IMAGE_TYPES, 10 * MEGABYTE, None)},
    "companion_background": {"image": Rule(IMAGE_TYPES, 10 * MEGABYTE, None)},
    "companion_media": {
        "image": Rule(IMAGE_TYPES, 10 * MEGABYTE, None),
        "video": Rule(VIDEO_TYPES, 50 * MEGABYTE, VIDEO_LIMIT_MS),
    },
}
"""The limits by purpose and kind; those of chat media depend on the conversation and are told with it."""
