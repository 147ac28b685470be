"""Likes of gallery media and posts, counted exactly (COMP-3)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.db import Database
from chassis.errors import Conflict, NotFound
from media_svc.domain.companion_media import Medium
from media_svc.queries import companion_media as queries
from media_svc.usecases.companions import Companions

Change = Callable[[Database, UUID, UUID], int]


class Likes:
    """Who may look at a medium's blurred preview may like it: premium-only media are liked by free users, too."""

    def __init__(self, database: Database, companions: Companions) -> None:
        self._database = database
        self._companions = companions

    def like(self, media_id: UUID, user_id: UUID) -> int:
        """Like a medium, any number of times; how many do. Raises NotFound, Conflict `not-likeable`, Unavailable."""
        return self._change(media_id, user_id, queries.like)

    def unlike(self, media_id: UUID, user_id: UUID) -> int:
        """Like it no longer; how many do. Raises as `like`."""
        return self._change(media_id, user_id, queries.unlike)

    def _change(self, media_id: UUID, user_id: UUID, change: Change) -> int:
        with self._database.reading():
            companion_id = _visible(queries.one(self._database, media_id)).companion_id
        self._companions.require_active(companion_id)
        with self._database.transaction():
            found = queries.lock(self._database, media_id)
            medium = _visible(found[0] if found is not None and not found[1] else None)
            if not medium.can_be_liked:
                raise Conflict("This can't be liked.", code="not-likeable")
            return change(self._database, media_id, user_id)


def _visible(medium: Medium | None) -> Medium:
    """What users see on a surface; `media` is None where it was taken down."""
    if medium is None or medium.surface == "asset" or not medium.published or medium.media is None:
        raise NotFound()
    return medium
