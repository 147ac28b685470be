"""What media-svc asks of chat-svc, ai-svc and quota-svc, with answers as values; never inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from chassis.errors import NotFound, Unavailable
from chassis.upstream import Upstream

log = structlog.get_logger("neighbours")

TIMEOUT_S = 2.5
"""For one call; repeated once by the upstream client, that is 5 s, well below what the gateway gives a request."""
MALFORMED = (KeyError, TypeError, ValueError, AttributeError)
"""What reading an answer of another shape than agreed ends in."""


@dataclass(frozen=True)
class ChatStanding:
    """Of the conversations asked for, those that the user takes part in, with their companion; and of the companions
    asked for, those the user has a conversation with."""

    conversations: Mapping[UUID, UUID]
    companion_ids: frozenset[UUID]


class Conversations:
    """chat-svc: who takes part in what."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def standing(
        self, user_id: UUID, conversation_ids: Sequence[UUID] = (), companion_ids: Sequence[UUID] = ()
    ) -> ChatStanding:
        """How the user stands with up to 200 conversations and 200 companions, in one call. Raises Unavailable."""
        body = {
            "user_id": str(user_id),
            "conversation_ids": [str(one) for one in conversation_ids],
            "companion_ids": [str(one) for one in companion_ids],
        }
        answer = self._upstream.call("POST", "/internal/conversations/standing", body, timeout=TIMEOUT_S)
        try:
            return ChatStanding(
                {UUID(one["conversation_id"]): UUID(one["companion_id"]) for one in answer["conversations"]},
                frozenset(UUID(one) for one in answer["companion_ids"]),
            )
        except MALFORMED:
            raise _nonsense(self._upstream) from None


class Quotas:
    """quota-svc: who is premium."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def premium_active(self, user_id: UUID) -> bool:
        """Raises Unavailable."""
        body = {"user_id": str(user_id), "companion_ids": []}
        return _flag(
            self._upstream,
            self._upstream.call("POST", "/internal/standing", body, timeout=TIMEOUT_S),
            "premium_active",
        )


class CompanionSource:
    """ai-svc: which companions there are."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def is_active(self, companion_id: UUID) -> bool:
        """Raises NotFound for an unknown companion, Unavailable when ai-svc does not answer."""
        try:
            answer = self._upstream.call("GET", f"/internal/companions/{companion_id}", timeout=TIMEOUT_S)
        except NotFound:
            raise NotFound() from None
        return _flag(self._upstream, answer, "is_active")


def _flag(upstream: Upstream, answer: Any, name: str) -> bool:
    flag = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(flag, bool):
        raise _nonsense(upstream)
    return flag


def _nonsense(upstream: Upstream) -> Unavailable:
    """A neighbour that answers something else than agreed counts as one that does not answer."""
    log.error("upstream_nonsense", callee=upstream.callee)
    return Unavailable()
