"""The days on which users without premium sent media of their own, and how often."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from chassis.db import Database, delete_in_batches

KEPT_DAYS = 30


def give_back(database: Database, user_id: UUID, day: date, amount: int) -> None:
    """Take reversed sends off the day they were counted on. The CHECK of the table refuses more than there were."""
    database.execute("UPDATE media_days SET sends = sends - %s WHERE user_id = %s AND day = %s", (amount, user_id, day))


def seconds_until_tomorrow(database: Database) -> int:
    """How long the day of this transaction still lasts (UTC); at least 1."""
    row = database.row(
        """
        SELECT greatest(1, ceil(extract(epoch FROM
            date_trunc('day', now() AT TIME ZONE 'UTC') + interval '1 day' - now() AT TIME ZONE 'UTC')))::integer
        """
    )
    return int(row[0]) if row else 1


def forget_days(database: Database) -> int:
    """Delete the counts of days long gone, a batch at a time; how many there were."""
    return delete_in_batches(
        database,
        f"""
        DELETE FROM media_days WHERE (user_id, day) IN (
            SELECT user_id, day FROM media_days WHERE day < (now() AT TIME ZONE 'UTC')::date - {KEPT_DAYS}
            ORDER BY day LIMIT %s FOR UPDATE SKIP LOCKED
        )
        """,  # noqa: S608 - a constant of this module
    )
