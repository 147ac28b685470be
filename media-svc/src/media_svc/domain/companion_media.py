"""What a companion's media may say of itself on each surface, as COMP-2 has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from chassis.errors import Invalid

Surface = Literal["gallery", "post", "asset"]
SURFACES: tuple[Surface, ...] = get_args(Surface)
TEXT_LIMIT = 2_000
LOCATION_LIMIT = 200
TAG_LIMIT = 40
TAGS_LIMIT = 20
ONLY_ON: Mapping[str, tuple[frozenset[str], str]] = {
    "premium_only": (frozenset({"gallery"}), "Only media of the gallery can be for premium users only."),
    "mature": (frozenset({"asset"}), "Only assets can be mature."),
    "can_be_liked": (frozenset({"gallery", "post"}), "Assets can't be liked."),
    "location": (frozenset({"post"}), "Only posts have a location."),
}
"""Field → the surfaces that have it, and what is said elsewhere."""


@dataclass(frozen=True)
class Medium:
    """One picture or video of a companion. `media`: the kept description; None where it was taken down.

    `upload_status`: api.md's status of the upload that it came of.
    """

    id: UUID
    companion_id: UUID
    upload_id: UUID
    surface: Surface
    kind: str
    text: str
    location: str | None
    tags: Sequence[str]
    premium_only: bool
    mature: bool
    can_be_liked: bool
    published: bool
    like_count: int
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime
    upload_status: str
    nsfw_flag: str
    media: Mapping[str, Any] | None
    liked: bool = False


@dataclass(frozen=True)
class Counts:
    """How many published media a companion has on each surface."""

    gallery: int
    posts: int
    assets: int


def checked(surface: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are kept. Raises Invalid for what this surface does not have, by field (COMP-2)."""
    wrong = {name: [why] for name, (surfaces, why) in ONLY_ON.items() if fields.get(name) and surface not in surfaces}
    if wrong:
        raise Invalid(errors=wrong)
    kept = dict(fields)
    if "tags" in kept:
        kept["tags"] = distinct(kept["tags"])
    if "location" in kept:
        kept["location"] = kept["location"] or None
    return kept


def distinct(tags: Sequence[str]) -> list[str]:
    """Each tag once, whatever its case, as first written."""
    return list({tag.casefold(): tag for tag in reversed(tags)}.values())[::-1]
