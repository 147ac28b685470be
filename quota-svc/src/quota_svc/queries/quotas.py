"""Free quotas, and what a user stands at."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Database
from quota_svc.domain import Quota, Standing


def open_quota(database: Database, user_id: UUID, companion_id: UUID, quota: Quota) -> None:
    """Give the free quota with this companion, unless it was given before: it is never reset (QUOTA-1)."""
    database.execute(
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
    rows = database.rows(
        """
        SELECT p.premium_until, coalesce(p.premium_until > now(), false), q.companion_id,
               q.text_left, q.media_left, q.audio_left
        FROM (VALUES (%(user)s)) AS u (user_id)
        LEFT JOIN premium p ON p.user_id = u.user_id
        LEFT JOIN quotas q ON q.user_id = u.user_id AND q.companion_id = ANY(%(companions)s::uuid[])
        """,
        {"user": user_id, "companions": list(companion_ids)},
    )
    until, active = rows[0][:2]
    return Standing(active, until, {row[2]: Quota(*row[3:]) for row in rows if row[2] is not None})


def give_back_text(database: Database, user_id: UUID, companion_id: UUID, amount: int) -> None:
    """Return text quota that reversed admissions had spent. The CHECK of the table refuses more than was granted."""
    database.execute(
        "UPDATE quotas SET text_left = text_left + %s WHERE user_id = %s AND companion_id = %s",
        (amount, user_id, companion_id),
    )
