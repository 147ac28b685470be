"""The statements of the stream log."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.db import Database

KEPT = "24 hours"
References = Sequence[tuple[str, Mapping[str, Any]]]
"""Event names, each with the ids of what it is about."""


@dataclass(frozen=True)
class Entry:
    """One line of a user's log."""

    id: int
    event: str
    subject: Mapping[str, Any]


@dataclass(frozen=True)
class Slice:
    """What follows a position in a user's log. `lost`: something between the position and `last` is no longer kept,
    or the position lies beyond `last`."""

    entries: Sequence[Entry]
    last: int
    lost: bool


def append(database: Database, user_ids: Sequence[UUID], references: References) -> None:
    """Write the references into the log of each user, in order.

    The heads are locked in ascending order of user ids, so that two such statements never wait for each other in a
    circle; until the commit nobody else can take the following ids, so that they become visible in order.
    """
    database.execute(
        "WITH heads AS (INSERT INTO stream_heads AS h (user_id, last)"
        " SELECT u, %s FROM (SELECT DISTINCT u FROM unnest(%s::uuid[]) AS u ORDER BY u) AS users"
        " ON CONFLICT (user_id) DO UPDATE SET last = h.last + EXCLUDED.last RETURNING h.user_id, h.last)"
        " INSERT INTO stream_log (user_id, id, event, subject)"
        " SELECT heads.user_id, heads.last - %s + new.n, new.event, new.subject FROM heads"
        " CROSS JOIN unnest(%s::text[], %s::jsonb[]) WITH ORDINALITY AS new (event, subject, n)",
        (
            len(references),
            sorted(user_ids),
            len(references),
            [event for event, _subject in references],
            [json.dumps(subject) for _event, subject in references],
        ),
    )


def lock_conversation(database: Database, conversation_id: UUID) -> int:
    """The newest message of a conversation that was logged (0: none), locked until the end of the transaction."""
    row = database.row(
        "INSERT INTO stream_conversations AS c (conversation_id, last_seq) VALUES (%s, 0)"
        " ON CONFLICT (conversation_id) DO UPDATE SET last_seq = c.last_seq RETURNING last_seq",
        (conversation_id,),
    )
    return int(row[0]) if row else 0


def advance_conversation(database: Database, conversation_id: UUID, seq: int) -> None:
    """Remember up to where a locked conversation has been logged."""
    database.execute("UPDATE stream_conversations SET last_seq = %s WHERE conversation_id = %s", (seq, conversation_id))


def last(database: Database, user_id: UUID) -> int:
    """The id of a user's newest entry, 0 where there never was one."""
    row = database.row("SELECT last FROM stream_heads WHERE user_id = %s", (user_id,))
    return int(row[0]) if row else 0


def after(database: Database, user_id: UUID, position: int, limit: int) -> Slice:
    """Up to `limit` entries that follow `position`, with the head as of the same moment."""
    rows = database.rows(
        "SELECT h.last, l.id, l.event, l.subject FROM stream_heads h LEFT JOIN LATERAL"
        " (SELECT id, event, subject FROM stream_log WHERE user_id = h.user_id AND id > %s ORDER BY id LIMIT %s) l"
        " ON true WHERE h.user_id = %s ORDER BY l.id",
        (position, limit, user_id),
    )
    head = int(rows[0][0]) if rows else 0
    entries = [Entry(number, event, subject) for _last, number, event, subject in rows if number is not None]
    expected = range(position + 1, position + 1 + len(entries))
    complete = [entry.id for entry in entries] == list(expected) and (entries or position == head)
    return Slice(entries, head, lost=not complete)


def prune(database: Database) -> int:
    """Delete what is older than a day, for each user a beginning of his log; how many entries."""
    return database.execute(
        "DELETE FROM stream_log l USING"  # noqa: S608 - constant
        f" (SELECT user_id, max(id) AS upto FROM stream_log WHERE created_at < now() - interval '{KEPT}'"
        " GROUP BY user_id) old WHERE l.user_id = old.user_id AND l.id <= old.upto"
    )
