"""Ids: time-ordered UUIDv7, and ids derived from another id so that a repeated step names the same thing."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from uuid import UUID

UUID7_PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_UUID7 = re.compile(UUID7_PATTERN)


def _compose(milliseconds: int, random_bits: int) -> UUID:
    rand_a = (random_bits >> 62) & 0xFFF
    rand_b = random_bits & ((1 << 62) - 1)
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b)


def uuid7() -> UUID:
    """A new UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits."""
    return _compose(time.time_ns() // 1_000_000, secrets.randbits(74))


def derive(base: UUID, *names: str | UUID | int) -> UUID:
    """The UUIDv7 that `base` and `names` always give: the time of `base`, the rest from a SHA-256 of all of them.

    `base` of another version (a client's id, say) lends its first 48 bits as they are.
    """
    text = "\x00".join(str(part) for part in (base, *names))
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
    return _compose(base.int >> 80, digest)


def is_uuid7(text: str) -> bool:
    """Whether `text` has the canonical form of an id made by the server."""
    return _UUID7.fullmatch(text) is not None
