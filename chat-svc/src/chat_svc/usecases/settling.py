"""Telling quota-svc whether an admission became something, so that it can take back what became nothing."""

from __future__ import annotations

from uuid import UUID

from chassis.db import Database
from chassis.errors import Invalid
from chat_svc.queries import conversations, messages, replies
from chat_svc.usecases.steps import Purpose, admission_of


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
        purposes: tuple[Purpose, ...] = ("send", "media", "regenerate")
        ids = {admission_of(one, conversation_id, sender_id, client_id): one for one in purposes}
        purpose = ids.get(admission_id)
        if purpose is None:
            raise Invalid(errors={"admission_id": ["Not the admission of this send."]})
        with self._database.transaction():
            if conversations.lock_conversation(self._database, conversation_id) is None:
                return False
            if self._written(purpose, conversation_id, sender_id, client_id) == generation:
                return True
            replies.void_admission(self._database, conversation_id, admission_id, generation)
            return False

    def _written(self, purpose: Purpose, conversation_id: UUID, sender_id: UUID, client_id: UUID) -> int | None:
        """The generation that something was written under for this purpose: a text is none of media's."""
        if purpose == "regenerate":
            regeneration = replies.find_regeneration(conversation_id, sender_id, client_id)
            return regeneration[1] if regeneration is not None else None
        message = messages.find_sent(self._database, conversation_id, sender_id, client_id)
        if message is None or (message.kind == "text") != (purpose == "send"):
            return None
        return message.generation
