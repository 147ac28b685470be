"""Companions: made and edited by admins, browsed by everybody, announced to the other services (COMP-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from peewee import SQL

from ai_svc.domain.companions import checked, folded
from ai_svc.domain.replies import EngineLabel
from ai_svc.models import Companion
from ai_svc.queries import companions as queries
from chassis.contracts.ai import CompanionChanged
from chassis.db import Database
from chassis.errors import NotFound
from chassis.ids import uuid7
from chassis.outbox import Outbox

ANNOUNCED_AT_ONCE = 200


class Companions:
    """`engine` is what answers for all of them with the settings of this process."""

    def __init__(self, database: Database, outbox: Outbox, engine: EngineLabel) -> None:
        self._database = database
        self._outbox = outbox
        self.engine = engine

    def create(self, fields: Mapping[str, Any], created_by: str) -> dict[str, Any]:
        """Make a companion. Raises Invalid, for instance below 18."""
        with self._database.transaction():
            row = self._insert({**checked(fields), "id": uuid7(), "created_by": created_by})
            return queries.view(row)

    def update(self, companion_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change some fields; nothing to change is no change. Raises NotFound, Invalid."""
        fields = checked(changes)
        if not fields:
            return self.get_any(companion_id)
        with self._database.transaction():
            rows = list(
                Companion.update(
                    **fields, version=Companion.version + 1, announced_engine=self.engine, updated_at=SQL("now()")
                )
                .where(Companion.id == companion_id)
                .returning(Companion)
            )
            if not rows:
                raise NotFound()
            self._announce(rows[0])
            return queries.view(rows[0])

    def get(self, companion_id: str) -> dict[str, Any]:
        """An active companion. Raises NotFound."""
        found = self.get_any(companion_id)
        if not found["is_active"]:
            raise NotFound()
        return found

    def get_any(self, companion_id: str) -> dict[str, Any]:
        """A companion, active or not. Raises NotFound."""
        with self._database.reading():
            row = queries.one(companion_id)
            if row is None:
                raise NotFound()
            return queries.view(row)

    def search(
        self, name_part: str | None, *, only_active: bool, before: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """At most `limit` companions whose name holds `name_part`, newest first, after the one with id `before`."""
        with self._database.reading():
            rows = queries.page(name_part=folded(name_part or ""), only_active=only_active, before=before, limit=limit)
            return [queries.view(row) for row in rows]

    def seed(self, rows: Sequence[Mapping[str, Any]]) -> int:
        """Make the companions whose `id` is not there yet, each in a transaction of its own; how many it made."""
        made = 0
        for row in rows:
            with self._database.transaction():
                if queries.one(row["id"]) is None:
                    self._insert({**checked(row), "id": UUID(str(row["id"]))})
                    made += 1
        return made

    def announce_engine(self) -> int:
        """Tell of companions for which something else answers than was last announced; of how many it told."""
        with self._database.transaction():
            stale = (
                Companion.select(Companion.id)
                .where(Companion.announced_engine != self.engine)
                .limit(ANNOUNCED_AT_ONCE)
                .for_update(skip_locked=True)
            )
            rows = list(
                Companion.update(announced_engine=self.engine, version=Companion.version + 1)
                .where(Companion.id.in_(stale))
                .returning(Companion)
            )
            for row in rows:
                self._announce(row)
        return len(rows)

    def _insert(self, fields: Mapping[str, Any]) -> Companion:
        (row,) = Companion.insert(**fields, announced_engine=self.engine).returning(Companion).execute()
        self._announce(row)
        return row

    def _announce(self, row: Companion) -> None:
        self._outbox.emit(
            CompanionChanged(
                companion_id=row.id,
                version=row.version,
                name=row.name,
                avatar_key=row.avatar_key,
                is_active=row.is_active,
                engine=row.announced_engine,
            )
        )
