"""Minting permits (PERM-1)."""

from __future__ import annotations

from uuid import UUID

from chassis.db import Database
from chassis.ids import uuid7
from chassis.upstream import Upstream
from quota_svc.domain import MintedPermit, too_many_permits
from quota_svc.queries import permits as queries

FORGET_BATCH = 5_000


class Permits:
    """Mints permits. `limit`: how many a user gets in a minute, None for any number."""

    def __init__(self, database: Database, gateway: Upstream, limit: int | None) -> None:
        self._database = database
        self._gateway = gateway
        self._limit = limit

    def mint(self, user_id: UUID, bot_token: str, scope: str) -> MintedPermit:
        """A permit for who passes the bot check. Raises RateLimited, Forbidden `bot-check-failed`, Unavailable.

        A full minute is refused before the gateway is asked, so that it costs no check; what counts is the guarded
        statement in the minting transaction, so that checks that fail use up nothing.
        """
        if self._limit is not None:
            with self._database.reading():
                self._refuse_when_full(user_id, self._limit)
        check = {"check_id": str(uuid7()), "bot_token": bot_token, "action": "permit"}
        self._gateway.call("POST", "/internal/bot-checks", check)
        with self._database.transaction():
            if self._limit is not None and not queries.count_permit(self._database, user_id, self._limit):
                raise too_many_permits(self._limit, self._seconds_until_permits(user_id, self._limit) or 1)
            return queries.mint_permit(self._database, uuid7(), user_id, scope)

    def forget(self) -> int:
        """Delete the permits that expired more than a day ago, a batch at a time; how many."""
        total = 0
        while True:
            with self._database.transaction():
                found = queries.forget_permits(self._database, FORGET_BATCH)
            total += found
            if found < FORGET_BATCH:
                return total

    def _refuse_when_full(self, user_id: UUID, limit: int) -> None:
        seconds = self._seconds_until_permits(user_id, limit)
        if seconds is not None:
            raise too_many_permits(limit, seconds)

    def _seconds_until_permits(self, user_id: UUID, limit: int) -> int | None:
        return queries.seconds_until_permits(self._database, user_id, limit)
