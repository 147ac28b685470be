"""Asking for a reply once more: after a failure, or because the last one did not please (CHAT-7, CHAT-8)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.contracts.chat import AIReplyRequested, MessagesUpdated
from chassis.db import Database
from chassis.errors import Conflict, DomainError, NotFound, Unavailable
from chassis.ids import uuid7
from chassis.outbox import Outbox
from chat_svc.domain.messages import RECENT, companion_unavailable, regeneration_target
from chat_svc.queries import conversations, messages, replies
from chat_svc.usecases.neighbours import Quotas
from chat_svc.usecases.steps import admission_of

RESERVED_S = 15.0
"""How long others are kept out for one whose admission is being asked for; longer than that call may take."""


@dataclass(frozen=True)
class Wish:
    """One regeneration on its way: who wants which messages answered again."""

    conversation_id: UUID
    sender_id: UUID
    client_id: UUID
    companion_id: UUID
    message_ids: list[UUID]


class Regenerating:
    """Regenerations. It costs what a text costs, so it is admitted like one."""

    def __init__(self, database: Database, outbox: Outbox, quotas: Quotas) -> None:
        self._database = database
        self._outbox = outbox
        self._quotas = quotas

    def regenerate(self, sender_id: UUID, conversation_id: UUID, client_id: UUID, permit_id: str) -> UUID:
        """The id that the new reply will have; the same client_id gets the same one and spends nothing more.

        Two wishes at once must not both be admitted, so the conversation is reserved for one before quota-svc is
        asked. Killed there, the reservation runs out by itself.
        Raises NotFound, Conflict `companion-unavailable`, `reply-in-progress`, `nothing-to-regenerate`, what the
        admission raises, and Unavailable.
        """
        wish = self._reserve(sender_id, conversation_id, client_id)
        if isinstance(wish, UUID):
            return wish
        admission_id = admission_of("regenerate", conversation_id, sender_id, client_id)
        try:
            generation = self._quotas.admit(
                admission_id,
                user_id=sender_id,
                companion_id=wish.companion_id,
                conversation_id=conversation_id,
                permit_id=permit_id,
                client_id=client_id,
            )
        except DomainError:
            with self._database.transaction():
                replies.release_regeneration(self._database, conversation_id, client_id)
            raise
        return self._request(wish, admission_id, generation)

    def _reserve(self, sender_id: UUID, conversation_id: UUID, client_id: UUID) -> Wish | UUID:
        with self._database.transaction():
            conversations.lock_conversation(self._database, conversation_id)
            place = messages.find_place(self._database, conversation_id, sender_id, client_id)
            if place is None:
                raise NotFound()
            earlier = replies.find_regeneration(conversation_id, sender_id, client_id)
            if earlier is not None:
                return earlier[0]
            if not place.companion_is_active:
                raise companion_unavailable()
            target = regeneration_target(messages.page_before(self._database, conversation_id, None, RECENT))
            if not replies.reserve_regeneration(self._database, conversation_id, client_id, RESERVED_S):
                raise Conflict("A reply is on its way already.", code="reply-in-progress")
        return Wish(conversation_id, sender_id, client_id, place.companion_id, target)

    def _request(self, wish: Wish, admission_id: UUID, generation: int) -> UUID:
        request_id, reply_id = uuid7(), uuid7()
        with self._database.transaction():
            conversations.lock_conversation(self._database, wish.conversation_id)
            earlier = replies.find_regeneration(wish.conversation_id, wish.sender_id, wish.client_id)
            if earlier is not None:
                return earlier[0]
            if replies.is_voided(self._database, wish.conversation_id, admission_id, generation):
                raise Unavailable("The reply was not asked for. Please try again.")
            waiting = replies.set_reply_status(
                self._database, wish.conversation_id, wish.message_ids, "pending", only=("replied", "failed")
            )
            if len(waiting) != len(wish.message_ids):
                # Our reservation ran out and another wish was faster. quota-svc takes our admission back by itself.
                raise Conflict("A reply is on its way already.", code="reply-in-progress")
            replies.record_regeneration(
                request_id,
                wish.conversation_id,
                wish.sender_id,
                wish.client_id,
                reply_id=reply_id,
                message_ids=wish.message_ids,
                generation=generation,
            )
            replies.release_regeneration(self._database, wish.conversation_id, wish.client_id)
            self._outbox.emit(MessagesUpdated(wish.conversation_id, [wish.sender_id], [seq for seq, _id in waiting]))
            self._outbox.emit(
                AIReplyRequested(
                    request_id=request_id,
                    reply_id=reply_id,
                    conversation_id=wish.conversation_id,
                    user_id=wish.sender_id,
                    companion_id=wish.companion_id,
                    message_ids=wish.message_ids,
                    admission_id=admission_id,
                    generation=generation,
                    regenerate=True,
                )
            )
        return reply_id
