"""Sends with media, step by step, and the uploads that refused ones have to let go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.db import Database, delete_in_batches
from chat_svc.domain.media import Media
from chat_svc.domain.sends import Send

RECOVER_AFTER_S = 15
"""A send that nobody has moved for so long is taken up by the recoverer."""
RELEASE_TIMES = 2
"""How often an upload is let go: once at once, once after what was on its way has certainly arrived."""
RELEASE_AGAIN_S = 120
KEEP_ENDED = "1 day"
_COLUMNS = (
    "s.conversation_id, s.sender_id, s.client_id, s.id, s.attempt, s.kind, s.text, s.upload_id, s.permit_id, s.state,"
    " s.generation, s.media, s.media_version, s.nsfw_flag"
)
_DUE_AGAIN = f"due_at = clock_timestamp() + interval '{RECOVER_AFTER_S} s'"


@dataclass(frozen=True)
class Release:
    """An upload that is to be let go by the send it was claimed for."""

    send_id: UUID
    upload_id: UUID


def _send(row: tuple[Any, ...]) -> Send:
    description, version, flag = row[11:14]
    media = None if description is None else Media(row[7], None, description, version, flag)
    return Send(*(*row[:11], media))


def find_send(database: Database, conversation_id: UUID, sender_id: UUID, client_id: UUID) -> Send | None:
    """What this client_id is sending or tried to send."""
    row = database.row(
        f"SELECT {_COLUMNS} FROM sends s WHERE s.conversation_id = %s AND s.sender_id = %s AND s.client_id = %s",  # noqa: S608 - constants only
        (conversation_id, sender_id, client_id),
    )
    return _send(row) if row else None


def start(database: Database, send: Send) -> Send | None:
    """Begin this attempt; after a refused one, in its place. None where somebody else was faster."""
    row = database.row(
        "INSERT INTO sends AS s (conversation_id, sender_id, client_id, id, attempt, kind, text, upload_id, permit_id,"  # noqa: S608 - constants only
        f" due_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp() + interval '{RECOVER_AFTER_S} s')"
        " ON CONFLICT (conversation_id, sender_id, client_id) DO UPDATE SET id = EXCLUDED.id,"
        " attempt = EXCLUDED.attempt, kind = EXCLUDED.kind, text = EXCLUDED.text, upload_id = EXCLUDED.upload_id,"
        " permit_id = EXCLUDED.permit_id, state = 'claiming', media = NULL, media_version = NULL, nsfw_flag = NULL,"
        " generation = NULL, started_at = now(), due_at = EXCLUDED.due_at"
        f" WHERE s.state = 'refused' AND s.attempt < EXCLUDED.attempt RETURNING {_COLUMNS}",
        (
            send.conversation_id, send.sender_id, send.client_id, send.id, send.attempt, send.kind, send.text,
            send.upload_id, send.permit_id,
        ),
    )  # fmt: skip
    return _send(row) if row else None


def set_claimed(database: Database, send: Send, media: Media) -> Send | None:
    """claiming → claimed, with what media-svc told of the upload. None where the send is not there any more."""
    return _step(
        database, send, "state = 'claimed', media = %s::jsonb, media_version = %s, nsfw_flag = %s",
        (json.dumps(dict(media.description)), media.version, media.nsfw_flag),
    )  # fmt: skip


def set_admitted(database: Database, send: Send, generation: int) -> Send | None:
    """claimed → admitted."""
    return _step(database, send, "state = 'admitted', generation = %s", (generation,))


def set_messaged(database: Database, send: Send) -> bool:
    """admitted → messaged, in the transaction that writes the message."""
    return _step(database, send, "state = 'messaged'", ()) is not None


def refuse(database: Database, send: Send) -> bool:
    """Give this attempt up, and note that its upload is to be let go. False where it is not there any more."""
    if _step(database, send, "state = 'refused'", ()) is None:
        return False
    owe_release(database, send)
    return True


def owe_release(database: Database, send: Send) -> None:
    """Note that the upload is to be let go, as often as ever: a claim of it may have arrived after the last time."""
    database.execute(
        "INSERT INTO upload_releases AS r (send_id, upload_id, times_left, due_at)"
        " VALUES (%s, %s, %s, clock_timestamp())"
        " ON CONFLICT (send_id) DO UPDATE SET times_left = EXCLUDED.times_left, due_at = EXCLUDED.due_at",
        (send.id, send.upload_id, RELEASE_TIMES),
    )


def released(database: Database, send_id: UUID) -> None:
    """media-svc has let the upload go; once more later, or that was the last time."""
    database.execute("DELETE FROM upload_releases WHERE send_id = %s AND times_left = 1", (send_id,))
    database.execute(
        "UPDATE upload_releases SET times_left = times_left - 1,"
        " due_at = clock_timestamp() + %s * interval '1 second' WHERE send_id = %s AND times_left > 1",
        (RELEASE_AGAIN_S, send_id),
    )


def take_stuck(database: Database, limit: int) -> list[tuple[Send, float]]:
    """Unfinished sends that nobody moves any more, with their age in seconds; due again in a while."""
    rows = database.rows(
        "WITH due AS MATERIALIZED (SELECT conversation_id, sender_id, client_id FROM sends"  # noqa: S608 - constants only
        " WHERE state IN ('claiming', 'claimed', 'admitted') AND due_at <= now() ORDER BY due_at LIMIT %s"
        f" FOR UPDATE SKIP LOCKED) UPDATE sends s SET {_DUE_AGAIN} FROM due"
        " WHERE (s.conversation_id, s.sender_id, s.client_id) = (due.conversation_id, due.sender_id, due.client_id)"
        f" RETURNING {_COLUMNS}, EXTRACT(EPOCH FROM clock_timestamp() - s.started_at)::float",
        (limit,),
    )
    return [(_send(row), row[14]) for row in rows]


def take_releases(database: Database, limit: int) -> list[Release]:
    """Uploads that are to be let go now; due again in a while."""
    rows = database.rows(
        "WITH due AS MATERIALIZED (SELECT send_id FROM upload_releases WHERE due_at <= now() ORDER BY due_at LIMIT %s"  # noqa: S608 - constants only
        f" FOR UPDATE SKIP LOCKED) UPDATE upload_releases r SET {_DUE_AGAIN} FROM due"
        " WHERE r.send_id = due.send_id RETURNING r.send_id, r.upload_id",
        (limit,),
    )
    return [Release(*row) for row in rows]


def forget_ended(database: Database) -> int:
    """Delete sends that ended long ago: their message knows all that is needed. How many.

    One whose upload is still to be let go stays: a new send would begin with its id again.
    """
    return delete_in_batches(
        database,
        "DELETE FROM sends WHERE (conversation_id, sender_id, client_id) IN ("  # noqa: S608 - constant
        "SELECT conversation_id, sender_id, client_id FROM sends s WHERE state IN ('messaged', 'refused')"
        f" AND started_at < now() - interval '{KEEP_ENDED}'"
        " AND NOT EXISTS (SELECT FROM upload_releases r WHERE r.send_id = s.id) ORDER BY started_at LIMIT %s)"
        " AND state IN ('messaged', 'refused')",
    )


def _step(database: Database, send: Send, assignment: str, params: Sequence[object]) -> Send | None:
    """Change the send only if this attempt is still in the state that `send` says."""
    row = database.row(
        f"UPDATE sends s SET {assignment}, {_DUE_AGAIN} WHERE s.conversation_id = %s AND s.sender_id = %s"  # noqa: S608 - constants only
        f" AND s.client_id = %s AND s.id = %s AND s.state = %s RETURNING {_COLUMNS}",
        (*params, send.conversation_id, send.sender_id, send.client_id, send.id, send.state),
    )
    return _send(row) if row else None
