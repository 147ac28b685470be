"""Messages: what one is, how a viewer sees it, and which ones a regeneration answers again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.errors import Conflict
from chat_svc.domain.media import Media, can_be_shown, shown

LONGEST_TEXT = 4_000
"""Code points of a message's text (CHAT-3)."""
PREVIEW_CHARACTERS = 140
RECENT = 50
"""How many messages back a regeneration looks."""
RETRY_AT_MOST = 20
"""How many failed messages in a row one regeneration answers together."""
KINDS = ("text", "image", "video", "voice")
PLACEHOLDERS = {"text": "", "image": "[Image]", "video": "[Video]", "voice": "[Voice note]"}
_ONE_LINE = str.maketrans("\n\r\t", "   ")


@dataclass(frozen=True)
class Message:
    """One message. `sender_id`: None for the companion; `reply_status` only of messages that ask for a reply."""

    conversation_id: UUID
    seq: int
    id: UUID
    sender_id: UUID | None
    client_id: UUID | None
    kind: str
    text: str | None
    reply_status: str | None
    reply_to: tuple[UUID, ...] | None
    superseded: bool
    engine: str | None
    generation: int | None
    created_at: datetime
    media: Media | None = None

    @property
    def by_companion(self) -> bool:
        return self.sender_id is None


def message_view(message: Message, viewer: UUID) -> dict[str, Any]:
    """The public shape of a message, as `viewer` sees it: a client_id is shown to its sender only.

    Of media that was held or removed only the caption is left, which is the sender's text.
    """
    media = message.media
    is_shown = media is not None and can_be_shown(message.kind, media)
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "client_id": message.client_id if message.sender_id == viewer else None,
        "sender": "ai" if message.by_companion else "user",
        "kind": message.kind,
        "text": message.text,
        "media": shown(media) if media is not None and is_shown else None,
        "media_removed": media is not None and not is_shown,
        "billing": None,
        "engine": message.engine,
        "reply_status": message.reply_status,
        "reply_to": None if message.reply_to is None else list(message.reply_to),
        "superseded": message.superseded,
        "created_at": message.created_at,
        "deleted": False,
    }


def preview(kind: str, text: str | None) -> str:
    """What the thread list shows of a message (CHAT-2): its first 140 characters on one line, or its kind."""
    line = (text or PLACEHOLDERS[kind]).translate(_ONE_LINE)
    return line if len(line) <= PREVIEW_CHARACTERS else line[:PREVIEW_CHARACTERS] + "…"


def same_send(message: Message, kind: str, text: str | None, upload_id: UUID | None) -> bool:
    """Whether a send with this body repeats the one that made `message`."""
    made_of = message.media.upload_id if message.media else None
    return (message.kind, message.text, made_of) == (kind, text, upload_id)


def client_id_reused() -> Conflict:
    """The client_id names another message of this sender, made or on its way."""
    return Conflict("This client_id was used for another message.", code="client-id-reused")


def companion_unavailable() -> Conflict:
    """Nobody can talk with an inactive companion."""
    return Conflict("This companion is not available at the moment.", code="companion-unavailable")


def regeneration_target(recent: Sequence[Message]) -> list[UUID]:
    """The messages that a regeneration answers, oldest first (CHAT-7). `recent`: the newest messages, newest first.

    A failed reply is tried again for all messages that failed last; else the newest reply is given once more.
    Raises Conflict `reply-in-progress` while any of them waits, `nothing-to-regenerate` where nothing was asked.
    """
    asked = [message for message in recent if not message.by_companion]
    if any(message.reply_status == "pending" for message in asked):
        raise Conflict("A reply is on its way already.", code="reply-in-progress")
    failed: list[UUID] = []
    for message in asked[:RETRY_AT_MOST]:
        if message.reply_status != "failed":
            break
        failed.append(message.id)
    if failed:
        return failed[::-1]
    for message in recent:
        if message.by_companion and not message.superseded and message.reply_to:
            return list(message.reply_to)
    raise Conflict("There is no reply to write again.", code="nothing-to-regenerate")


def prompt_context(earlier: Sequence[Message], answered: Sequence[Message], limit: int) -> list[Message]:
    """At most `limit` messages, oldest first, those to be answered last. Both are given oldest first."""
    last = list(answered)[-limit:]
    room = limit - len(last)
    return [*(list(earlier)[-room:] if room else []), *last]
