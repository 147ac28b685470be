"""Opening, listing and showing conversations, and moving their markers (CHAT-1, CHAT-2, CHAT-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.contracts.chat import ConversationChanged
from chassis.db import Database
from chassis.errors import NotFound
from chassis.outbox import Outbox
from chat_svc.domain.conversations import LARGEST_SEQ, Conversation, Standing, conversation_view
from chat_svc.queries import conversations as queries
from chat_svc.usecases.media_rules import MediaRules
from chat_svc.usecases.neighbours import CompanionSource, Quotas
from chat_svc.usecases.steps import conversation_of


@dataclass(frozen=True)
class Page:
    """Some conversations in their public shape; `next_from`: the position to go on from, None at the end."""

    items: list[dict[str, Any]]
    next_from: tuple[datetime, UUID] | None


class Conversations:
    """A user's conversations."""

    def __init__(
        self, database: Database, outbox: Outbox, quotas: Quotas, companions: CompanionSource, rules: MediaRules
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._quotas = quotas
        self._companions = companions
        self._rules = rules

    def open(self, user_id: UUID, companion_id: UUID) -> tuple[dict[str, Any], bool]:
        """The user's conversation with the companion, and whether it was made now (CHAT-1).

        The quota comes first: killed after it, the next attempt finds it and goes on with the same conversation id.
        Raises NotFound for an unknown or inactive companion, Unavailable when a neighbour does not answer.
        """
        with self._database.reading():
            found = queries.find_with_companion(self._database, user_id, companion_id)
        if found is not None:
            return self._view(found, self._quotas.open(user_id, companion_id, found.id)), False
        companion = self._companions.find(companion_id)
        if not companion.is_active:
            raise NotFound()
        conversation_id = conversation_of(user_id, companion_id)
        standing = self._quotas.open(user_id, companion_id, conversation_id)
        with self._database.transaction():
            opened = queries.open_conversation(self._database, conversation_id, user_id, companion)
            if opened:
                self._outbox.emit(ConversationChanged(conversation_id, [user_id]))
            conversation = queries.find_with_companion(self._database, user_id, companion_id)
        if conversation is None:
            raise NotFound()
        return self._view(conversation, standing), opened

    def show(self, user_id: UUID, conversation_id: UUID) -> dict[str, Any]:
        """One conversation. Raises NotFound where the user takes no part in it."""
        with self._database.reading():
            conversation = queries.find_conversation(self._database, conversation_id, user_id)
        if conversation is None:
            raise NotFound()
        return self._view(conversation, self._standing(user_id, [conversation]))

    def page(self, user_id: UUID, before: tuple[datetime, UUID] | None, limit: int) -> Page:
        """The user's conversations, newest activity first (CHAT-2)."""
        with self._database.reading():
            found = queries.list_conversations(self._database, user_id, before, limit + 1)
        shown = found[:limit]
        standing = self._standing(user_id, shown) if shown else None
        last = shown[-1] if len(found) > limit else None
        return Page(
            [self._view(one, standing) for one in shown], (last.active_at, last.id) if last is not None else None
        )

    def seen_by(self, viewer: UUID, ids: Sequence[UUID]) -> list[dict[str, Any] | None]:
        """Conversations as `viewer` sees them, without quotas; None for those the viewer takes no part in.

        Asks no neighbour, so the rules of media are those that are known.
        """
        with self._database.reading():
            found = queries.find_conversations(self._database, ids, viewer)
        rules = self._rules.known()
        return [conversation_view(found[one], None, rules) if one in found else None for one in ids]

    def among(
        self, user_id: UUID, ids: Sequence[UUID], companion_ids: Sequence[UUID]
    ) -> tuple[list[tuple[UUID, UUID]], list[UUID]]:
        """Of `ids` the conversations that the user takes part in, with their companions; of `companion_ids` those that
        the user has a conversation with."""
        with self._database.reading():
            return (
                queries.find_companions_of(self._database, ids, user_id),
                queries.find_known_companions(self._database, companion_ids, user_id),
            )

    def mark_read(self, user_id: UUID, conversation_id: UUID, seq: int) -> None:
        """Move the user's read marker; never back, never beyond the newest message (CHAT-7). Raises NotFound."""
        self._mark(queries.mark_read, user_id, conversation_id, seq)

    def mark_delivered(self, user_id: UUID, conversation_id: UUID, seq: int) -> None:
        """Move the user's delivered marker likewise."""
        self._mark(queries.mark_delivered, user_id, conversation_id, seq)

    def _mark(self, move: queries.MoveMarker, user_id: UUID, conversation_id: UUID, seq: int) -> None:
        with self._database.transaction():
            if move(self._database, conversation_id, user_id, min(seq, LARGEST_SEQ)):
                self._outbox.emit(ConversationChanged(conversation_id, [user_id]))
            elif not queries.takes_part(self._database, conversation_id, user_id):
                raise NotFound()

    def _view(self, conversation: Conversation, standing: Standing | None) -> dict[str, Any]:
        return conversation_view(conversation, standing, self._rules.refreshed())

    def _standing(self, user_id: UUID, shown: Sequence[Conversation]) -> Standing:
        return self._quotas.standing(user_id, [conversation.companion.id for conversation in shown])
