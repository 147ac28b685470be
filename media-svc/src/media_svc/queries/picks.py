"""What companions picked to send, and who may see it because of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Database
from media_svc.domain.picking import Asset
from media_svc.models import AssetGrant, Pick


@dataclass(frozen=True)
class Picked:
    """What was picked for a reply, with its media as it is now. `taken_down`: held or removed meanwhile."""

    reply_id: UUID
    conversation_id: UUID
    user_id: UUID
    companion_id: UUID
    state: str
    asset_id: UUID | None
    upload_id: UUID | None
    text: str | None
    media: Mapping[str, Any] | None
    nsfw_flag: str | None
    version: int | None
    taken_down: bool


@dataclass(frozen=True)
class PickAccount:
    """A pick as admins see it."""

    reply_id: UUID
    kind: str
    tags: list[str]
    missed_tags: list[str]
    asset_id: UUID | None
    why: Mapping[str, Any]
    state: str
    created_at: datetime


@dataclass(frozen=True)
class MissedTag:
    """A tag that was asked for `count` times and that no asset of the kind answered to; `last_at`: the last time."""

    tag: str
    kind: str
    count: int
    last_at: datetime


def one_at_a_time(database: Database, conversation_id: UUID) -> None:
    """Let this transaction be the only one that picks for the conversation, so that none sends what another does."""
    database.row("SELECT pg_advisory_xact_lock(hashtextextended('pick:' || %s::text, 0))", (str(conversation_id),))


def one(database: Database, reply_id: UUID) -> Picked | None:
    """What was picked for a reply."""
    row = database.row(
        "SELECT p.reply_id, p.conversation_id, p.user_id, p.companion_id, p.state, m.id, m.upload_id, m.text, u.media,"
        " u.nsfw_flag, u.version, coalesce(u.held OR u.removed_at IS NOT NULL OR m.removed_at IS NOT NULL, false)"
        " FROM picks p LEFT JOIN companion_media m ON m.id = p.asset_id"
        " LEFT JOIN uploads u ON u.id = m.upload_id WHERE p.reply_id = %s",
        (reply_id,),
    )
    return Picked(*row) if row else None


def assets(database: Database, companion_id: UUID, kind: str) -> list[Asset]:
    """The published assets of a companion of one kind; erotic ones are mature whether or not an admin said so."""
    rows = database.rows(
        "SELECT m.id, m.text, m.tags, m.mature OR u.nsfw_flag = 'erotic'"
        " FROM companion_media m JOIN uploads u ON u.id = m.upload_id"
        " WHERE m.companion_id = %s AND m.surface = 'asset' AND m.kind = %s AND m.published"
        " AND m.removed_at IS NULL AND u.removed_at IS NULL AND NOT u.held",
        (companion_id, kind),
    )
    return [Asset(*row) for row in rows]


def sent(database: Database, conversation_id: UUID) -> set[UUID]:
    """The assets that a conversation has had."""
    rows = database.rows("SELECT asset_id FROM asset_grants WHERE conversation_id = %s", (conversation_id,))
    return {row[0] for row in rows}


def insert(fields: Mapping[str, Any]) -> bool:
    """Note a pick, and let the user see what was picked. False where the reply has one."""
    fresh = Pick.insert(**fields).on_conflict_ignore().returning(Pick.reply_id).execute()
    if not list(fresh):
        return False
    if fields["asset"] is not None:
        AssetGrant.insert(
            conversation_id=fields["conversation_id"],
            user_id=fields["user_id"],
            asset=fields["asset"],
            reply=fields["reply_id"],
        ).execute()
    return True


def drop(database: Database, reply_id: UUID) -> None:
    """Take a pick back, for good, and with it the right to see it."""
    database.execute("UPDATE picks SET state = 'dropped' WHERE reply_id = %s AND state = 'picked'", (reply_id,))
    database.execute("DELETE FROM asset_grants WHERE reply_id = %s", (reply_id,))


def accounts(database: Database, companion_id: UUID, before: UUID | None, limit: int) -> list[PickAccount]:
    """The picks of a companion, newest first, after the one of reply `before`."""
    rows = database.rows(
        "SELECT reply_id, kind, tags, missed_tags, asset_id, why, state, created_at FROM picks"
        " WHERE companion_id = %(companion)s AND (%(before)s::uuid IS NULL OR reply_id < %(before)s)"
        " ORDER BY reply_id DESC LIMIT %(limit)s",
        {"companion": companion_id, "before": before, "limit": limit},
    )
    return [PickAccount(*row) for row in rows]


def missed_tags(
    database: Database, companion_id: UUID, after: tuple[int, str, str] | None, limit: int
) -> list[MissedTag]:
    """Tags that found nothing, the most wanted first, after the one with that count, tag and kind."""
    count, tag, kind = after or (None, None, None)
    rows = database.rows(
        "SELECT tag, kind, wanted, last_at FROM (SELECT tag, kind, count(*) AS wanted, max(created_at) AS last_at"
        " FROM picks CROSS JOIN unnest(missed_tags) AS tag WHERE companion_id = %(companion)s GROUP BY tag, kind) AS t"
        " WHERE %(count)s::bigint IS NULL OR (-wanted, tag, kind) > (-%(count)s::bigint, %(tag)s::text, %(kind)s::text)"
        " ORDER BY -wanted, tag, kind LIMIT %(limit)s",
        {"companion": companion_id, "count": count, "tag": tag, "kind": kind, "limit": limit},
    )
    return [MissedTag(*row) for row in rows]
