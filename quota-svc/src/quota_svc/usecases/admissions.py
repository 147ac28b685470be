"""Admitting sends: a permit use and what the send spends, both or neither, once per send (CHAT-4, CHAT-5, PERM-1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from chassis.contracts.quota import QuotaChanged
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.outbox import Outbox
from quota_svc.domain import AdmissionRequest, admission_mismatch, permit_invalid, quota_exhausted, too_much_media
from quota_svc.queries import admissions as queries
from quota_svc.queries import media_days, quotas

ATTEMPTS = 5


@dataclass(frozen=True)
class Admitted:
    """An admission; `repeated` when it was there before and nothing was spent now."""

    generation: int
    repeated: bool


class Admissions:
    """Admits sends, marks what became of them, and takes back those of which nothing did.

    `media_limit`: how much of their own media users without premium may send to companions a day, None: any number.
    """

    def __init__(self, database: Database, outbox: Outbox, media_limit: int | None) -> None:
        self._database = database
        self._outbox = outbox
        self._media_limit = media_limit

    def admit(self, request: AdmissionRequest) -> Admitted:
        """Let a send in. Raises Forbidden `permit-invalid`, then PaymentRequired `quota-exhausted` for a text or
        RateLimited for media (in each case nothing is spent), Conflict `admission-mismatch` for an id that names
        another user or conversation.

        Only admissions are remembered, never refusals, so that the same send may succeed later.
        """
        if request.spend == "media" and self._media_limit is None:
            request = replace(request, spend="nothing")
        for _ in range(ATTEMPTS):
            admitted = self._claim(request) or self._repeated(request)
            if admitted is not None:
                return admitted
        # Reversed again and again between our two looks: as good as away, and harmless to repeat.
        raise Unavailable()

    def mark_used(self, admission_id: UUID, generation: int) -> None:
        """A message came of it. Harmless twice, for a reversed one, and for one that nobody knows."""
        with self._database.transaction():
            queries.mark_used(self._database, admission_id, generation)

    def reverse(self, admissions: Sequence[tuple[UUID, int]]) -> int:
        """Give back what these (admission, generation) spent, as their reply failed for good (CHAT-8).

        Each is reversed once; permit uses are not given back. How many this call reversed.
        """
        return self._reverse(admissions, ("admitted", "used"))

    def reverse_unused(self, admission_id: UUID, generation: int) -> int:
        """Give back what an admission spent that never became a message."""
        return self._reverse([(admission_id, generation)], ("admitted",))

    def _reverse(self, admissions: Sequence[tuple[UUID, int]], states: Sequence[str]) -> int:
        with self._database.transaction():
            queries.lock(self._database, admissions)
            undone = queries.reverse(self._database, admissions, states)
            spent = [(one.user_id, one.companion_id, one.conversation_id) for one in undone if one.spent == "text"]
            for (user_id, companion_id), amount in sorted(Counter(one[:2] for one in spent).items()):
                quotas.give_back_text(self._database, user_id, companion_id, amount)
            for changed in sorted(set(spent)):
                self._emit_changed(*changed)
            counted = Counter((one.user_id, one.day) for one in undone if one.spent == "media")
            for (user_id, day), amount in sorted(counted.items()):
                media_days.give_back(self._database, user_id, day, amount)
            return len(undone)

    def forget_days(self) -> int:
        """Delete the counts of days long gone; how many."""
        return media_days.forget_days(self._database)

    def _claim(self, request: AdmissionRequest) -> Admitted | None:
        with self._database.transaction():
            attempt = queries.admit(self._database, request, self._media_limit or 0)
            if attempt.generation is None:
                return None
            if not attempt.permit_used:
                raise permit_invalid()
            if attempt.spent == "media" and not attempt.paid:
                raise too_much_media(self._media_limit or 0, media_days.seconds_until_tomorrow(self._database))
            if attempt.spent == "text":
                if not attempt.paid:
                    raise quota_exhausted()
                self._emit_changed(request.user_id, request.companion_id, request.conversation_id)
            return Admitted(attempt.generation, repeated=False)

    def _repeated(self, request: AdmissionRequest) -> Admitted | None:
        with self._database.reading():
            known = queries.known_admission(self._database, request.admission_id)
        if known is None:
            return None
        if (known.user_id, known.conversation_id) != (request.user_id, request.conversation_id):
            raise admission_mismatch()
        return Admitted(known.generation, repeated=True) if known.state != "reversed" else None

    def _emit_changed(self, user_id: UUID, companion_id: UUID, conversation_id: UUID) -> None:
        self._outbox.emit(QuotaChanged(user_id, companion_id, conversation_id))
