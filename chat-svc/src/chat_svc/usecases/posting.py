"""Writing a user's message together with its events, in the transaction at hand."""

from __future__ import annotations

from uuid import UUID

from chassis.contracts.chat import AIReplyRequested, MessagePosted
from chassis.db import Database
from chassis.outbox import Outbox
from chat_svc.domain.messages import Message
from chat_svc.queries import messages as queries
from chat_svc.queries.messages import NewMessage
from chat_svc.usecases.steps import reply_of


class NotWrittenError(Exception):
    """The client_id has a message, or the admission is void: undoes the transaction and with it the sequence number."""


def post(database: Database, outbox: Outbox, new: NewMessage, companion_id: UUID) -> Message:
    """Write `new` as the conversation's next message and ask for a reply to it. Raises NotWrittenError."""
    taken = queries.take_seq(database, new.conversation_id)
    message = queries.insert_sent(database, new, *taken) if taken else None
    if message is None:
        raise NotWrittenError()
    outbox.emit(
        MessagePosted(
            message_id=new.id,
            conversation_id=new.conversation_id,
            seq=message.seq,
            sender_id=new.sender_id,
            recipients=[new.sender_id],
            kind=new.kind,
            admission_id=new.admission_id,
            generation=new.generation,
        )
    )
    outbox.emit(
        AIReplyRequested(
            request_id=new.id,
            reply_id=reply_of(new.id),
            conversation_id=new.conversation_id,
            user_id=new.sender_id,
            companion_id=companion_id,
            message_ids=[new.id],
            admission_id=new.admission_id,
            generation=new.generation,
            regenerate=False,
        )
    )
    return message
