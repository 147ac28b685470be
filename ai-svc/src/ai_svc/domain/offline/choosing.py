"""Picks lines so that a companion does not repeat herself: by seed, and never what she said lately."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

_SLOT = re.compile(r"\{(\w+)\}")


def number(*parts: object) -> int:
    """A number that only depends on the parts."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big")


def chance(percent: int, *parts: object) -> bool:
    """True for about `percent` of all different parts, always the same for the same ones."""
    return number("chance", *parts) % 100 < percent


def fits(line: str, slots: Mapping[str, str]) -> bool:
    """Whether everything that the line wants to name is known."""
    return all(name in slots for name in _SLOT.findall(line))


def filled(line: str, slots: Mapping[str, str]) -> str:
    """The line with its slots filled; `{Name}` is `{name}` with a capital letter."""
    return _SLOT.sub(lambda slot: slots[slot[1]], line)


def pick(pool: Sequence[str], slots: Mapping[str, str], said: Sequence[str], *seed: object) -> str | None:
    """One line of the pool whose slots are known and that was not said lately, else one said long ago."""
    possible = [line for line in dict.fromkeys(pool) if fits(line, slots)]
    if not possible:
        return None
    oldest_first = sorted(possible, key=lambda line: last_said(line, said))
    unsaid = sum(last_said(line, said) < 0 for line in possible)
    # With a single line left the choice would walk in a circle, and two circles in step repeat whole replies.
    candidates = oldest_first[: max(unsaid, 4, len(possible) // 3)]
    return candidates[number("pick", *seed) % len(candidates)]


def last_said(line: str, said: Sequence[str]) -> int:
    """The index of the last message that holds the line's longest fixed part, -1 for none."""
    mark = max((part.strip() for part in _SLOT.split(line)[::2]), key=len)
    return max((place for place, text in enumerate(said) if mark and mark in text), default=-1)
