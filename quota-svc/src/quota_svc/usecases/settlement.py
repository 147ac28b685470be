"""Settling admissions that were never heard of again: chat-svc knows whether a message came of them."""

from __future__ import annotations

import structlog

from chassis.db import Database
from chassis.errors import DomainError, Unavailable
from chassis.upstream import Upstream
from quota_svc.queries import admissions as queries
from quota_svc.queries.admissions import Unsettled
from quota_svc.usecases.admissions import Admissions

log = structlog.get_logger("settlement")

BATCH = 20


class Settlement:
    """Asks chat-svc about admissions older than 10 minutes and reverses those without a message."""

    def __init__(self, database: Database, admissions: Admissions, chat: Upstream) -> None:
        self._database = database
        self._admissions = admissions
        self._chat = chat

    def settle(self) -> bool:
        """Settle one batch; whether to go on with the next at once.

        Nothing is reversed but on chat-svc's word. Where it is away or refuses, the admission is asked about again
        later, and the others of the batch are not kept waiting for it.
        """
        with self._database.transaction():
            batch = queries.claim_unsettled(self._database, BATCH)
        settled = sum(self._settle(admission) for admission in batch)
        return settled > 0 and len(batch) == BATCH

    def _settle(self, admission: Unsettled) -> bool:
        try:
            exists = self._ask(admission)
        except DomainError as error:
            log.warning("settle_postponed", admission_id=str(admission.admission_id), code=error.code)
            return False
        if exists:
            self._admissions.mark_used(admission.admission_id, admission.generation)
        else:
            self._admissions.reverse_unused(admission.admission_id, admission.generation)
        return True

    def _ask(self, admission: Unsettled) -> bool:
        answer = self._chat.call(
            "POST",
            "/internal/sends/settle",
            {
                "admission_id": str(admission.admission_id),
                "generation": admission.generation,
                "conversation_id": str(admission.conversation_id),
                "sender_id": str(admission.sender_id),
                "client_id": str(admission.client_id),
            },
        )
        exists = answer.get("exists") if isinstance(answer, dict) else None
        if not isinstance(exists, bool):
            raise Unavailable("chat-svc gave no clear answer.")
        return exists
