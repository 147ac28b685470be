"""Picks the asset that a reply sends, once per reply, and lets the user see it (AI-4, guarantee 14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.db import Database
from chassis.errors import Conflict
from media_svc.domain.picking import choose
from media_svc.queries import picks as queries
from media_svc.usecases.companions import Companions


@dataclass(frozen=True)
class PickRequest:
    """What a reply wants to send. `mature`: whether the user opted in to mature media."""

    reply_id: UUID
    conversation_id: UUID
    user_id: UUID
    companion_id: UUID
    kind: str
    tags: Sequence[str]
    mature: bool


class Picking:
    """Every step may be repeated with the same reply id."""

    def __init__(self, database: Database, companions: Companions) -> None:
        self._database = database
        self._companions = companions

    def pick(self, wanted: PickRequest) -> dict[str, Any] | None:
        """The asset for a reply, or None: there is none, or it was dropped, or taken down before it was sent. Asked
        again, the same, whatever else is asked for then. Raises Conflict `reply-id-reused` for a reply of another
        conversation."""
        with self._database.transaction():
            queries.one_at_a_time(self._database, wanted.conversation_id)
            known = queries.one(self._database, wanted.reply_id)
            if known is None:
                self._choose(wanted)
                known = queries.one(self._database, wanted.reply_id)
        if known is None or _place(known) != _place(wanted):
            raise Conflict("This reply belongs to another conversation.", code="reply-id-reused")
        if known.state != "picked" or known.taken_down:
            return None
        return {
            "asset_id": known.asset_id,
            "upload_id": known.upload_id,
            "text": known.text,
            "media": known.media,
            "nsfw_flag": known.nsfw_flag,
            "version": known.version,
        }

    def drop(self, reply_id: UUID) -> None:
        """The reply sends nothing after all: the user may no longer see what was picked. Any number of times."""
        with self._database.transaction():
            queries.drop(self._database, reply_id)

    def accounts(self, companion_id: UUID, before: UUID | None, limit: int) -> list[queries.PickAccount]:
        """Why a companion sent what it sent, newest first, after reply `before`. Raises NotFound, Unavailable."""
        self._companions.is_active(companion_id)
        with self._database.reading():
            return queries.accounts(self._database, companion_id, before, limit)

    def missed_tags(
        self, companion_id: UUID, after: tuple[int, str, str] | None, limit: int
    ) -> list[queries.MissedTag]:
        """Tags that no asset answered to, the most wanted first. Raises NotFound, Unavailable."""
        self._companions.is_active(companion_id)
        with self._database.reading():
            return queries.missed_tags(self._database, companion_id, after, limit)

    def _choose(self, wanted: PickRequest) -> None:
        choice = choose(
            queries.assets(self._database, wanted.companion_id, wanted.kind),
            wanted.tags,
            mature=wanted.mature,
            sent=queries.sent(self._database, wanted.conversation_id),
            seed=wanted.reply_id,
        )
        queries.insert(
            {
                "reply_id": wanted.reply_id,
                "conversation_id": wanted.conversation_id,
                "user_id": wanted.user_id,
                "companion_id": wanted.companion_id,
                "kind": wanted.kind,
                "tags": list(wanted.tags),
                "missed_tags": choice.missed_tags,
                "mature": wanted.mature,
                "asset": choice.asset_id,
                "why": choice.why,
                "state": "none" if choice.asset_id is None else "picked",
            }
        )


def _place(one: PickRequest | queries.Picked) -> tuple[UUID, UUID, UUID]:
    return one.conversation_id, one.user_id, one.companion_id
