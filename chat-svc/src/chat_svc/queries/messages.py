"""Reading messages, and writing those of users: the hot statements of a send."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Database
from chat_svc.domain.media import Media
from chat_svc.domain.messages import Message

_COLUMNS = (
    "m.conversation_id, m.seq, m.id, m.sender_id, m.client_id, m.kind, m.text, m.reply_status, m.reply_to,"
    " m.superseded, m.engine, m.generation, m.created_at, m.upload_id, m.asset_id, m.media, m.media_version,"
    " COALESCE(s.nsfw_flag, m.nsfw_flag), COALESCE(s.removed, false)"
)
_STANDING = "LEFT JOIN media_standings s ON s.upload_id = m.upload_id AND s.version > m.media_version"
"""How the media of `m` stands now, where it changed since the message was written."""
_SELECT = f"SELECT {_COLUMNS} FROM messages m {_STANDING} WHERE m.conversation_id = %s"  # noqa: S608 - constants only
_FIELDS = 13
"""The columns of a message before those of its media."""


@dataclass(frozen=True)
class Place:
    """Where a user wants to send: the companion at the other end, what this client_id made before, and whether it is
    making a message with media at this moment."""

    companion_id: UUID
    companion_is_active: bool
    is_sending: bool
    earlier: Message | None


@dataclass(frozen=True)
class NewMessage:
    """What a user's message is written from, and the admission that allows it."""

    id: UUID
    conversation_id: UUID
    sender_id: UUID
    client_id: UUID
    kind: str
    text: str | None
    admission_id: UUID
    generation: int
    media: Media | None = None


def _message(row: Sequence[Any]) -> Message:
    values = list(row[:_FIELDS])
    if values[8] is not None:
        values[8] = tuple(values[8])
    of_media = row[_FIELDS:]
    values.append(Media(*of_media) if of_media[0] is not None else None)
    return Message(*values)


def media_values(media: Media | None) -> tuple[Any, ...]:
    """upload_id, asset_id, media, media_version and nsfw_flag of a message's row."""
    if media is None:
        return (None,) * 5
    return media.upload_id, media.asset_id, json.dumps(dict(media.description)), media.version, media.nsfw_flag


def find_place(database: Database, conversation_id: UUID, sender_id: UUID, client_id: UUID) -> Place | None:
    """All that a send is judged by before its admission, in one statement; None for one who does not take part."""
    row = database.row(
        "SELECT c.companion_id, k.is_active, EXISTS (SELECT FROM sends w WHERE w.conversation_id = p.conversation_id"  # noqa: S608 - constants only
        " AND w.sender_id = p.user_id AND w.client_id = %s AND w.state IN ('claiming', 'claimed', 'admitted')),"
        f" {_COLUMNS} FROM participants p"
        " JOIN conversations c ON c.id = p.conversation_id JOIN companions k ON k.id = c.companion_id"
        " LEFT JOIN messages m ON m.conversation_id = p.conversation_id AND m.sender_id = p.user_id"
        f" AND m.client_id = %s {_STANDING} WHERE p.conversation_id = %s AND p.user_id = %s",
        (client_id, client_id, conversation_id, sender_id),
    )
    if row is None:
        return None
    return Place(row[0], row[1], row[2], _message(row[3:]) if row[3] is not None else None)


def find_sent(database: Database, conversation_id: UUID, sender_id: UUID, client_id: UUID) -> Message | None:
    """The message that a client_id has made."""
    row = database.row(_SELECT + " AND m.sender_id = %s AND m.client_id = %s", (conversation_id, sender_id, client_id))
    return _message(row) if row else None


def take_seq(database: Database, conversation_id: UUID) -> tuple[int, datetime] | None:
    """Lock the conversation, and the next sequence number with the time of its message.

    A number is taken for good only by the commit that writes its message, so there are no gaps.
    """
    return database.row(
        "UPDATE conversations SET last_seq = last_seq + 1, last_message_at = clock_timestamp() WHERE id = %s"
        " RETURNING last_seq, last_message_at",
        (conversation_id,),
    )


def insert_sent(database: Database, new: NewMessage, seq: int, created_at: datetime) -> Message | None:
    """Write a user's message under the lock that `take_seq` took.

    None where the client_id has a message already, or its admission was declared void meanwhile. A statement of its
    own, after the lock: within one statement the tombstone of a settlement that we waited for would not be seen.
    """
    row = database.row(
        "WITH m AS (INSERT INTO messages (conversation_id, seq, id, sender_id, client_id, kind, text, reply_status,"  # noqa: S608 - constants only
        " generation, created_at, upload_id, asset_id, media, media_version, nsfw_flag)"
        " SELECT %s, %s, %s, %s, %s, %s, %s, 'pending', %s, %s, %s::uuid, %s::uuid, %s::jsonb, %s::integer, %s::text"
        " WHERE NOT EXISTS"
        " (SELECT 1 FROM voided_admissions WHERE conversation_id = %s AND admission_id = %s AND generation >= %s)"
        " ON CONFLICT (conversation_id, sender_id, client_id) WHERE client_id IS NOT NULL DO NOTHING RETURNING *)"
        f" SELECT {_COLUMNS} FROM m {_STANDING}",
        (
            new.conversation_id, seq, new.id, new.sender_id, new.client_id, new.kind, new.text, new.generation,
            created_at, *media_values(new.media), new.conversation_id, new.admission_id, new.generation,
        ),
    )  # fmt: skip
    return _message(row) if row else None


def find_by_id(database: Database, conversation_id: UUID, message_id: UUID) -> Message | None:
    """One message of a conversation."""
    row = database.row(_SELECT + " AND m.id = %s", (conversation_id, message_id))
    return _message(row) if row else None


def find_asked(database: Database, conversation_id: UUID, ids: Sequence[UUID]) -> list[Message]:
    """Those of `ids` that are users' messages of the conversation, oldest first."""
    statement = _SELECT + " AND m.id = ANY(%s::uuid[]) AND m.sender_id IS NOT NULL ORDER BY m.seq"
    return [_message(row) for row in database.rows(statement, (conversation_id, list(ids)))]


def page_before(database: Database, conversation_id: UUID, seq: int | None, limit: int) -> list[Message]:
    """The `limit` newest messages before `seq` (None: of all), newest first."""
    behind, params = ("", []) if seq is None else (" AND m.seq < %s", [seq])
    statement = _SELECT + behind + " ORDER BY m.seq DESC LIMIT %s"
    return [_message(row) for row in database.rows(statement, (conversation_id, *params, limit))]


def page_after(database: Database, conversation_id: UUID, seq: int, limit: int) -> list[Message]:
    """The `limit` oldest messages after `seq`, oldest first."""
    statement = _SELECT + " AND m.seq > %s ORDER BY m.seq LIMIT %s"
    return [_message(row) for row in database.rows(statement, (conversation_id, seq, limit))]


def page_for_prompt(database: Database, conversation_id: UUID, answered: Sequence[UUID], limit: int) -> list[Message]:
    """The `limit` newest messages that may go before `answered` in a prompt, oldest first.

    Left out: `answered` themselves, users' messages that came after them, replies they had before, superseded ones.
    """
    statement = _SELECT + (  # noqa: S608 - constants only
        " AND NOT m.superseded AND m.id <> ALL(%s::uuid[]) AND (m.reply_to IS NULL OR NOT m.reply_to && %s::uuid[])"
        " AND (m.sender_id IS NULL OR m.seq <= COALESCE((SELECT max(a.seq) FROM messages a"
        " WHERE a.conversation_id = %s AND a.id = ANY(%s::uuid[])), m.seq)) ORDER BY m.seq DESC LIMIT %s"
    )
    ids = list(answered)
    rows = database.rows(statement, (conversation_id, ids, ids, conversation_id, ids, limit))
    return [_message(row) for row in reversed(rows)]


def find_seen(database: Database, viewer: UUID, places: Sequence[tuple[UUID, int]]) -> dict[tuple[UUID, int], Message]:
    """The messages at those (conversation, seq) of conversations that `viewer` takes part in."""
    rows = database.rows(
        f"SELECT {_COLUMNS} FROM unnest(%s::uuid[], %s::integer[]) AS r (conversation_id, seq)"  # noqa: S608 - constants only
        " JOIN participants p ON p.conversation_id = r.conversation_id AND p.user_id = %s"
        f" JOIN messages m ON m.conversation_id = r.conversation_id AND m.seq = r.seq {_STANDING}",
        ([place[0] for place in places], [place[1] for place in places], viewer),
    )
    return {(row[0], row[1]): _message(row) for row in rows}
