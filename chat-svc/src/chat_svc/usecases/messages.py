"""Reading messages: pages for users, batches for the stream (CHAT-3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.db import Database
from chassis.errors import NotFound
from chat_svc.domain.conversations import LARGEST_SEQ
from chat_svc.domain.messages import message_view
from chat_svc.queries import conversations
from chat_svc.queries import messages as queries


class Messages:
    """The messages of conversations, as a participant sees them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, viewer: UUID, conversation_id: UUID, *, before_seq: int | None, after_seq: int | None, limit: int
    ) -> dict[str, Any]:
        """At most `limit` messages, ascending, next to the given number; of neither, the newest.

        `has_more` tells whether there are more in the direction asked. Raises NotFound.
        """
        with self._database.reading():
            if not conversations.takes_part(self._database, conversation_id, viewer):
                raise NotFound()
            if after_seq is not None:
                after = min(after_seq, LARGEST_SEQ)
                found = queries.page_after(self._database, conversation_id, after, limit + 1)
                shown = found[:limit]
            else:
                before = None if before_seq is None else min(before_seq, LARGEST_SEQ)
                found = queries.page_before(self._database, conversation_id, before, limit + 1)
                shown = found[:limit][::-1]
        return {"items": [message_view(message, viewer) for message in shown], "has_more": len(found) > limit}

    def seen_by(self, viewer: UUID, places: Sequence[tuple[UUID, int]]) -> list[dict[str, Any] | None]:
        """Messages as `viewer` sees them; None for those of conversations the viewer takes no part in."""
        with self._database.reading():
            found = queries.find_seen(self._database, viewer, places)
        return [message_view(found[place], viewer) if place in found else None for place in places]
