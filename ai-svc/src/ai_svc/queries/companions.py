"""Reads of companions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from peewee import fn

from ai_svc.domain.conversation import Persona
from ai_svc.models import Companion

_PLAIN = (
    "id", "name", "age", "bio", "avatar_key", "background_key", "persona_prompt", "voice_id", "is_active",
    "created_by", "created_at", "updated_at",
)  # fmt: skip


def view(row: Companion) -> dict[str, Any]:
    """A companion as plain values, the private ones too: the answer's schema says what leaves."""
    counts = {"gallery": row.gallery_count, "posts": row.posts_count, "assets": row.assets_count}
    return {**{name: getattr(row, name) for name in _PLAIN}, "counts": counts}


def one(companion_id: str | UUID) -> Companion | None:
    """A companion by its id, whether active or not."""
    found: Companion | None = Companion.get_or_none(Companion.id == companion_id)
    return found


def page(*, name_part: str, only_active: bool, before: str | None, limit: int) -> list[Companion]:
    """Companions whose folded name holds `name_part`, newest first, after the one with id `before`."""
    query = Companion.select().order_by(Companion.id.desc()).limit(limit)
    if only_active:
        query = query.where(Companion.is_active)
    if name_part:
        query = query.where(fn.strpos(Companion.name_folded, name_part) > 0)
    if before is not None:
        query = query.where(Companion.id < before)
    return list(query)


def persona(companion_id: UUID) -> Persona | None:
    """The companion as its engine plays it."""
    row = one(companion_id)
    return Persona(str(row.id), row.name, row.age, row.bio, row.persona_prompt) if row is not None else None
