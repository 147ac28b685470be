"""Free quotas and the standing of a user (QUOTA-1, QUOTA-2)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Database
from quota_svc.domain import FREE_QUOTA, Standing
from quota_svc.queries import quotas as queries


class Quotas:
    """Opens and tells free quotas."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, user_id: UUID, companion_id: UUID) -> Standing:
        """Give the free quota with a companion, once, and tell what is left of it."""
        with self._database.transaction():
            queries.open_quota(self._database, user_id, companion_id, FREE_QUOTA)
            return queries.standing(self._database, user_id, [companion_id])

    def standing(self, user_id: UUID, companion_ids: Sequence[UUID]) -> Standing:
        """Premium and the free quotas with these companions, exact at this moment."""
        with self._database.reading():
            return queries.standing(self._database, user_id, companion_ids)
