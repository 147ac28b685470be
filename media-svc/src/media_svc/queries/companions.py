"""The read model of companions: which there are, and which are active."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from peewee import EXCLUDED

from media_svc.models import CompanionRow


def activity(companion_ids: Sequence[UUID]) -> dict[UUID, bool]:
    """Whether each of the companions that are known here is active."""
    rows = CompanionRow.select(CompanionRow.id, CompanionRow.is_active).where(CompanionRow.id.in_(list(companion_ids)))
    return {row.id: row.is_active for row in rows}


def is_active(companion_id: UUID) -> bool | None:
    """Whether a companion is active; None for one that is not known here."""
    return activity([companion_id]).get(companion_id)


def keep(companion_id: UUID, version: int, is_active: bool) -> None:
    """Take over a companion's state, unless a later one, or one as late, is known."""
    CompanionRow.insert(id=companion_id, version=version, is_active=is_active).on_conflict(
        conflict_target=[CompanionRow.id],
        preserve=[CompanionRow.version, CompanionRow.is_active],
        where=CompanionRow.version < EXCLUDED.version,
    ).execute()
