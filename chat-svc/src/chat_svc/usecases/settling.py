"""Telling quota-svc whether an admission became something, so that it can take back what became nothing."""

from __future__ import annotations

from uuid import UUID

from chassis.db import Database
from chassis.errors import Invalid
from chat_svc.queries import conversations, messages, replies
from chat_svc.usecases.steps import admission_of


class Settling:
    """Settlements of admissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def settle(
        self, admission_id: UUID, generation: int, *, conversation_id: UUID, sender_id: UUID, client_id: UUID
    ) -> bool:
        """Whether a message or regeneration was written under this generation of the admission.

        Where none was, none will be: the tombstone is written under the lock that every writer takes first.
        Raises Invalid for an admission that is none of ours.
        """
        sent = admission_id == admission_of("send", conversation_id, sender_id, client_id)
        if not sent and admission_id != admission_of("regenerate", conversation_id, sender_id, client_id):
            raise Invalid(errors={"admission_id": ["Not the admission of this send."]})
        with self._database.transaction():
            if conversations.lock_conversation(self._database, conversation_id) is None:
                return False
            if sent:
                message = messages.find_sent(self._database, conversation_id, sender_id, client_id)
                written = message.generation if message is not None else None
            else:
                regeneration = replies.find_regeneration(conversation_id, sender_id, client_id)
                written = regeneration[1] if regeneration is not None else None
            if written == generation:
                return True
            replies.void_admission(self._database, conversation_id, admission_id, generation)
            return False
