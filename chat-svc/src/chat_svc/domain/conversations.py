"""Companion conversations: what one is and how its user sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chat_svc.domain.media import Rules
from chat_svc.domain.messages import preview

LARGEST_SEQ = 2**31 - 1
NOTHING_FREE = {"text": 0, "media": 0, "audio": 0}


@dataclass(frozen=True)
class Companion:
    """What is kept here of a companion. `engine`: what answers for it, `model` or `offline`."""

    id: UUID
    name: str
    avatar_key: str | None
    is_active: bool
    engine: str


@dataclass(frozen=True)
class Conversation:
    """A companion conversation as one participant sees it. `last_text` may be cut behind what a preview needs."""

    id: UUID
    user_id: UUID
    companion: Companion
    last_seq: int
    last_kind: str | None
    last_text: str | None
    last_message_at: datetime | None
    read_seq: int
    unread_count: int
    created_at: datetime

    @property
    def active_at(self) -> datetime:
        """What the thread list is ordered by (CHAT-2)."""
        return self.last_message_at or self.created_at


@dataclass(frozen=True)
class Standing:
    """A user's premium and free quotas by companion, from quota-svc. A counter that is missing is 0, not unlimited."""

    premium_active: bool
    quotas: Mapping[str, Mapping[str, int]]

    def free_with(self, companion_id: UUID) -> dict[str, int]:
        return {**NOTHING_FREE, **self.quotas.get(str(companion_id), {})}


def conversation_view(conversation: Conversation, standing: Standing | None, rules: Rules) -> dict[str, Any]:
    """The public shape of a conversation; without `standing` its owner fills in quotas and premium."""
    companion = conversation.companion
    last_kind = conversation.last_kind
    return {
        "id": conversation.id,
        "type": "companion",
        "companion_id": companion.id,
        "peer": {"id": companion.id, "name": companion.name, "username": None, "avatar_key": companion.avatar_key},
        "payer_id": None,
        "earner_id": None,
        "payer_daily_limit": None,
        "payer_spent_today": None,
        "free_remaining": standing.free_with(companion.id) if standing else None,
        "premium_active": standing.premium_active if standing else False,
        "engine": companion.engine,
        "media_rules": rules,
        "last_message_preview": preview(last_kind, conversation.last_text) if last_kind else None,
        "last_message_at": conversation.last_message_at,
        "last_seq": conversation.last_seq,
        "read_seq": conversation.read_seq,
        "peer_read_seq": None,
        "peer_delivered_seq": None,
        "unread": conversation.unread_count > 0,
        "unread_count": conversation.unread_count,
        "created_at": conversation.created_at,
    }
