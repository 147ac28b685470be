"""Finding, opening and locking conversations, and moving their markers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import EXCLUDED

from chassis.db import Database
from chat_svc.domain.conversations import Companion, Conversation
from chat_svc.domain.messages import PREVIEW_CHARACTERS
from chat_svc.models import CompanionRow

MoveMarker = Callable[[Database, UUID, UUID, int], bool]
"""(database, conversation_id, user_id, seq) → whether the marker moved."""
_MINE = (
    "SELECT c.id, c.user_id, c.companion_id, c.last_seq, c.last_message_at, c.created_at, p.read_seq,"
    " p.user_id AS viewer FROM participants p JOIN conversations c ON c.id = p.conversation_id WHERE p.user_id = %s"
)
_ACTIVE_AT = "COALESCE(c.last_message_at, c.created_at)"
# The page is cut before the last message and the unread ones are looked up, so that only its rows pay for them.
_SEEN = f"""
SELECT c.id, c.user_id, k.id, k.name, k.avatar_key, k.is_active, k.engine, c.last_seq, m.kind,
       left(m.text, {PREVIEW_CHARACTERS + 1}), c.last_message_at, c.read_seq,
       (SELECT count(*) FROM messages u WHERE u.conversation_id = c.id AND u.seq > c.read_seq
           AND u.sender_id IS DISTINCT FROM c.viewer AND NOT u.superseded),
       c.created_at
  FROM ({{page}}) c JOIN companions k ON k.id = c.companion_id
  LEFT JOIN messages m ON m.conversation_id = c.id AND m.seq = c.last_seq
"""  # noqa: S608 - constants only


def _conversation(row: tuple[Any, ...]) -> Conversation:
    return Conversation(row[0], row[1], Companion(*row[2:7]), *row[7:])


def find_conversation(database: Database, conversation_id: UUID, viewer: UUID) -> Conversation | None:
    """The conversation where `viewer` takes part in it."""
    found = find_conversations(database, [conversation_id], viewer)
    return found.get(conversation_id)


def find_conversations(database: Database, ids: Sequence[UUID], viewer: UUID) -> dict[UUID, Conversation]:
    """Those of `ids` that `viewer` takes part in."""
    statement = _SEEN.format(page=_MINE + " AND p.conversation_id = ANY(%s::uuid[])")
    return {row[0]: _conversation(row) for row in database.rows(statement, (viewer, list(ids)))}


def find_with_companion(database: Database, user_id: UUID, companion_id: UUID) -> Conversation | None:
    """The conversation of a user and a companion."""
    statement = _SEEN.format(page=_MINE + " AND c.user_id = %s AND c.companion_id = %s")
    row = database.row(statement, (user_id, user_id, companion_id))
    return _conversation(row) if row else None


def list_conversations(
    database: Database, viewer: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Conversation]:
    """The viewer's conversations, newest activity first, from behind the position `before`."""
    behind, params = "", []
    if before is not None:
        behind, params = f" AND ({_ACTIVE_AT}, c.id) < (%s, %s)", [*before]
    order = f" ORDER BY {_ACTIVE_AT} DESC, c.id DESC"
    statement = _SEEN.format(page=_MINE + behind + order + " LIMIT %s") + order
    return [_conversation(row) for row in database.rows(statement, (viewer, *params, limit))]


def open_conversation(database: Database, conversation_id: UUID, user_id: UUID, companion: Companion) -> bool:
    """Insert the conversation and what belongs to it; False where it was there.

    Of openings at once, one may meet the other's id before its pair, so a conflict with either counts.
    """
    CompanionRow.insert(
        id=companion.id,
        version=0,
        name=companion.name,
        avatar_key=companion.avatar_key,
        is_active=companion.is_active,
        engine=companion.engine,
    ).on_conflict_ignore().execute()
    opened = database.execute(
        "INSERT INTO conversations (id, user_id, companion_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (conversation_id, user_id, companion.id),
    )
    if opened:
        database.execute(
            "INSERT INTO participants (conversation_id, user_id) VALUES (%s, %s)", (conversation_id, user_id)
        )
    return bool(opened)


def lock_conversation(database: Database, conversation_id: UUID) -> tuple[UUID, UUID] | None:
    """Take the row lock that orders everything written in the conversation; (user_id, companion_id).

    The statements after it see all that was committed under the lock before.
    """
    return database.row("SELECT user_id, companion_id FROM conversations WHERE id = %s FOR UPDATE", (conversation_id,))


def find_ends(database: Database, conversation_id: UUID) -> tuple[UUID, UUID] | None:
    """(user_id, companion_id) of a conversation."""
    return database.row("SELECT user_id, companion_id FROM conversations WHERE id = %s", (conversation_id,))


def takes_part(database: Database, conversation_id: UUID, user_id: UUID) -> bool:
    """Whether the user is a participant of the conversation."""
    return (
        database.row(
            "SELECT 1 FROM participants WHERE conversation_id = %s AND user_id = %s", (conversation_id, user_id)
        )
        is not None
    )


def find_companions_of(database: Database, ids: Sequence[UUID], user_id: UUID) -> list[tuple[UUID, UUID]]:
    """(conversation_id, companion_id) of those of `ids` that the user takes part in."""
    rows = database.rows(
        "SELECT c.id, c.companion_id FROM participants p JOIN conversations c ON c.id = p.conversation_id"
        " WHERE p.user_id = %s AND p.conversation_id = ANY(%s::uuid[])",
        (user_id, list(ids)),
    )
    return [(conversation_id, companion_id) for conversation_id, companion_id in rows]


def find_known_companions(database: Database, companion_ids: Sequence[UUID], user_id: UUID) -> list[UUID]:
    """Those of `companion_ids` that the user has a conversation with."""
    rows = database.rows(
        "SELECT companion_id FROM conversations WHERE user_id = %s AND companion_id = ANY(%s::uuid[])",
        (user_id, list(companion_ids)),
    )
    return [companion_id for (companion_id,) in rows]


def mark_read(database: Database, conversation_id: UUID, user_id: UUID, seq: int) -> bool:
    """Move the read marker (and with it the delivered one) up to `seq`, at most to the newest message."""
    return bool(
        database.execute(
            "UPDATE participants p SET read_seq = LEAST(%s, c.last_seq),"
            " delivered_seq = GREATEST(p.delivered_seq, LEAST(%s, c.last_seq))"
            " FROM conversations c WHERE c.id = p.conversation_id AND p.conversation_id = %s AND p.user_id = %s"
            " AND p.read_seq < LEAST(%s, c.last_seq)",
            (seq, seq, conversation_id, user_id, seq),
        )
    )


def mark_delivered(database: Database, conversation_id: UUID, user_id: UUID, seq: int) -> bool:
    """Move the delivered marker up to `seq`, at most to the newest message."""
    return bool(
        database.execute(
            "UPDATE participants p SET delivered_seq = LEAST(%s, c.last_seq)"
            " FROM conversations c WHERE c.id = p.conversation_id AND p.conversation_id = %s AND p.user_id = %s"
            " AND p.delivered_seq < LEAST(%s, c.last_seq)",
            (seq, conversation_id, user_id, seq),
        )
    )


def save_companion(companion: Companion, version: int) -> None:
    """Keep this version of a companion unless a newer one is known."""
    CompanionRow.insert(
        id=companion.id,
        version=version,
        name=companion.name,
        avatar_key=companion.avatar_key,
        is_active=companion.is_active,
        engine=companion.engine,
    ).on_conflict(
        conflict_target=[CompanionRow.id],
        preserve=[
            CompanionRow.version,
            CompanionRow.name,
            CompanionRow.avatar_key,
            CompanionRow.is_active,
            CompanionRow.engine,
        ],
        where=CompanionRow.version < EXCLUDED.version,
    ).execute()
