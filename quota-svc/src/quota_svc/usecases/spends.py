"""Spending free media quota on replies, once per reply, and giving it back (QUOTA-1, QUOTA-2)."""

from __future__ import annotations

from uuid import UUID

from chassis.contracts.quota import QuotaChanged
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.outbox import Outbox
from quota_svc.domain import SpendRequest, media_quota_exhausted, spend_mismatch, spend_returned
from quota_svc.queries import spends as queries

ATTEMPTS = 5


class Spends:
    """Takes what replies with media cost, and gives it back where none came of it."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    def spend(self, request: SpendRequest) -> str:
        """Take one media (image, video) or audio (voice) of the free quota: `media`, `audio`, or `nothing` for who has
        premium; the same again for the same id.

        Raises PaymentRequired `quota-exhausted` (nothing is remembered), Conflict `spend-returned` for one that is
        over, Conflict `spend-mismatch` for an id of another reply.
        """
        for _ in range(ATTEMPTS):
            spent = self._claim(request) or self._repeated(request)
            if spent is not None:
                return spent
        # Undone again and again between our two looks: as good as away, and harmless to repeat.
        raise Unavailable()

    def give_back(self, spend_id: UUID) -> bool:
        """Return what a spend took, once; whether this call did. One that has not come yet can't come any more."""
        with self._database.transaction():
            returned = queries.return_spend(self._database, spend_id)
            if returned is None or returned.user_id is None:
                return False
            if returned.spent != "nothing" and returned.companion_id and returned.conversation_id:
                queries.give_back(self._database, returned.user_id, returned.companion_id, returned.spent)
                self._outbox.emit(QuotaChanged(returned.user_id, returned.companion_id, returned.conversation_id))
            return True

    def _claim(self, request: SpendRequest) -> str | None:
        with self._database.transaction():
            attempt = queries.spend(self._database, request)
            if attempt.spent is not None and attempt.spent != "nothing":
                if not attempt.paid:
                    raise media_quota_exhausted()
                self._outbox.emit(QuotaChanged(request.user_id, request.companion_id, request.conversation_id))
            return attempt.spent

    def _repeated(self, request: SpendRequest) -> str | None:
        with self._database.reading():
            known = queries.known_spend(self._database, request.spend_id)
        if known is None:
            return None
        if known.state == "returned":
            raise spend_returned()
        wanted = (request.user_id, request.companion_id, request.conversation_id, request.kind)
        if (known.user_id, known.companion_id, known.conversation_id, known.kind) != wanted:
            raise spend_mismatch()
        return known.spent
