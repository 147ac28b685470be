"""Events of chat-svc. `recipients` are the users whose clients are told; `seq` orders a conversation without gaps."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.envelope import Event


@dataclass(frozen=True)
class MessagePosted(Event):
    """A user's message was written. `admission_id` and `generation`: what quota-svc admitted it under."""

    TYPE = "chat.message_posted.v1"
    OWNER = "chat-svc"
    message_id: UUID
    conversation_id: UUID
    seq: int
    sender_id: UUID
    recipients: list[UUID]
    kind: str
    admission_id: UUID
    generation: int


@dataclass(frozen=True)
class AIReplyRequested(Event):
    """A reply to these messages is wanted. `request_id`: the triggering message or regeneration; `reply_id`: the
    message id a reply of its own would get; `admission_id`: what is returned if the reply fails for good."""

    TYPE = "chat.ai_reply_requested.v1"
    OWNER = "chat-svc"
    request_id: UUID
    reply_id: UUID
    conversation_id: UUID
    user_id: UUID
    companion_id: UUID
    message_ids: list[UUID]
    admission_id: UUID
    generation: int
    regenerate: bool


@dataclass(frozen=True)
class AIReplied(Event):
    """A companion's reply was written. `answered_seqs` changed to replied, `superseded_seqs` were replaced by it."""

    TYPE = "chat.ai_replied.v1"
    OWNER = "chat-svc"
    message_id: UUID
    conversation_id: UUID
    seq: int
    recipients: list[UUID]
    kind: str
    answered_seqs: list[int]
    superseded_seqs: list[int]


@dataclass(frozen=True)
class AIReplyFailed(Event):
    """A reply failed for good (CHAT-8); `message_ids` at `seqs` now say so."""

    TYPE = "chat.ai_reply_failed.v1"
    OWNER = "chat-svc"
    reply_id: UUID
    conversation_id: UUID
    recipients: list[UUID]
    message_ids: list[UUID]
    seqs: list[int]


@dataclass(frozen=True)
class MessagesUpdated(Event):
    """Something about existing messages changed (a reply is pending again)."""

    TYPE = "chat.messages_updated.v1"
    OWNER = "chat-svc"
    conversation_id: UUID
    recipients: list[UUID]
    seqs: list[int]


@dataclass(frozen=True)
class ConversationChanged(Event):
    """A conversation was opened, or its markers moved."""

    TYPE = "chat.conversation_changed.v1"
    OWNER = "chat-svc"
    conversation_id: UUID
    recipients: list[UUID]


@dataclass(frozen=True)
class MediaSent(Event):
    """A user's message with media was written; `send_id` is what its upload was claimed for."""

    TYPE = "chat.media_sent.v1"
    OWNER = "chat-svc"
    message_id: UUID
    conversation_id: UUID
    sender_id: UUID
    upload_id: UUID
    send_id: UUID
    kind: str
