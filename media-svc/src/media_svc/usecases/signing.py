"""Signed URLs for all keys of a screen at once, of those only that the caller may see (MEDIA-6, guarantee 19)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from chassis.db import Database
from media_svc.domain.keys import read_key
from media_svc.domain.viewing import Answer, Known, Viewable, Viewer, allowed, decide, expiry
from media_svc.ports import UrlSigner
from media_svc.queries import viewing as queries
from media_svc.usecases.companions import Companions
from media_svc.usecases.standings import Standings


@dataclass(frozen=True)
class Signed:
    """URLs by key, the keys that are denied, and when the URLs end."""

    urls: Mapping[str, str]
    denied: Sequence[str]
    expires_at: datetime


class Signing:
    """`clock`: seconds since 1970."""

    def __init__(
        self,
        database: Database,
        companions: Companions,
        standings: Standings,
        signer: UrlSigner,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._companions = companions
        self._standings = standings
        self._signer = signer
        self._clock = clock

    def sign(self, viewer: Viewer, keys: Sequence[str]) -> Signed:
        """Sign each key once, in the order asked. Raises Unavailable when a neighbour is away that has to be asked."""
        asked = list(dict.fromkeys(keys))
        readable = [key for key in asked if read_key(key) is not None]
        answers = self._judge(viewer, self._find(readable, viewer.user_id))
        known = self._ask(viewer, answers)
        visible = {thing.key for thing, answer in answers if allowed(answer, thing, known)}
        until = expiry(self._clock())
        return Signed(
            urls={key: self._signer.sign(key, until) for key in asked if key in visible},
            denied=[key for key in asked if key not in visible],
            expires_at=datetime.fromtimestamp(until, UTC),
        )

    def _find(self, keys: Sequence[str], viewer: UUID | None) -> list[Viewable]:
        if not keys:
            return []
        with self._database.reading():
            return queries.viewables(self._database, keys, viewer)

    def _judge(self, viewer: Viewer, things: Sequence[Viewable]) -> list[tuple[Viewable, Answer]]:
        """Each with its answer, after it was found out which companions are active."""
        answers = [(thing, decide(viewer, thing)) for thing in things]
        waiting = {thing.companion_id for thing, answer in answers if answer == "active" and thing.companion_id}
        if not waiting:
            return answers
        activity = self._companions.activity(sorted(waiting))
        known = [replace(thing, companion_active=self._active(thing, activity)) for thing in things]
        return [(thing, decide(viewer, thing)) for thing in known]

    @staticmethod
    def _active(thing: Viewable, activity: Mapping[UUID, bool]) -> bool | None:
        if thing.companion_active is not None or thing.companion_id is None:
            return thing.companion_active
        return activity.get(thing.companion_id, False)

    def _ask(self, viewer: Viewer, answers: Sequence[tuple[Viewable, Answer]]) -> Known:
        if viewer.user_id is None:
            return Known()
        conversations = {thing.conversation_id for thing, answer in answers if answer == "conversation"}
        companions = {thing.companion_id for thing, answer in answers if answer == "companion"}
        taking = self._standings.taking_part(viewer.user_id, _ids(conversations), _ids(companions))
        wants_premium = any(answer == "premium" for _thing, answer in answers)
        return Known(*taking, premium=wants_premium and self._standings.is_premium(viewer.user_id))


def _ids(found: Set[UUID | None]) -> set[UUID]:
    return {one for one in found if one is not None}
