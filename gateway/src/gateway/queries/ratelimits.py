"""The statements that count hits of limits."""

from __future__ import annotations

from chassis.db import Database

_TAKE = """
INSERT INTO limit_counters AS counter (name, key, hits) VALUES (%(name)s, %(key)s, 1)
ON CONFLICT (name, key) DO UPDATE SET
    hits = CASE WHEN counter.began_at <= now() - %(window)s * interval '1 second' THEN 1 ELSE counter.hits + 1 END,
    began_at = CASE WHEN counter.began_at <= now() - %(window)s * interval '1 second' THEN now()
        ELSE counter.began_at END
WHERE counter.hits < %(allowed)s OR counter.began_at <= now() - %(window)s * interval '1 second'
RETURNING hits
"""
_WAIT = """
SELECT extract(epoch FROM began_at + %s * interval '1 second' - now()) FROM limit_counters WHERE name = %s AND key = %s
"""


def take(database: Database, name: str, key: str, *, allowed: int, window_seconds: int) -> float | None:
    """Count a hit unless all are used: None when it was counted, else the seconds until the window ends."""
    facts = {"name": name, "key": key, "allowed": allowed, "window": window_seconds}
    if database.row(_TAKE, facts) is not None:
        return None
    row = database.row(_WAIT, (window_seconds, name, key))
    return float(row[0]) if row else 0.0


def give_back(database: Database, name: str, key: str) -> None:
    """Undo one hit."""
    database.execute("UPDATE limit_counters SET hits = hits - 1 WHERE name = %s AND key = %s AND hits > 0", (name, key))
