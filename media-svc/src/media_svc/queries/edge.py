"""What the local edge may serve."""

from __future__ import annotations

from chassis.db import Database
from media_svc.domain.serving import Served


def served(database: Database, key: str) -> Served | None:
    """An object of a completed upload that was neither held nor removed, at a key that is no evidence's."""
    row = database.row(
        "SELECT o.key, o.content_type, o.size, o.sha256 FROM objects o JOIN uploads u ON u.id = o.upload_id"
        " WHERE o.key = %s AND NOT o.evidence AND u.status = 'completed' AND NOT u.held AND u.removed_at IS NULL",
        (key,),
    )
    return Served(*row) if row else None
