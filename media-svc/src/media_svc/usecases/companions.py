"""The companions as media-svc knows them: fed by events, and by asking ai-svc about one of which none came yet."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Database
from chassis.errors import NotFound
from media_svc.models import CompanionRow
from media_svc.queries import companions as queries
from media_svc.usecases.neighbours import CompanionSource


class Companions:
    """Which companions there are, and which of them are active."""

    def __init__(self, database: Database, source: CompanionSource) -> None:
        self._database = database
        self._source = source

    def is_active(self, companion_id: UUID) -> bool:
        """Whether a companion is active. Raises NotFound for an unknown one, Unavailable."""
        with self._database.reading():
            known = queries.is_active(companion_id)
        if known is not None:
            return known
        active = self._source.is_active(companion_id)
        with self._database.transaction():
            # Version 0: the first event that comes knows better, and one that came meanwhile does already.
            CompanionRow.insert(id=companion_id, version=0, is_active=active).on_conflict_ignore().execute()
        return active

    def require_active(self, companion_id: UUID) -> None:
        """Raises NotFound for a companion that users can't see, Unavailable."""
        if not self.is_active(companion_id):
            raise NotFound()

    def activity(self, companion_ids: Sequence[UUID]) -> dict[UUID, bool]:
        """Whether each of these companions is active; unknown ones are left out. Raises Unavailable."""
        with self._database.reading():
            found = queries.activity(companion_ids)
        for companion_id in set(companion_ids) - set(found):
            try:
                found[companion_id] = self.is_active(companion_id)
            except NotFound:
                continue
        return found

    def changed(self, companion_id: UUID, version: int, is_active: bool) -> None:
        """Keep what an event said, unless a later one was heard before. Joins the transaction at hand."""
        with self._database.transaction():
            queries.keep(companion_id, version, is_active)
