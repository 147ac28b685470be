"""The read model of companions: which there are, and which are active."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Database


def activity(database: Database, companion_ids: Sequence[UUID]) -> dict[UUID, bool]:
    """Whether each of the companions that are known here is active."""
    rows = database.rows("SELECT id, is_active FROM companions WHERE id = ANY(%s::uuid[])", (list(companion_ids),))
    return dict(rows)


def keep(database: Database, companion_id: UUID, version: int, *, is_active: bool) -> None:
    """Take over a companion's state, unless a later one, or one as late, is known."""
    database.execute(
        "INSERT INTO companions (id, version, is_active) VALUES (%s, %s, %s)"
        " ON CONFLICT (id) DO UPDATE SET version = excluded.version, is_active = excluded.is_active"
        " WHERE companions.version < excluded.version",
        (companion_id, version, is_active),
    )
