"""Companion media: put on a surface, edited and removed by admins, shown to users (COMP-2 to COMP-4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from chassis.db import Database
from chassis.errors import NotFound
from chassis.ids import uuid7
from chassis.outbox import Outbox
from media_svc.domain.companion_media import Medium, Surface, checked
from media_svc.domain.media import shown
from media_svc.domain.uploads import check_claim
from media_svc.domain.viewing import Viewer
from media_svc.queries import companion_media as queries
from media_svc.queries import uploads
from media_svc.usecases.companions import Companions
from media_svc.usecases.standings import Standings
from media_svc.usecases.surfaces import announce
from media_svc.usecases.takedowns import Takedowns

REMOVED_BY_ADMIN = "companion_media_removed"


class CompanionMediaAdmin:
    """What admins do with the media of companions, active or not."""

    def __init__(self, database: Database, outbox: Outbox, companions: Companions, takedowns: Takedowns) -> None:
        self._database = database
        self._outbox = outbox
        self._companions = companions
        self._takedowns = takedowns

    def add(
        self, companion_id: UUID, upload_id: UUID, surface: Surface, fields: Mapping[str, Any], created_by: UUID | None
    ) -> dict[str, Any]:
        """Put an upload on a surface. Any admin's upload for this companion will do, once. What users see there can
        be liked unless `fields` says otherwise.

        Raises NotFound, Invalid, Unavailable, Conflict `upload-blocked`, `upload-not-ready`, `upload-already-used`.
        """
        kept = checked(surface, {"can_be_liked": surface != "asset", **fields})
        self._companions.is_active(companion_id)
        media_id = uuid7()
        with self._database.transaction():
            upload = uploads.one(upload_id, lock=True)
            place = ("companion_media", companion_id)
            fits = upload is not None and (upload.purpose, upload.companion_id) == place
            owner = upload.owner_id if upload is not None else media_id
            claimed = check_claim(upload, owner_id=owner, fits=fits, used_by=media_id)
            uploads.mark_used(upload_id, media_id)
            queries.insert(
                {
                    **kept, "id": media_id, "companion_id": companion_id, "upload": upload_id, "surface": surface,
                    "kind": claimed.kind, "created_by": created_by,
                }
            )  # fmt: skip
            announce(self._database, self._outbox, companion_id)
            return _for_admins(self._locked(media_id))

    def edit(self, media_id: UUID, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change some fields; nothing to change is no change. Raises NotFound, Invalid."""
        with self._database.transaction():
            medium = self._locked(media_id)
            kept = checked(medium.surface, changes)
            if kept:
                queries.update(media_id, kept)
            if kept.get("published", medium.published) != medium.published:
                announce(self._database, self._outbox, medium.companion_id)
            return _for_admins(self._locked(media_id))

    def remove(self, media_id: UUID) -> None:
        """Take a medium down for good, also where it was sent; again, it changes nothing. Raises NotFound."""
        with self._database.transaction():
            found = queries.lock(self._database, media_id)
            if found is None:
                raise NotFound()
            medium, is_removed = found
            if not is_removed:
                queries.mark_removed(self._database, media_id)
                self._takedowns.remove(medium.upload_id, REMOVED_BY_ADMIN)

    def page(self, companion_id: UUID, surface: str | None, before: UUID | None, limit: int) -> list[dict[str, Any]]:
        """What a companion has, newest first, after the one with id `before`. Raises NotFound, Unavailable."""
        self._companions.is_active(companion_id)
        with self._database.reading():
            rows = queries.page(self._database, companion_id, surface, before, limit)
        return [_for_admins(medium) for medium in rows]

    def _locked(self, media_id: UUID) -> Medium:
        found = queries.lock(self._database, media_id)
        if found is None or found[1]:
            raise NotFound()
        return found[0]


class Gallery:
    """What users see of the media of active companions."""

    def __init__(self, database: Database, companions: Companions, standings: Standings) -> None:
        self._database = database
        self._companions = companions
        self._standings = standings

    def page(
        self, companion_id: UUID, surface: Surface, viewer: Viewer, user_id: UUID, before: UUID | None, limit: int
    ) -> list[dict[str, Any]]:
        """A surface, newest first, after the one with id `before`. Whether the viewer is premium is asked once, and
        only where it matters. Raises NotFound, Unavailable (COMP-3)."""
        self._companions.require_active(companion_id)
        with self._database.reading():
            rows = queries.shown_page(self._database, companion_id, surface, user_id, before, limit)
        locks = any(medium.premium_only for medium in rows) and not viewer.is_admin
        is_free = locks and not self._standings.is_premium(user_id)
        return [{**asdict(medium), "media": _shown(medium, locked=is_free and medium.premium_only)} for medium in rows]


def _for_admins(medium: Medium) -> dict[str, Any]:
    return {**asdict(medium), "media": _shown(medium, locked=False)}


def _shown(medium: Medium, *, locked: bool) -> dict[str, Any] | None:
    if medium.media is None:
        return None
    return shown(medium.media, medium.nsfw_flag, premium_only=medium.premium_only, locked=locked)
