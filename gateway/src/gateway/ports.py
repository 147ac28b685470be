"""What the gateway does not own, or does elsewhere: bot checks, password hashing, telling open streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from gateway.domain import Action


@dataclass(frozen=True)
class Verdict:
    """What a bot check found. `fingerprint` names the token whatever its spelling, so that it is accepted once; None:
    any number of times."""

    accepted: bool
    fingerprint: bytes | None = None


class BotCheck(Protocol):
    """A bot check provider (AUTH-4)."""

    def challenge(self) -> Mapping[str, Any]:
        """What a client needs to make a token, as `GET /v1/auth/challenge` answers."""

    def verify(self, token: str, action: Action, address: str | None, attempt: UUID) -> Verdict:
        """Judge a token. The same `attempt` may be asked again. Raises Unavailable when nobody can tell."""


class PasswordHasher(Protocol):
    """Slow, salted hashing. Both raise RateLimited when too many are waiting."""

    def hash(self, password: str) -> str: ...

    def verify(self, hashed: str | None, password: str) -> bool:
        """Whether they match; for None (no such account) it takes as long and is False."""


class Announcer(Protocol):
    """Tells the web processes about streams, right away and perhaps in vain."""

    def close_sessions(self, session_ids: Sequence[str]) -> None:
        """End the open streams of these sessions."""

    def wake(self, user_ids: Sequence[str]) -> None:
        """These users' logs have grown."""

    def signal(self, user_id: str, event: str, data: Mapping[str, Any]) -> None:
        """Pass a signal that is in no log on to the user's open streams."""
