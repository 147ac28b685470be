"""How a viewer stands with neighbours, asked once: conversations (chat-svc) and premium (quota-svc)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Set
from uuid import UUID

from media_svc.usecases.neighbours import Conversations, Quotas

KEEP_S = 5.0
"""How long it is remembered that somebody takes part in a conversation."""
MOST_KEPT = 20_000
Taking = tuple[frozenset[UUID], frozenset[UUID]]
"""Conversations that a user takes part in, and companions that the user has a conversation with."""


class Standings:
    """`clock`: monotonic seconds. That somebody takes no part is not remembered: it changes with the next click."""

    def __init__(
        self, conversations: Conversations, quotas: Quotas, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._conversations = conversations
        self._quotas = quotas
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[UUID, UUID], float] = {}

    def taking_part(self, user_id: UUID, conversations: Set[UUID], companions: Set[UUID]) -> Taking:
        """Those of these (up to 200 each) that are the user's, asked in one call. Raises Unavailable."""
        known = self._fresh(user_id, conversations | companions)
        unknown = sorted(conversations - known), sorted(companions - known)
        if any(unknown):
            told = self._conversations.standing(user_id, *unknown)
            found = set(told.conversations) | told.companion_ids
            self._keep(user_id, found)
            known |= found
        return frozenset(conversations & known), frozenset(companions & known)

    def is_premium(self, user_id: UUID) -> bool:
        """Whether the user is premium at this moment. Raises Unavailable."""
        return self._quotas.premium_active(user_id)

    def _fresh(self, user_id: UUID, ids: Set[UUID]) -> set[UUID]:
        now = self._clock()
        with self._lock:
            return {one for one in ids if self._kept.get((user_id, one), now) > now}

    def _keep(self, user_id: UUID, ids: Set[UUID]) -> None:
        until = self._clock() + KEEP_S
        with self._lock:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            self._kept.update({(user_id, one): until for one in ids})
