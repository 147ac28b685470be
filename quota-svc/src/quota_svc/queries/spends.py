"""Spends: what replies with media take from the free quota. Locks are taken in the order spend, quota."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.db import Database
from quota_svc.domain import SpendRequest


@dataclass(frozen=True)
class Attempt:
    """What the spending statement did. `spent` None: nothing, since the spend exists (or raced)."""

    spent: str | None
    paid: bool


@dataclass(frozen=True)
class KnownSpend:
    """A spend as it stands; of one that was returned before it came only the id is known."""

    state: str
    spent: str
    user_id: UUID | None
    conversation_id: UUID | None
    companion_id: UUID | None
    kind: str | None


@dataclass(frozen=True)
class Returned:
    """What a spend had taken, and where. All None where it had never come."""

    user_id: UUID | None
    companion_id: UUID | None
    conversation_id: UUID | None
    spent: str


def spend(database: Database, request: SpendRequest) -> Attempt:
    """Claim the spend, then one of the quota, in one statement; who has premium spends nothing.

    A quota that is used up leaves the claim: the caller must roll back. Of parallel equal spends one claims; the others
    wait for its commit and then claim nothing.
    """
    (attempt,) = database.rows(
        """
        WITH claimed AS (
            INSERT INTO spends (id, user_id, companion_id, conversation_id, kind, spent)
            VALUES (%(id)s, %(user)s, %(companion)s, %(conversation)s, %(kind)s,
                    CASE WHEN EXISTS (SELECT FROM premium WHERE user_id = %(user)s AND premium_until > now())
                         THEN 'nothing' WHEN %(kind)s = 'voice' THEN 'audio' ELSE 'media' END)
            ON CONFLICT DO NOTHING
            RETURNING spent
        ), paid AS (
            UPDATE quotas SET media_left = media_left - (spent = 'media')::integer,
                              audio_left = audio_left - (spent = 'audio')::integer
            FROM claimed
            WHERE quotas.user_id = %(user)s AND quotas.companion_id = %(companion)s
              AND CASE spent WHEN 'media' THEN media_left > 0 WHEN 'audio' THEN audio_left > 0 ELSE false END
            RETURNING 1
        )
        SELECT (SELECT spent FROM claimed), EXISTS (SELECT FROM paid)
        """,
        {
            "id": request.spend_id, "user": request.user_id, "companion": request.companion_id,
            "conversation": request.conversation_id, "kind": request.kind,
        },
    )  # fmt: skip
    return Attempt(*attempt)


def known_spend(database: Database, spend_id: UUID) -> KnownSpend | None:
    """The spend with this id, or None."""
    row = database.row(
        "SELECT state, spent, user_id, conversation_id, companion_id, kind FROM spends WHERE id = %s", (spend_id,)
    )
    return KnownSpend(*row) if row else None


def return_spend(database: Database, spend_id: UUID) -> Returned | None:
    """Turn a spend into a returned one, also one that has not come yet; None where it was one before."""
    row = database.row(
        """
        INSERT INTO spends AS s (id, spent, state) VALUES (%s, 'nothing', 'returned')
        ON CONFLICT (id) DO UPDATE SET state = 'returned' WHERE s.state = 'spent'
        RETURNING user_id, companion_id, conversation_id, spent
        """,
        (spend_id,),
    )
    return Returned(*row) if row else None


def give_back(database: Database, user_id: UUID, companion_id: UUID, spent: str) -> None:
    """Return one of the quota that a spend had taken. The CHECK of the table refuses more than was granted."""
    database.execute(
        """
        UPDATE quotas SET media_left = media_left + (%(spent)s = 'media')::integer,
                          audio_left = audio_left + (%(spent)s = 'audio')::integer
        WHERE user_id = %(user)s AND companion_id = %(companion)s
        """,
        {"user": user_id, "companion": companion_id, "spent": spent},
    )
