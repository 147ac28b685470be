"""Keeping what conversations show of companions."""

from __future__ import annotations

from chassis.contracts.ai import CompanionChanged
from chassis.db import Database
from chat_svc.domain.conversations import Companion
from chat_svc.queries import conversations as queries


class Companions:
    """The read model of ai-svc's companions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, event: CompanionChanged) -> None:
        """Take over a companion's new state; an older one that comes late changes nothing."""
        companion = Companion(event.companion_id, event.name, event.avatar_key, event.is_active, event.engine)
        with self._database.transaction():
            queries.save_companion(companion, event.version)
