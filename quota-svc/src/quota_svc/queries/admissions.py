"""Admissions: claimed, marked as used, reversed, settled. Locks are taken in the order admission, permit, then quota or
day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.db import Database
from quota_svc.domain import AdmissionRequest

SETTLE_AFTER = "10 minutes"
ASK_AGAIN_AFTER = "2 minutes"
NO_PERMIT = UUID(int=0)


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
class Reversed:
    """What a reversed admission had spent, and where."""

    user_id: UUID
    companion_id: UUID
    conversation_id: UUID
    spent: str
    day: date


@dataclass(frozen=True)
class Unsettled:
    """An admission and the send it was for."""

    admission_id: UUID
    generation: int
    conversation_id: UUID
    sender_id: UUID
    client_id: UUID


def admit(database: Database, request: AdmissionRequest, media_limit: int) -> Attempt:
    """Claim the admission, then a permit use, then the quota or one of the `media_limit` media sends of the day, in one
    statement: the hottest one of the platform.

    Each step updates from the rows of the one before, which also fixes the order of the locks (admission, permit,
    quota or day) that every other transaction here follows. A guard that fails stops the later steps but not the
    earlier ones: the caller must roll back. Of parallel equal admissions one claims; the others wait for its commit
    and then claim nothing. The end of the permit is compared again in RETURNING, which comes after any wait for its
    lock (the WHERE is not evaluated again when the holder of the lock rolled back), so that none is used late.
    """
    (attempt,) = database.rows(
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
            RETURNING claimed.spent, permits.expires_at > clock_timestamp() AS in_time
        ), paid AS (
            UPDATE quotas SET text_left = text_left - 1 FROM used
            WHERE used.spent = 'text' AND quotas.user_id = %(user)s AND quotas.companion_id = %(companion)s
              AND quotas.text_left > 0
            RETURNING 1
        ), counted AS (
            INSERT INTO media_days AS d (user_id, day, sends)
            SELECT %(user)s, (now() AT TIME ZONE 'UTC')::date, 1 FROM used WHERE used.spent = 'media'
            ON CONFLICT (user_id, day) DO UPDATE SET sends = d.sends + 1 WHERE d.sends < %(media_limit)s
            RETURNING 1
        )
        SELECT (SELECT generation FROM claimed), EXISTS (SELECT FROM used WHERE in_time), (SELECT spent FROM claimed),
               EXISTS (SELECT FROM paid) OR EXISTS (SELECT FROM counted)
        """,  # noqa: S608 - a constant of this module
        {
            "admission": request.admission_id, "user": request.user_id, "companion": request.companion_id,
            "conversation": request.conversation_id, "sender": request.sender_id, "client": request.client_id,
            "permit": request.permit_id or NO_PERMIT, "scope": request.scope, "spend": request.spend,
            "media_limit": media_limit,
        },
    )  # fmt: skip
    return Attempt(*attempt)


def known_admission(database: Database, admission_id: UUID) -> KnownAdmission | None:
    """The latest generation of an admission, or None."""
    row = database.row(
        "SELECT generation, state, user_id, conversation_id FROM admissions"
        " WHERE id = %s ORDER BY generation DESC LIMIT 1",
        (admission_id,),
    )
    return KnownAdmission(*row) if row else None


def mark_used(database: Database, admission_id: UUID, generation: int) -> None:
    """A message came of this generation. One that is unknown, used or reversed stays as it is."""
    database.execute(
        "UPDATE admissions SET state = 'used' WHERE id = %s AND generation = %s AND state = 'admitted'",
        (admission_id, generation),
    )


def lock(database: Database, admissions: Sequence[tuple[UUID, int]]) -> None:
    """Lock these generations in ascending order, so that overlapping reversals wait instead of deadlocking."""
    ids, generations = _columns(admissions)
    database.rows(
        """
        SELECT a.id FROM admissions a
        JOIN unnest(%s::uuid[], %s::integer[]) AS w (id, generation) USING (id, generation)
        ORDER BY a.id, a.generation FOR UPDATE OF a
        """,
        (ids, generations),
    )


def reverse(database: Database, admissions: Sequence[tuple[UUID, int]], states: Sequence[str]) -> list[Reversed]:
    """Turn those that are in one of `states` into reversed ones; what each had spent."""
    ids, generations = _columns(admissions)
    rows = database.rows(
        """
        UPDATE admissions a SET state = 'reversed'
        FROM unnest(%s::uuid[], %s::integer[]) AS w (id, generation)
        WHERE a.id = w.id AND a.generation = w.generation AND a.state = ANY(%s)
        RETURNING a.user_id, a.companion_id, a.conversation_id, a.spent, (a.admitted_at AT TIME ZONE 'UTC')::date
        """,
        (ids, generations, list(states)),
    )
    return [Reversed(*row) for row in rows]


def claim_unsettled(database: Database, limit: int) -> list[Unsettled]:
    """Those admitted long ago of which nobody has said what became of them, due again in a while, oldest first."""
    rows = database.rows(
        f"""
        WITH due AS (
            SELECT id, generation FROM admissions WHERE state = 'admitted' AND settle_at <= now()
            ORDER BY settle_at LIMIT %s FOR UPDATE SKIP LOCKED
        )
        UPDATE admissions a SET settle_at = now() + interval '{ASK_AGAIN_AFTER}' FROM due
        WHERE a.id = due.id AND a.generation = due.generation
        RETURNING a.id, a.generation, a.conversation_id, a.sender_id, a.client_id
        """,  # noqa: S608 - a constant of this module
        (limit,),
    )
    return [Unsettled(*row) for row in rows]


def _columns(admissions: Sequence[tuple[UUID, int]]) -> tuple[list[UUID], list[int]]:
    return [admission_id for admission_id, _ in admissions], [generation for _, generation in admissions]
