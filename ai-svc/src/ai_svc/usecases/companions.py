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
from chassis.contracts.media import CompanionMediaChanged
from chassis.db import Database
from chassis.errors import Invalid, NotFound
from chassis.ids import derive, uuid7
from chassis.outbox import Outbox
from chassis.upstream import Upstream

ANNOUNCED_AT_ONCE = 200
PICTURES: Mapping[str, tuple[str, str]] = {
    "avatar_upload_id": ("companion_profile", "avatar_key"),
    "background_upload_id": ("companion_background", "background_key"),
}
"""By the field that names an upload: what the upload was made for, and where its key is kept."""


class Companions:
    """`engine` is what answers for all of them with the settings of this process; `media` knows uploads."""

    def __init__(self, database: Database, outbox: Outbox, media: Upstream, engine: EngineLabel) -> None:
        self._database = database
        self._outbox = outbox
        self._media = media
        self.engine = engine

    def create(self, fields: Mapping[str, Any], created_by: str) -> dict[str, Any]:
        """Make a companion. Raises Invalid, for instance below 18; of its uploads NotFound, Invalid, Conflict."""
        companion_id = uuid7()
        fields = self._with_pictures(companion_id, checked(fields), created_by)
        with self._database.transaction():
            row = self._insert({**fields, "id": companion_id, "created_by": created_by})
            return queries.view(row)

    def update(self, companion_id: str, changes: Mapping[str, Any], changed_by: str) -> dict[str, Any]:
        """Change some fields; nothing to change is no change. Raises NotFound, Invalid; for an upload Conflict, too."""
        fields = checked(changes)
        known = self.get_any(companion_id)
        if not fields:
            return known
        fields = self._with_pictures(UUID(companion_id), fields, changed_by)
        with self._database.transaction():
            return queries.view(self._change(companion_id, fields))

    def count_media(self, event: CompanionMediaChanged) -> None:
        """Take over how many media a companion has, unless a later count came first (COMP-1)."""
        with self._database.transaction():
            Companion.update(
                gallery_count=event.gallery,
                posts_count=event.posts,
                assets_count=event.assets,
                media_version=event.version,
            ).where(Companion.id == event.companion_id, Companion.media_version < event.version).execute()

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
        """Make the companions whose `id` is not there yet, each in a transaction of its own; how many it made.

        A row may name `avatar_key` and `background_key`. One that was made without them gets them.
        """
        made = 0
        for row in rows:
            with self._database.transaction():
                known = queries.one(row["id"])
                if known is None:
                    self._insert({**checked(row), "id": UUID(str(row["id"]))})
                    made += 1
                    continue
                missing = {name: row.get(name) for name in ("avatar_key", "background_key") if row.get(name)}
                if fields := {name: key for name, key in missing.items() if getattr(known, name) is None}:
                    self._change(str(known.id), fields)
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

    def _with_pictures(self, companion_id: UUID, fields: Mapping[str, Any], admin_id: str) -> dict[str, Any]:
        """The fields with the keys of the uploads that they name; None takes a picture away."""
        resolved = dict(fields)
        for name, (purpose, column) in PICTURES.items():
            if name in resolved:
                upload_id = resolved.pop(name)
                resolved[column] = upload_id and self._picture_key(companion_id, upload_id, admin_id, purpose, name)
        return resolved

    def _picture_key(self, companion_id: UUID, upload_id: UUID, admin_id: str, purpose: str, field: str) -> str:
        """Use an upload for a companion, once; the same one may be asked for again."""
        asked = {
            "use_id": str(derive(upload_id, purpose, companion_id)),
            "user_id": admin_id,
            "purpose": purpose,
            "companion_id": str(companion_id),
        }
        try:
            answer = self._media.call("POST", f"/internal/uploads/{upload_id}/use", asked)
        except Invalid as refusal:
            messages = (refusal.errors or {}).get("upload_id")
            raise Invalid(refusal.detail, errors={field: messages}) if messages else refusal from refusal
        return str(answer["key"])

    def _change(self, companion_id: str, fields: Mapping[str, Any]) -> Companion:
        rows = list(
            Companion.update(
                **fields, version=Companion.version + 1, announced_engine=self.engine, updated_at=SQL("now()")
            )
            .where(Companion.id == companion_id)
            .returning(Companion)
        )
        if not rows:
            raise NotFound()
        row: Companion = rows[0]
        self._announce(row)
        return row

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
