"""The hot statements of quota-svc, and its reads. Each function is one round trip inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Database
from quota_svc.domain import FREE_TERMS, PREMIUM_TERMS, AdmissionRequest, Quota

SETTLE_AFTER = "10 minutes"
NO_PERMIT = UUID(int=0)


@dataclass(frozen=True)
class MintedPermit:
    """A permit as its owner sees it."""

    permit_id: UUID
    uses_left: int
    expires_at: datetime


@dataclass(frozen=True)
class Attempt:
    """What the admitting statement did. `generation` None: nothing, since the admission exists (or raced)."""

    generation: int | None
    permit_used: bool
    spent: str | None
    paid: bool


@dataclass(frozen=True)
class KnownAdmission:
    """The latest generation of an admission."""

    generation: int
    state: str
    user_id: UUID
    conversation_id: UUID


@dataclass(frozen=True)
class Standing:
    """Premium and free quotas of a user, as of one moment."""

    premium_active: bool
    premium_until: datetime | None
    quotas: dict[UUID, Quota]


def seconds_until_permits(database: Database, user_id: UUID, limit: int) -> int | None:
    """How long the user has to wait for the next permit; None where there is one now."""
    row = database.row(
        """
        SELECT greatest(1, ceil(extract(epoch FROM started_at + interval '1 minute' - clock_timestamp())))::integer
        FROM permit_windows
        WHERE user_id = %s AND minted >= %s AND started_at > clock_timestamp() - interval '1 minute'
        """,
        (user_id, limit),
    )
    return int(row[0]) if row else None


def count_permit(database: Database, user_id: UUID, limit: int) -> bool:
    """Count a permit into the user's minute; False where the minute is full. Locks the user's window."""
    return bool(
        _named(
            database,
            """
            INSERT INTO permit_windows AS w (user_id, started_at, minted) VALUES (%(user)s, clock_timestamp(), 1)
            ON CONFLICT (user_id) DO UPDATE SET
                started_at = CASE WHEN w.started_at <= excluded.started_at - interval '1 minute'
                                  THEN excluded.started_at ELSE w.started_at END,
                minted = CASE WHEN w.started_at <= excluded.started_at - interval '1 minute' THEN 1
                              ELSE w.minted + 1 END
            WHERE w.minted < %(limit)s OR w.started_at <= excluded.started_at - interval '1 minute'
            """,
            {"user": user_id, "limit": limit},
        ).rowcount
    )


def mint_permit(database: Database, permit_id: UUID, user_id: UUID, scope: str) -> MintedPermit:
    """Write a permit on the terms that the user's premium gives at this moment (PERM-1)."""
    cursor = _named(
        database,
        """
        INSERT INTO permits (user_id, id, scope, uses, uses_left, expires_at)
        SELECT %(user)s, %(id)s, %(scope)s, terms.uses, terms.uses, now() + terms.seconds * interval '1 second'
        FROM (VALUES (true, %(premium_uses)s, %(premium_seconds)s), (false, %(free_uses)s, %(free_seconds)s))
            AS terms (premium, uses, seconds)
        WHERE terms.premium = EXISTS (SELECT FROM premium WHERE user_id = %(user)s AND premium_until > now())
        RETURNING id, uses_left, expires_at
        """,
        {
            "user": user_id, "id": permit_id, "scope": scope,
            "premium_uses": PREMIUM_TERMS.uses, "premium_seconds": PREMIUM_TERMS.seconds,
            "free_uses": FREE_TERMS.uses, "free_seconds": FREE_TERMS.seconds,
        },
    )  # fmt: skip
    return MintedPermit(*cursor.fetchone())


def open_quota(database: Database, user_id: UUID, companion_id: UUID, quota: Quota) -> None:
    """Give the free quota with this companion, unless it was given before: it is never reset (QUOTA-1)."""
    _named(
        database,
        """
        INSERT INTO quotas (user_id, companion_id, text_granted, media_granted, audio_granted,
                            text_left, media_left, audio_left)
        VALUES (%(user)s, %(companion)s, %(text)s, %(media)s, %(audio)s, %(text)s, %(media)s, %(audio)s)
        ON CONFLICT DO NOTHING
        """,
        {
            "user": user_id, "companion": companion_id,
            "text": quota.text, "media": quota.media, "audio": quota.audio,
        },
    )  # fmt: skip


def standing(database: Database, user_id: UUID, companion_ids: Sequence[UUID]) -> Standing:
    """Premium and what is left with these companions; one without a counter is absent: it has nothing (guarantee 9)."""
    rows = _named(
        database,
        """
        SELECT p.premium_until, coalesce(p.premium_until > now(), false), q.companion_id,
               q.text_left, q.media_left, q.audio_left
        FROM (VALUES (%(user)s)) AS u (user_id)
        LEFT JOIN premium p ON p.user_id = u.user_id
        LEFT JOIN quotas q ON q.user_id = u.user_id AND q.companion_id = ANY(%(companions)s::uuid[])
        """,
        {"user": user_id, "companions": list(companion_ids)},
    ).fetchall()
    until, active = rows[0][:2]
    return Standing(active, until, {row[2]: Quota(*row[3:]) for row in rows if row[2] is not None})


def admit(database: Database, request: AdmissionRequest) -> Attempt:
    """Claim the admission, then a permit use, then the quota, in one statement: the hottest one of the platform.

    Each step updates from the rows of the one before, which also fixes the order of the locks (admission, permit,
    quota) that every other transaction here follows. A guard that fails stops the later steps but not the earlier
    ones: the caller must roll back. Of parallel equal admissions one claims; the others wait for its commit and then
    claim nothing. `clock_timestamp()` is read anew after waiting for the permit's lock, so that none is used late.
    """
    cursor = _named(
        database,
        f"""
        WITH known AS (
            SELECT generation, state, user_id, conversation_id FROM admissions
            WHERE id = %(admission)s ORDER BY generation DESC LIMIT 1
        ), claimed AS (
            INSERT INTO admissions (id, generation, user_id, companion_id, conversation_id, sender_id, client_id,
                                    permit_id, scope, spent, settle_at)
            SELECT %(admission)s, coalesce((SELECT generation FROM known), 0) + 1, %(user)s, %(companion)s,
                   %(conversation)s, %(sender)s, %(client)s, %(permit)s, %(scope)s,
                   CASE WHEN EXISTS (SELECT FROM premium WHERE user_id = %(user)s AND premium_until > now())
                        THEN 'nothing' ELSE %(spend)s END,
                   now() + interval '{SETTLE_AFTER}'
            WHERE NOT EXISTS (SELECT FROM known WHERE state <> 'reversed' OR user_id <> %(user)s
                                                      OR conversation_id <> %(conversation)s)
            ON CONFLICT DO NOTHING
            RETURNING generation, spent
        ), used AS (
            UPDATE permits SET uses_left = uses_left - 1 FROM claimed
            WHERE permits.user_id = %(user)s AND permits.id = %(permit)s AND permits.scope = %(scope)s
              AND permits.uses_left > 0 AND permits.expires_at > clock_timestamp()
            RETURNING claimed.spent
        ), paid AS (
            UPDATE quotas SET text_left = text_left - 1 FROM used
            WHERE used.spent = 'text' AND quotas.user_id = %(user)s AND quotas.companion_id = %(companion)s
              AND quotas.text_left > 0
            RETURNING 1
        )
        SELECT (SELECT generation FROM claimed), EXISTS (SELECT FROM used), (SELECT spent FROM claimed),
               EXISTS (SELECT FROM paid)
        """,  # noqa: S608 - a constant of this module
        {
            "admission": request.admission_id, "user": request.user_id, "companion": request.companion_id,
            "conversation": request.conversation_id, "sender": request.sender_id, "client": request.client_id,
            "permit": request.permit_id or NO_PERMIT, "scope": request.scope, "spend": request.spend,
        },
    )  # fmt: skip
    return Attempt(*cursor.fetchone())


def known_admission(database: Database, admission_id: UUID) -> KnownAdmission | None:
    """The latest generation of an admission, or None."""
    row = database.row(
        "SELECT generation, state, user_id, conversation_id FROM admissions"
        " WHERE id = %s ORDER BY generation DESC LIMIT 1",
        (admission_id,),
    )
    return KnownAdmission(*row) if row else None


def _named(database: Database, statement: str, params: Mapping[str, object]) -> Any:
    """Run a statement whose parameters have names; the cursor."""
    return database.peewee.execute_sql(statement, params)
