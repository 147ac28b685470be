"""Sending a text: checked, admitted by quota-svc, then written with its events in one short transaction (CHAT-4)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from prometheus_client import Counter

from chassis.db import Database
from chassis.errors import NotFound, Unavailable
from chassis.ids import uuid7
from chassis.outbox import Outbox
from chat_svc.domain.messages import Message, client_id_reused, companion_unavailable, same_send
from chat_svc.queries import messages as queries
from chat_svc.usecases.neighbours import Quotas
from chat_svc.usecases.posting import NotWrittenError, post
from chat_svc.usecases.steps import admission_of


@dataclass(frozen=True)
class Draft:
    """A text that a user wants to send, valid in itself."""

    client_id: UUID
    permit_id: str
    text: str


class Sending:
    """Users' texts to companions."""

    def __init__(self, database: Database, outbox: Outbox, quotas: Quotas, posted: Counter) -> None:
        self._database = database
        self._outbox = outbox
        self._quotas = quotas
        self._posted = posted

    def send(self, sender_id: UUID, conversation_id: UUID, draft: Draft) -> tuple[Message, bool]:
        """The message, and whether it was written now; a repeated client_id gets the first one.

        Killed before the admission: nothing has happened. Between it and the commit: the repeat is admitted under the
        same id, which spends nothing; without a repeat quota-svc asks (`Settling`) and takes the admission back.
        After the commit: the repeat finds the message.
        Raises, first hit wins, NotFound, Conflict `client-id-reused`, `companion-unavailable`, what the admission
        raises, and Unavailable.
        """
        with self._database.reading():
            place = queries.find_place(self._database, conversation_id, sender_id, draft.client_id)
        if place is None:
            raise NotFound()
        if place.earlier is not None:
            return self._repeated(place.earlier, draft), False
        if place.is_sending:
            raise client_id_reused()
        if not place.companion_is_active:
            raise companion_unavailable()
        admission_id = admission_of("send", conversation_id, sender_id, draft.client_id)
        generation = self._quotas.admit(
            admission_id,
            user_id=sender_id,
            companion_id=place.companion_id,
            conversation_id=conversation_id,
            permit_id=draft.permit_id,
            client_id=draft.client_id,
        )
        new = queries.NewMessage(
            uuid7(), conversation_id, sender_id, draft.client_id, "text", draft.text, admission_id, generation
        )
        try:
            with self._database.transaction():
                message = post(self._database, self._outbox, new, place.companion_id)
        except NotWrittenError:
            return self._beaten(new, draft), False
        self._posted.labels("text", "user").inc()
        return message, True

    def _beaten(self, new: queries.NewMessage, draft: Draft) -> Message:
        """Somebody was faster: an equal send, or the settlement of its admission."""
        with self._database.reading():
            earlier = queries.find_sent(self._database, new.conversation_id, new.sender_id, new.client_id)
        if earlier is None:
            raise Unavailable("The message was not sent. Please try again.")
        return self._repeated(earlier, draft)

    @staticmethod
    def _repeated(earlier: Message, draft: Draft) -> Message:
        if not same_send(earlier, "text", draft.text, None):
            raise client_id_reused()
        return earlier
