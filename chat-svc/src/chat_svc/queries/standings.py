"""How media stands since it was sent, whom that concerns, and what was quarantined."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.db import Database

NOBODY_YET = UUID(int=0)


@dataclass(frozen=True)
class Concerned:
    """The messages of one conversation that carry some media, and whose conversation it is."""

    conversation_id: UUID
    user_id: UUID
    seqs: list[int]


def save_standing(database: Database, upload_id: UUID, version: int, nsfw_flag: str, removed: bool) -> bool:
    """Keep how the media stands, unless a newer version is known; whether it was kept. Its conversations are to be
    told from the first on."""
    return bool(
        database.execute(
            "INSERT INTO media_standings AS s (upload_id, version, nsfw_flag, removed, told_up_to)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (upload_id) DO UPDATE SET version = EXCLUDED.version,"
            " nsfw_flag = EXCLUDED.nsfw_flag, removed = EXCLUDED.removed, told_up_to = EXCLUDED.told_up_to"
            " WHERE s.version < EXCLUDED.version",
            (upload_id, version, nsfw_flag, removed, NOBODY_YET),
        )
    )


def take_untold(database: Database) -> tuple[UUID, UUID] | None:
    """(upload_id, conversation up to which it was told) of a standing that is not told to the end, locked."""
    return database.row(
        "SELECT upload_id, told_up_to FROM media_standings WHERE told_up_to IS NOT NULL LIMIT 1 FOR UPDATE SKIP LOCKED"
    )


def find_concerned(database: Database, upload_id: UUID, after: UUID, limit: int) -> list[Concerned]:
    """The next conversations with messages that carry the media, in the order of their ids.

    The page is cut first: joined before, every page would read the conversations of all pages before it.
    """
    rows = database.rows(
        "SELECT p.conversation_id, c.user_id, p.seqs FROM (SELECT conversation_id, array_agg(seq ORDER BY seq) AS seqs"
        " FROM messages WHERE upload_id = %s AND conversation_id > %s GROUP BY conversation_id ORDER BY conversation_id"
        " LIMIT %s) p JOIN conversations c ON c.id = p.conversation_id ORDER BY p.conversation_id",
        (upload_id, after, limit),
    )
    return [Concerned(*row) for row in rows]


def set_told(database: Database, upload_id: UUID, up_to: UUID | None) -> None:
    """The conversations up to this one were told; None: all."""
    database.execute("UPDATE media_standings SET told_up_to = %s WHERE upload_id = %s", (up_to, upload_id))


def open_incident(
    database: Database,
    report_id: UUID,
    *,
    reason: str,
    upload_id: UUID,
    conversation_id: UUID | None,
    reported_user_id: UUID,
) -> bool:
    """Write the report of the policy check; False where it was there."""
    return bool(
        database.execute(
            "INSERT INTO reports (id, source, incident, reason, upload_id, conversation_id, reported_user_id, status)"
            " VALUES (%s, 'pipeline', true, %s, %s, %s, %s, 'pending') ON CONFLICT (id) DO NOTHING",
            (report_id, reason, upload_id, conversation_id, reported_user_id),
        )
    )
