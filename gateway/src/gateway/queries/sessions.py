"""Reads of sessions: the one that every request makes, and the list for their owner."""

from __future__ import annotations

from chassis.db import Database
from gateway.domain import Listed, SessionRow

_ALIVE = """
SELECT s.id::text, s.user_id::text, u.role, u.version::text, u.email, s.cookie_hash IS NOT NULL,
    s.last_used_at < now() - interval '5 minutes'
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.expires_at > now() AND u.banned_at IS NULL AND """


def alive(database: Database, session_id: str) -> SessionRow | None:
    """The session with that id, unless it is over or its user is banned."""
    row = database.row(_ALIVE + "s.id = %s", (session_id,))
    return SessionRow(*row) if row else None


def alive_by_cookie(database: Database, cookie_hash: bytes) -> SessionRow | None:
    """The cookie session of that cookie, unless it is over or its user is banned."""
    row = database.row(_ALIVE + "s.cookie_hash = %s", (cookie_hash,))
    return SessionRow(*row) if row else None


def of_user(database: Database, user_id: str, *, before: str | None, limit: int) -> list[Listed]:
    """The user's sessions that are not over, the newest first."""
    rows = database.rows(
        "SELECT id, created_at, last_used_at, user_agent FROM sessions WHERE user_id = %s AND expires_at > now()"
        " AND (%s::uuid IS NULL OR id < %s::uuid) ORDER BY id DESC LIMIT %s",
        (user_id, before, before, limit),
    )
    return [Listed(*row) for row in rows]
