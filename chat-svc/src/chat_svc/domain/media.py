"""What media a companion conversation takes: the limits of MEDIA-2 as they are told with the conversation."""

from __future__ import annotations

from typing import Any

MEGABYTE = 1_048_576
NOT_YET = "Media can't be sent yet."
LIMITS: dict[str, tuple[tuple[str, ...], int, int | None]] = {
    "image": (("image/jpeg", "image/png", "image/webp"), 3 * MEGABYTE, None),
    "video": (("video/mp4", "video/webm"), 5 * MEGABYTE, 60_000),
    "voice": (("audio/mpeg", "audio/mp4", "audio/wav", "audio/webm"), 5 * MEGABYTE, 60_000),
}
"""By kind: canonical content types, bytes, milliseconds (None: no duration)."""


def media_rules() -> dict[str, dict[str, Any]]:
    """`media_rules` of a companion conversation, by kind."""
    return {
        kind: {
            "content_types": list(content_types),
            "max_bytes": max_bytes,
            "max_duration_ms": max_duration_ms,
            "price_tokens": None,
            "allowed": False,
            "reason": NOT_YET,
        }
        for kind, (content_types, max_bytes, max_duration_ms) in LIMITS.items()
    }
