"""Permits: counted, minted and forgotten."""

from __future__ import annotations

from uuid import UUID

from chassis.db import Database
from quota_svc.domain import FREE_TERMS, PREMIUM_TERMS, MintedPermit


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
        database.execute(
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
        )
    )


def mint_permit(database: Database, permit_id: UUID, user_id: UUID, scope: str) -> MintedPermit:
    """Write a permit on the terms that the user's premium gives at this moment (PERM-1)."""
    (minted,) = database.rows(
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
    return MintedPermit(*minted)


def forget_permits(database: Database, limit: int) -> int:
    """Delete up to `limit` permits that expired more than a day ago; how many there were."""
    return database.execute(
        """
        DELETE FROM permits WHERE (user_id, id) IN (
            SELECT user_id, id FROM permits WHERE expires_at < now() - interval '1 day'
            ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED
        )
        """,
        (limit,),
    )
