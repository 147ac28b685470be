"""Limits that hold across processes, counted in the database."""

from __future__ import annotations

from chassis.db import Database
from gateway.domain import Limit, too_many
from gateway.queries import ratelimits as queries
from gateway.usecases.tokens import Tokens


class RateLimits:
    """Counts hits per limit and key. `factor` is RATE_LIMIT_FACTOR: it scales all limits, 0 switches them off."""

    def __init__(self, database: Database, tokens: Tokens, factor: float) -> None:
        self._database = database
        self._tokens = tokens
        self._factor = factor

    def take(self, limit: Limit, key: str) -> None:
        """Count a hit, or raise RateLimited when all are used; of parallel hits, too, only as many as allowed pass."""
        if not self._factor:
            return
        allowed = limit.scaled(self._factor)
        with self._database.transaction():
            wait = queries.take(
                self._database, limit.name, self._tokens.blind(key), allowed=allowed, window_seconds=limit.seconds
            )
        if wait is not None:
            raise too_many(allowed, wait)

    def give_back(self, limit: Limit, key: str) -> None:
        """Undo a hit that turned out not to count."""
        if self._factor:
            with self._database.transaction():
                queries.give_back(self._database, limit.name, self._tokens.blind(key))

    def prune(self) -> int:
        """Forget windows that ended long ago; how many."""
        with self._database.transaction():
            return self._database.execute("DELETE FROM limit_counters WHERE began_at < now() - interval '1 day'")
