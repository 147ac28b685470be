"""The bot check in front of registering, logging in and minting permits (AUTH-4): a token is accepted once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog

from chassis.db import Database
from chassis.errors import Forbidden
from chassis.ids import uuid7
from gateway.domain import Action
from gateway.ports import BotCheck, Verdict

log = structlog.get_logger("botcheck")

KEEP_SPENT = "1 hour"
"""Longer than any provider's tokens are valid."""
KEEP_VERDICTS = "1 day"


class BotChecks:
    """Asks the provider and remembers what was accepted."""

    def __init__(self, database: Database, provider: BotCheck) -> None:
        self._database = database
        self._provider = provider

    def challenge(self) -> Mapping[str, Any]:
        """What a client needs to make a token."""
        return self._provider.challenge()

    def require(self, token: str, action: Action, address: str) -> None:
        """Spend a token. Raises Forbidden `bot-check-failed`, or Unavailable when nobody can tell."""
        verdict = self._provider.verify(token, action, address, uuid7())
        if verdict.accepted:
            with self._database.transaction():
                if self._spend(verdict):
                    return
        log.info("bot_check_failed", action=action, replayed=verdict.accepted)
        raise _failed()

    def judge(self, check_id: UUID, token: str, action: Action) -> None:
        """As `require`, for a neighbour that may ask again: the same `check_id` gets the same verdict."""
        with self._database.reading():
            told = self._told(check_id)
        if told is None:
            verdict = self._provider.verify(token, action, None, check_id)
            told = self._record(check_id, verdict)
        if not told:
            log.info("bot_check_failed", action=action, check_id=str(check_id))
            raise _failed()

    def prune(self) -> int:
        """Forget what is too old to be asked about; how many rows."""
        with self._database.transaction():
            spent = self._database.execute(
                "DELETE FROM spent_bot_tokens WHERE spent_at < now() - %s::interval", (KEEP_SPENT,)
            )
            told = self._database.execute(
                "DELETE FROM bot_verdicts WHERE created_at < now() - %s::interval", (KEEP_VERDICTS,)
            )
        return spent + told

    def _record(self, check_id: UUID, verdict: Verdict) -> bool:
        """Whoever records first decides; all others are told the same."""
        with self._database.transaction():
            fresh = self._database.execute(
                "INSERT INTO bot_verdicts (check_id, accepted) VALUES (%s, false) ON CONFLICT DO NOTHING", (check_id,)
            )
            if not fresh:
                return bool(self._told(check_id))
            accepted = verdict.accepted and self._spend(verdict)
            if accepted:
                self._database.execute("UPDATE bot_verdicts SET accepted = true WHERE check_id = %s", (check_id,))
        return accepted

    def _told(self, check_id: UUID) -> bool | None:
        row = self._database.row("SELECT accepted FROM bot_verdicts WHERE check_id = %s", (check_id,))
        return bool(row[0]) if row else None

    def _spend(self, verdict: Verdict) -> bool:
        if verdict.fingerprint is None:
            return True
        return bool(
            self._database.execute(
                "INSERT INTO spent_bot_tokens (fingerprint) VALUES (%s) ON CONFLICT DO NOTHING", (verdict.fingerprint,)
            )
        )


def _failed() -> Forbidden:
    return Forbidden("The bot check failed. Please try again.", code="bot-check-failed")
