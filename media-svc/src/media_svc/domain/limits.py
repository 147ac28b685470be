"""The limits of MEDIA-2 as data, and what an upload that breaks one is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Purpose = Literal["chat", "avatar", "companion_profile", "companion_background", "companion_media"]
Kind = Literal["image", "video", "voice"]
MEGABYTE = 1_048_576
IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp")
VIDEO_TYPES = ("video/mp4", "video/webm")
VOICE_TYPES = ("audio/mpeg", "audio/mp4", "audio/wav", "audio/webm")
ALIASES: Mapping[str, str] = {
    "audio/x-m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
}
VIDEO_LIMIT_MS = 60_000
VOICE_LIMIT_MS = 60_000
GRACE_MS = 500
"""How much longer than its limit a decoded duration may be."""
MAX_PIXELS = 50_000_000
MAX_SIDE = 4_096
"""Of a video, in pixels."""
MAX_FRAMES_PER_SECOND = 60
NO_VOICE_YET = "Voice notes can't be sent yet."


@dataclass(frozen=True)
class Rule:
    """What may be uploaded as one kind: canonical content types, bytes and milliseconds (None: no duration), its price
    (None: free), and why it is not allowed where it is not."""

    content_types: tuple[str, ...]
    max_bytes: int
    max_duration_ms: int | None
    price_tokens: int | None = None
    allowed: bool = True
    reason: str | None = None


COMPANION_CHAT: Mapping[str, Rule] = {
    "image": Rule(IMAGE_TYPES, 3 * MEGABYTE, None),
    "video": Rule(VIDEO_TYPES, 5 * MEGABYTE, VIDEO_LIMIT_MS),
    "voice": Rule(VOICE_TYPES, 5 * MEGABYTE, VOICE_LIMIT_MS, allowed=False, reason=NO_VOICE_YET),
}
"""What a user may send to a companion."""
RULES: Mapping[str, Mapping[str, Rule]] = {
    "avatar": {"image": Rule(IMAGE_TYPES, 3 * MEGABYTE, None)},
    "companion_profile": {"image": Rule(IMAGE_TYPES, 10 * MEGABYTE, None)},
    "companion_background": {"image": Rule(IMAGE_TYPES, 10 * MEGABYTE, None)},
    "companion_media": {
        "image": Rule(IMAGE_TYPES, 10 * MEGABYTE, None),
        "video": Rule(VIDEO_TYPES, 50 * MEGABYTE, VIDEO_LIMIT_MS),
    },
}
"""The limits by purpose and kind; those of chat media depend on the conversation and are told with it."""
