"""Companion media: read, written, liked and counted. A medium's row is locked before its companion's counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from peewee import SQL

from chassis.db import Database
from media_svc.domain.companion_media import Counts, Medium
from media_svc.models import CompanionMedia

_SEEN = "m.removed_at IS NULL AND u.removed_at IS NULL AND NOT u.held"
_COLUMNS = (
    "m.id, m.companion_id, m.upload_id, m.surface, m.kind, m.text, m.location, m.tags, m.premium_only, m.mature,"
    " m.can_be_liked, m.published, m.like_count, m.created_by, m.created_at, m.updated_at, u.status, u.nsfw_flag,"
    f" CASE WHEN {_SEEN} THEN u.media END"
)
_LIKED = "EXISTS (SELECT FROM likes l WHERE l.media_id = m.id AND l.user_id = %(viewer)s)"
_FROM = "FROM companion_media m JOIN uploads u ON u.id = m.upload_id"


def insert(fields: Mapping[str, Any]) -> None:
    """A new medium."""
    CompanionMedia.insert(**fields).execute()


def update(media_id: UUID, fields: Mapping[str, Any]) -> None:
    """Change some fields of a medium."""
    CompanionMedia.update(**fields, updated_at=SQL("now()")).where(CompanionMedia.id == media_id).execute()


def mark_removed(database: Database, media_id: UUID) -> None:
    """Take a medium from its surface for good."""
    database.execute("UPDATE companion_media SET removed_at = now(), published = false WHERE id = %s", (media_id,))


def lock(database: Database, media_id: UUID) -> tuple[Medium, bool] | None:
    """A medium for the rest of the transaction, and whether it was removed."""
    row = database.row(
        f"SELECT m.removed_at IS NOT NULL, {_COLUMNS} {_FROM} WHERE m.id = %s FOR NO KEY UPDATE OF m",
        (media_id,),
    )
    return (Medium(*row[1:]), bool(row[0])) if row else None


def one(database: Database, media_id: UUID) -> Medium | None:
    """A medium that was not removed."""
    row = database.row(f"SELECT {_COLUMNS} {_FROM} WHERE m.id = %s AND m.removed_at IS NULL", (media_id,))
    return Medium(*row) if row else None


def page(database: Database, companion_id: UUID, surface: str | None, before: UUID | None, limit: int) -> list[Medium]:
    """Everything of a companion that was not removed, newest first, after the one with id `before`."""
    rows = database.rows(
        f"SELECT {_COLUMNS} {_FROM} WHERE m.companion_id = %(companion)s AND m.removed_at IS NULL"
        " AND (%(surface)s::text IS NULL OR m.surface = %(surface)s)"
        " AND (%(before)s::uuid IS NULL OR m.id < %(before)s) ORDER BY m.id DESC LIMIT %(limit)s",
        {"companion": companion_id, "surface": surface, "before": before, "limit": limit},
    )
    return [Medium(*row) for row in rows]


def shown_page(
    database: Database, companion_id: UUID, surface: str, viewer: UUID, before: UUID | None, limit: int
) -> list[Medium]:
    """What users see of a surface, newest first, after the one with id `before`, with what `viewer` likes."""
    rows = database.rows(
        f"SELECT {_COLUMNS}, {_LIKED} {_FROM}"
        " WHERE m.companion_id = %(companion)s AND m.surface = %(surface)s AND m.published"
        f" AND {_SEEN} AND (%(before)s::uuid IS NULL OR m.id < %(before)s) ORDER BY m.id DESC LIMIT %(limit)s",
        {"companion": companion_id, "surface": surface, "viewer": viewer, "before": before, "limit": limit},
    )
    return [Medium(*row) for row in rows]


def next_version(database: Database, companion_id: UUID) -> int:
    """Lock the counts of a companion for the rest of the transaction, and count them as changed once more."""
    rows = database.rows(
        "INSERT INTO companion_surfaces (companion_id, version) VALUES (%s, 1) ON CONFLICT (companion_id)"
        " DO UPDATE SET version = companion_surfaces.version + 1 RETURNING version",
        (companion_id,),
    )
    return int(rows[0][0])


def counts(database: Database, companion_id: UUID) -> Counts:
    """The published media of a companion, by surface."""
    found = dict(
        database.rows(
            f"SELECT m.surface, count(*) {_FROM} WHERE m.companion_id = %s AND m.published AND {_SEEN}"
            " GROUP BY m.surface",
            (companion_id,),
        )
    )
    return Counts(found.get("gallery", 0), found.get("post", 0), found.get("asset", 0))


def like(database: Database, media_id: UUID, user_id: UUID) -> int:
    """Note a like, once, and tell how many there are. The medium's row must be locked."""
    fresh = database.execute(
        "INSERT INTO likes (media_id, user_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", (media_id, user_id)
    )
    return _recount(database, media_id, fresh)


def unlike(database: Database, media_id: UUID, user_id: UUID) -> int:
    """Take a like back, and tell how many there are. The medium's row must be locked."""
    gone = database.execute("DELETE FROM likes WHERE media_id = %s AND user_id = %s", (media_id, user_id))
    return _recount(database, media_id, -gone)


def _recount(database: Database, media_id: UUID, by: int) -> int:
    rows = database.rows(
        "UPDATE companion_media SET like_count = like_count + %s WHERE id = %s RETURNING like_count", (by, media_id)
    )
    return int(rows[0][0])
