"""The ids of a send, an opening or a regeneration: derived, so that a repeated step names the same thing."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from chassis.ids import derive

Purpose = Literal["send", "media", "regenerate"]
"""`media` apart from `send`: what was admitted as media must not let a text in for nothing."""


def conversation_of(user_id: UUID, companion_id: UUID) -> UUID:
    """The id of the one conversation of a user and a companion (CHAT-1), the same in every attempt to open it."""
    return derive(user_id, "conversation", companion_id)


def admission_of(purpose: Purpose, conversation_id: UUID, sender_id: UUID, client_id: UUID) -> UUID:
    """Under which id quota-svc admits this send of a text or of media, or regeneration."""
    return derive(conversation_id, purpose, sender_id, client_id)


def send_of(conversation_id: UUID, sender_id: UUID, client_id: UUID, attempt: int) -> UUID:
    """For whom media-svc claims the upload of a send with media. Another one in each attempt after a refusal, so that
    neither a claim nor a release of an earlier attempt that arrives late does anything to this one."""
    return derive(conversation_id, "media-send", sender_id, client_id, attempt)


def reply_of(message_id: UUID) -> UUID:
    """The message id that a reply to this message alone gets."""
    return derive(message_id, "reply")
