"""What media-svc asks of chat-svc, ai-svc and quota-svc, with answers as values; never inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.errors import NotFound, Unavailable
from chassis.upstream import Upstream

TIMEOUT_S = 2.5
"""For one call; repeated once by the upstream client, that is 5 s, well below what the gateway gives a request."""


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
        answer = _post(self._upstream, "/internal/conversations/standing", body)
        return ChatStanding(
            {UUID(one["conversation_id"]): UUID(one["companion_id"]) for one in answer["conversations"]},
            frozenset(UUID(one) for one in answer["companion_ids"]),
        )


class Quotas:
    """quota-svc: who is premium."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def premium_active(self, user_id: UUID) -> bool:
        """Raises Unavailable."""
        answer = _post(self._upstream, "/internal/standing", {"user_id": str(user_id), "companion_ids": []})
        return bool(answer["premium_active"])


class CompanionSource:
    """ai-svc: which companions there are."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def is_active(self, companion_id: UUID) -> bool:
        """Raises NotFound for an unknown companion, Unavailable when ai-svc does not answer."""
        try:
            answer = self._upstream.call("GET", f"/internal/companions/{companion_id}", timeout=TIMEOUT_S)
        except NotFound:
            raise NotFound("There is no such companion.") from None
        return bool(answer["is_active"])


def _post(upstream: Upstream, path: str, body: Mapping[str, object]) -> Any:
    answer = upstream.call("POST", path, body, timeout=TIMEOUT_S)
    if not isinstance(answer, dict):
        raise Unavailable()
    return answer
