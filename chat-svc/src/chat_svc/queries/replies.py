"""Writing what becomes of replies: delivered, failed, wished for again, and the tombstones of void admissions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Database
from chat_svc.domain.media import Media
from chat_svc.models import FailedReply, Regeneration
from chat_svc.queries.messages import media_values


@dataclass(frozen=True)
class NewReply:
    """A companion's reply to `message_ids`, with `media` unless it is a text. `engine`: model or offline."""

    id: UUID
    conversation_id: UUID
    message_ids: tuple[UUID, ...]
    kind: str
    text: str | None
    engine: str
    media: Media | None = None


def insert_reply(database: Database, reply: NewReply, seq: int, created_at: datetime) -> None:
    """Write the companion's message."""
    database.execute(
        "INSERT INTO messages (conversation_id, seq, id, kind, text, reply_to, engine, created_at, upload_id, asset_id,"
        " media, media_version, nsfw_flag)"
        " VALUES (%s, %s, %s, %s, %s, %s::uuid[], %s, %s, %s, %s, %s::jsonb, %s, %s)",
        (
            reply.conversation_id, seq, reply.id, reply.kind, reply.text, list(reply.message_ids), reply.engine,
            created_at, *media_values(reply.media),
        ),
    )  # fmt: skip


def supersede(database: Database, conversation_id: UUID, message_ids: Sequence[UUID], from_seq: int) -> list[int]:
    """Mark the replies that any of these messages had; their seqs. A reply comes after its messages, so `from_seq`
    (the first of them) bounds the search."""
    rows = database.rows(
        "UPDATE messages SET superseded = true WHERE conversation_id = %s AND seq > %s AND sender_id IS NULL"
        " AND NOT superseded AND reply_to && %s::uuid[] RETURNING seq",
        (conversation_id, from_seq, list(message_ids)),
    )
    return sorted(seq for (seq,) in rows)


def set_reply_status(
    database: Database, conversation_id: UUID, message_ids: Sequence[UUID], status: str, *, only: Sequence[str]
) -> list[tuple[int, UUID]]:
    """Set users' messages whose status is one of `only`; (seq, id) of those that changed, oldest first."""
    rows = database.rows(
        "UPDATE messages SET reply_status = %s WHERE conversation_id = %s AND id = ANY(%s::uuid[])"
        " AND reply_status = ANY(%s) RETURNING seq, id",
        (status, conversation_id, list(message_ids), list(only)),
    )
    return sorted((seq, message_id) for seq, message_id in rows)


def has_failed(conversation_id: UUID, reply_id: UUID) -> bool:
    """Whether a failure is recorded for the reply."""
    failed = FailedReply.conversation_id == conversation_id, FailedReply.reply_id == reply_id
    return bool(FailedReply.select().where(*failed).exists())


def record_failure(conversation_id: UUID, reply_id: UUID, message_ids: Sequence[UUID]) -> None:
    """Record that the reply failed for good."""
    FailedReply.insert(conversation_id=conversation_id, reply_id=reply_id, message_ids=list(message_ids)).execute()


def find_regeneration(conversation_id: UUID, sender_id: UUID, client_id: UUID) -> tuple[UUID, int] | None:
    """(reply_id, generation) of the regeneration that a client_id has made."""
    row = Regeneration.get_or_none(
        Regeneration.conversation_id == conversation_id,
        Regeneration.sender_id == sender_id,
        Regeneration.client_id == client_id,
    )
    return (row.reply_id, row.generation) if row is not None else None


def record_regeneration(
    request_id: UUID,
    conversation_id: UUID,
    sender_id: UUID,
    client_id: UUID,
    *,
    reply_id: UUID,
    message_ids: Sequence[UUID],
    generation: int,
) -> None:
    """Record that another reply was admitted."""
    Regeneration.insert(
        conversation_id=conversation_id,
        sender_id=sender_id,
        client_id=client_id,
        id=request_id,
        reply_id=reply_id,
        message_ids=list(message_ids),
        generation=generation,
    ).execute()


def reserve_regeneration(database: Database, conversation_id: UUID, client_id: UUID, seconds: float) -> bool:
    """Keep other regenerations out while this one asks for its admission; False while another one does."""
    return bool(
        database.execute(
            "UPDATE conversations SET regenerating_client = %s,"
            " regenerating_until = clock_timestamp() + %s * interval '1 second' WHERE id = %s"
            " AND (regenerating_client IS NULL OR regenerating_client = %s OR regenerating_until < clock_timestamp())",
            (client_id, seconds, conversation_id, client_id),
        )
    )


def release_regeneration(database: Database, conversation_id: UUID, client_id: UUID) -> None:
    """Let others in again."""
    database.execute(
        "UPDATE conversations SET regenerating_client = NULL, regenerating_until = NULL"
        " WHERE id = %s AND regenerating_client = %s",
        (conversation_id, client_id),
    )


def is_voided(database: Database, conversation_id: UUID, admission_id: UUID, generation: int) -> bool:
    """Whether the admission was declared void; to be asked under the conversation's lock."""
    return (
        database.row(
            "SELECT 1 FROM voided_admissions WHERE conversation_id = %s AND admission_id = %s AND generation >= %s",
            (conversation_id, admission_id, generation),
        )
        is not None
    )


def void_admission(database: Database, conversation_id: UUID, admission_id: UUID, generation: int) -> None:
    """Declare the admission void up to this generation."""
    database.execute(
        "INSERT INTO voided_admissions AS v (conversation_id, admission_id, generation) VALUES (%s, %s, %s)"
        " ON CONFLICT (conversation_id, admission_id)"
        " DO UPDATE SET generation = GREATEST(v.generation, EXCLUDED.generation)",
        (conversation_id, admission_id, generation),
    )
