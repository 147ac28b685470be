"""Sessions: opening, using, refreshing, listing and revoking them (AUTH-2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from chassis.db import Database
from chassis.errors import NotFound, Unauthenticated
from chassis.ids import uuid7
from gateway.domain import Account, Listed, SessionRow, Visitor
from gateway.ports import Announcer
from gateway.queries import accounts, sessions
from gateway.usecases.tokens import ACCESS_SECONDS, Tokens

log = structlog.get_logger("sessions")

KEEP = "30 days"
GRACE = "10 seconds"


@dataclass(frozen=True)
class Opened:
    """A session as its owner gets it: either tokens or a cookie. `expires_in` in seconds, of the access token."""

    session_id: str
    user: Account
    access_token: str | None = None
    refresh_token: str | None = None
    cookie: str | None = None
    expires_in: int = ACCESS_SECONDS


class Sessions:
    """Everything that makes, proves or ends a session."""

    def __init__(self, database: Database, tokens: Tokens, announcer: Announcer) -> None:
        self._database = database
        self._tokens = tokens
        self._announcer = announcer

    def open(self, user_id: UUID, visitor: Visitor, *, cookie: bool) -> Opened:
        """A new session of the user, who has just proved to be that; by cookie or by tokens."""
        session_id, secret = uuid7(), self._tokens.fresh()
        kept = self._tokens.stored(secret)
        with self._database.transaction():
            row = self._database.row(
                "INSERT INTO sessions (id, user_id, cookie_hash, user_agent, expires_at)"
                " VALUES (%s, %s, %s, %s, now() + %s::interval) RETURNING created_at",
                (session_id, user_id, kept if cookie else None, visitor.user_agent, KEEP),
            )
            if not cookie:
                self._keep_refresh(kept, session_id)
            user = self._user(user_id)
        if cookie:
            return Opened(str(session_id), user, cookie=secret)
        return self._with_tokens(str(session_id), user, secret, _moment(row))

    def by_access_token(self, token: str) -> SessionRow:
        """The session that the token proves. Raises Unauthenticated."""
        user_id, session_id = self._tokens.read_access(token)
        with self._database.reading():
            found = sessions.alive(self._database, session_id)
        if found is None or found.by_cookie or found.user_id != user_id:
            raise Unauthenticated("The session is over. Please sign in again.")
        if found.is_stale:
            self._touch(found)
        return found

    def by_cookie(self, cookie: str) -> SessionRow | None:
        """The session of a browser, prolonged when it was last used a while ago; None where it is over."""
        with self._database.reading():
            found = sessions.alive_by_cookie(self._database, self._tokens.stored(cookie))
        if found is not None and found.is_stale:
            self._touch(found)
        return found

    def is_open(self, session: SessionRow) -> bool:
        """Whether a session is what it was when it was read: not over, its user not banned, nor of another role."""
        with self._database.reading():
            found = sessions.alive(self._database, session.session_id)
        return found is not None and found.version == session.version

    def refresh(self, token: str) -> Opened:
        """New tokens for a refresh token. The same one again gives the same answer for 10 s (two tabs are no theft),
        as long as nobody has gone on from that answer; else it revokes the session. Raises Unauthenticated."""
        kept, following = self._tokens.stored(token), self._tokens.next_refresh(token)
        with self._database.transaction():
            session_id, user = self._lock_session_of(kept)
            row = self._database.row(
                "SELECT rotated_at, rotated_at < now() - %s::interval OR EXISTS (SELECT 1 FROM refresh_tokens"
                " WHERE token_hash = %s AND rotated_at IS NOT NULL), expires_at <= now()"
                " FROM refresh_tokens WHERE token_hash = %s",
                (GRACE, self._tokens.stored(following), kept),
            )
            if row is None or row[2]:
                raise Unauthenticated("The session is over. Please sign in again.")
            rotated_at, is_reused, _is_over = row
            if rotated_at is None:
                rotated_at = self._rotate(kept, self._tokens.stored(following), session_id)
        if is_reused:
            log.warning("refresh_token_reused", session_id=str(session_id), user_id=str(user.id))
            self._end("id = %s", [session_id])
            raise Unauthenticated("The refresh token was used before. Please sign in again.")
        return self._with_tokens(str(session_id), user, following, rotated_at)

    def listed(self, user_id: str, *, before: str | None, limit: int) -> list[Listed]:
        """The user's own sessions, the newest first."""
        with self._database.reading():
            return sessions.of_user(self._database, user_id, before=before, limit=limit)

    def revoke(self, user_id: str, session_id: str) -> None:
        """End one of the user's own sessions and its streams. Raises NotFound."""
        if not self._end("id = %s AND user_id = %s", [session_id, user_id]):
            raise NotFound()

    def prune(self) -> int:
        """Forget sessions and refresh tokens that have expired; how many."""
        with self._database.transaction():
            gone = self._database.execute("DELETE FROM sessions WHERE expires_at <= now()")
            return gone + self._database.execute("DELETE FROM refresh_tokens WHERE expires_at <= now()")

    def _end(self, condition: str, params: list[object]) -> list[str]:
        with self._database.transaction():
            rows = self._database.rows(f"DELETE FROM sessions WHERE {condition} RETURNING id::text", params)  # noqa: S608 - constants
        ended = [str(row[0]) for row in rows]
        if ended:
            self._announcer.close_sessions(ended)
        return ended

    def _lock_session_of(self, token_hash: bytes) -> tuple[UUID, Account]:
        """The session is locked before its tokens, as its end does, so that the two can't wait for each other."""
        row = self._database.row(
            "SELECT id, user_id, expires_at <= now() FROM sessions"
            " WHERE id = (SELECT session_id FROM refresh_tokens WHERE token_hash = %s) FOR UPDATE",
            (token_hash,),
        )
        if row is None or row[2]:
            raise Unauthenticated("The refresh token is not valid.")
        user = self._user(row[1])
        if user.banned_at is not None:
            raise Unauthenticated("The session is over. Please sign in again.")
        return row[0], user

    def _rotate(self, old: bytes, new: bytes, session_id: UUID) -> datetime:
        row = self._database.row(
            "UPDATE refresh_tokens SET rotated_at = now() WHERE token_hash = %s RETURNING rotated_at", (old,)
        )
        self._keep_refresh(new, session_id)
        self._database.execute(
            "UPDATE sessions SET last_used_at = now(), expires_at = now() + %s::interval WHERE id = %s",
            (KEEP, session_id),
        )
        return _moment(row)

    def _keep_refresh(self, token_hash: bytes, session_id: UUID) -> None:
        self._database.execute(
            "INSERT INTO refresh_tokens (token_hash, session_id, expires_at) VALUES (%s, %s, now() + %s::interval)",
            (token_hash, session_id, KEEP),
        )

    def _touch(self, session: SessionRow) -> None:
        """Note the use; a cookie lives for another 30 days, tokens only by being refreshed."""
        with self._database.transaction():
            self._database.execute(
                "UPDATE sessions SET last_used_at = now(),"
                " expires_at = CASE WHEN %s THEN now() + %s::interval ELSE expires_at END WHERE id = %s",
                (session.by_cookie, KEEP, session.session_id),
            )

    def _user(self, user_id: UUID) -> Account:
        found = accounts.by_id(self._database, user_id)
        if found is None:
            raise Unauthenticated()
        return found

    def _with_tokens(self, session_id: str, user: Account, refresh_token: str, issued_at: datetime) -> Opened:
        access = self._tokens.access(user.id, session_id, issued_at)
        return Opened(session_id, user, access_token=access, refresh_token=refresh_token)


def _moment(row: tuple[datetime, ...] | None) -> datetime:
    if row is None:
        raise Unauthenticated("The session is over. Please sign in again.")
    return row[0]
