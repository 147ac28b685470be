"""Premium as the fold of grants (PAY-2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.contracts.quota import PremiumChanged
from chassis.db import Database
from chassis.outbox import Outbox
from quota_svc.domain import check_grant, extended, grant_mismatch
from quota_svc.queries import premium


class PremiumGrants:
    """Extends premium."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    def grant(self, grant_id: UUID, user_id: UUID, days: int, source: str) -> datetime:
        """Extend the user's premium by `days` from max(now, premium_until), once per `grant_id`; premium_until.

        `source` says where it came from, in at most 40 characters. Raises Invalid for impossible days, Conflict
        `grant-mismatch` for an id that was given to another user or number of days.
        """
        check_grant(days, source)
        with self._database.transaction():
            until = premium.lock(user_id)
            at = premium.add_grant(grant_id, user_id, days, source)
            if at is None:
                known = premium.find_grant(grant_id)
                if until is None or known is None or (known.user_id, known.days) != (user_id, days):
                    raise grant_mismatch()
                return until
            until = extended(until, at, days)
            premium.set_until(user_id, until)
            self._outbox.emit(PremiumChanged(user_id, until))
            return until
