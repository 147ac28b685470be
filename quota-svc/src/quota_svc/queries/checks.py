"""The guarantees of quota-svc as reads: each tells the rows that break one, and nothing when all is well.

Each check is one statement, so that it sees one moment and may run beside the traffic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chassis.db import Database
from quota_svc.queries.media_days import KEPT_DAYS


@dataclass(frozen=True)
class Fault:
    """One broken row. `guarantee`: its number; `subject`: the id of the row; `what`: a short fact."""

    guarantee: int
    subject: str
    what: str


def permit_faults(database: Database) -> list[Fault]:
    """Guarantee 8: uses gone = sends admitted, each before the end, by the owner, in the scope; one live generation."""
    rows = database.rows(
        """
        SELECT p.id::text, (p.uses - p.uses_left) || ' uses gone, ' || count(a.id) || ' sends admitted'
        FROM permits p LEFT JOIN admissions a ON a.permit_id = p.id AND a.user_id = p.user_id
        GROUP BY p.user_id, p.id HAVING p.uses - p.uses_left <> count(a.id)
        UNION ALL
        SELECT a.id::text, CASE WHEN a.user_id <> p.user_id THEN 'admitted with the permit of another user'
                                WHEN a.scope <> p.scope THEN 'admitted with a permit of another scope'
                                ELSE 'admitted after the end of its permit' END
        FROM admissions a JOIN permits p ON p.id = a.permit_id
        WHERE a.user_id <> p.user_id OR a.scope <> p.scope OR a.admitted_at >= p.expires_at
        UNION ALL
        SELECT id::text, count(*) || ' live generations' FROM admissions WHERE state <> 'reversed'
        GROUP BY id HAVING count(*) > 1
        """
    )
    return [Fault(8, subject, what) for subject, what in rows]


def quota_faults(database: Database) -> list[Fault]:
    """Guarantee 9: texts left = granted − what live admissions spent, and none spent without a counter."""
    rows = database.rows(
        """
        SELECT coalesce(q.user_id, a.user_id) || ' with ' || coalesce(q.companion_id, a.companion_id),
               coalesce(q.text_left, 0) || ' left of ' || coalesce(q.text_granted, 0) || ', '
               || coalesce(a.spent, 0) || ' spent'
        FROM quotas q
        FULL JOIN (SELECT user_id, companion_id, count(*) AS spent FROM admissions
                   WHERE spent = 'text' AND state <> 'reversed' GROUP BY user_id, companion_id) a
            ON a.user_id = q.user_id AND a.companion_id = q.companion_id
        WHERE q.text_left IS DISTINCT FROM q.text_granted - coalesce(a.spent, 0)
           OR least(q.text_left, q.media_left, q.audio_left) < 0 OR q.user_id IS NULL
        """
    )
    return [Fault(9, subject, what) for subject, what in rows]


def spend_faults(database: Database) -> list[Fault]:
    """Guarantee 10: media and audio left = granted − what replies spent and did not return."""
    rows = database.rows(
        """
        SELECT coalesce(q.user_id, s.user_id) || ' with ' || coalesce(q.companion_id, s.companion_id),
               coalesce(q.media_left, 0) || ' media and ' || coalesce(q.audio_left, 0) || ' audio left of '
               || coalesce(q.media_granted, 0) || ' and ' || coalesce(q.audio_granted, 0) || ', '
               || coalesce(s.media, 0) || ' and ' || coalesce(s.audio, 0) || ' spent'
        FROM quotas q
        FULL JOIN (SELECT user_id, companion_id, count(*) FILTER (WHERE spent = 'media') AS media,
                          count(*) FILTER (WHERE spent = 'audio') AS audio
                   FROM spends WHERE state = 'spent' AND spent <> 'nothing' GROUP BY user_id, companion_id) s
            ON s.user_id = q.user_id AND s.companion_id = q.companion_id
        WHERE q.media_left IS DISTINCT FROM q.media_granted - coalesce(s.media, 0)
           OR q.audio_left IS DISTINCT FROM q.audio_granted - coalesce(s.audio, 0) OR q.user_id IS NULL
        """
    )
    return [Fault(10, subject, what) for subject, what in rows]


def media_day_faults(database: Database) -> list[Fault]:
    """A day's count of sends of own media = the live admissions of that day; of days that are still kept."""
    rows = database.rows(
        f"""
        SELECT coalesce(d.user_id, a.user_id) || ' on ' || coalesce(d.day, a.day),
               coalesce(d.sends, 0) || ' counted, ' || coalesce(a.sends, 0) || ' sends admitted'
        FROM (SELECT * FROM media_days WHERE day > (now() AT TIME ZONE 'UTC')::date - {KEPT_DAYS}) d
        FULL JOIN (SELECT user_id, (admitted_at AT TIME ZONE 'UTC')::date AS day, count(*) AS sends FROM admissions
                   WHERE spent = 'media' AND state <> 'reversed'
                     AND (admitted_at AT TIME ZONE 'UTC')::date > (now() AT TIME ZONE 'UTC')::date - {KEPT_DAYS}
                   GROUP BY 1, 2) a
            ON a.user_id = d.user_id AND a.day = d.day
        WHERE coalesce(d.sends, 0) <> coalesce(a.sends, 0)
        """  # noqa: S608 - a constant of another module
    )
    return [Fault(9, subject, what) for subject, what in rows]


def premium_faults(database: Database) -> list[Fault]:
    """Guarantee 6: premium_until is the fold of the grants.

    Folding `max(at, until) + days` over the grants in their order gives the latest of "one grant's moment plus the
    days of that grant and all later ones".
    """
    rows = database.rows(
        """
        SELECT coalesce(p.user_id, f.user_id)::text,
               coalesce(p.premium_until::text, 'none') || ' instead of ' || coalesce(f.until::text, 'none')
        FROM premium p
        FULL JOIN (
            SELECT user_id, max(granted_at + later * interval '1 day') AS until
            FROM (SELECT user_id, granted_at,
                         sum(days) OVER (PARTITION BY user_id ORDER BY position DESC) AS later
                  FROM premium_grants) AS suffixes
            GROUP BY user_id
        ) f ON f.user_id = p.user_id
        WHERE p.premium_until IS DISTINCT FROM f.until
        """
    )
    return [Fault(6, subject, what) for subject, what in rows]


CHECKS: tuple[Callable[[Database], list[Fault]], ...] = (
    permit_faults, quota_faults, spend_faults, media_day_faults, premium_faults,
)  # fmt: skip


def faults(database: Database) -> list[Fault]:
    """Everything that any check finds."""
    with database.reading():
        return [fault for check in CHECKS for fault in check(database)]
