"""What lies behind keys, and what decides on who may see it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Database
from media_svc.domain.viewing import Viewable


def viewables(database: Database, keys: Sequence[str], viewer: UUID | None) -> list[Viewable]:
    """The objects at these keys whose media is completed, neither held nor removed. Unknown keys are left out."""
    rows = database.rows(
        "SELECT o.key, o.role, u.purpose, u.owner_id, u.conversation_id, u.companion_id, u.used_by IS NOT NULL,"
        " u.message_id IS NOT NULL, m.surface, coalesce(m.published, false), coalesce(m.premium_only, false),"
        " EXISTS (SELECT FROM asset_grants g WHERE g.asset_id = m.id AND g.user_id = %(viewer)s::uuid), c.is_active"
        " FROM objects o JOIN uploads u ON u.id = o.upload_id"
        " LEFT JOIN companion_media m ON m.upload_id = u.id"
        " LEFT JOIN companions c ON c.id = u.companion_id"
        " WHERE o.key = ANY(%(keys)s) AND NOT o.evidence AND o.role <> 'original' AND u.status = 'completed'"
        " AND NOT u.held AND u.removed_at IS NULL AND m.removed_at IS NULL",
        {"keys": list(keys), "viewer": viewer},
    )
    return [Viewable(*row) for row in rows]
