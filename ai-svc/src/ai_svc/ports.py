"""What ai-svc does not own: the models that answer, and the engines behind which they stand."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Literal, Protocol
from uuid import UUID

from ai_svc.domain.conversation import ContextMessage, Decision, Persona
from ai_svc.domain.replies import EngineLabel

Reason = Literal["timeout", "connect", "server-error", "rate-limited", "refused", "malformed", "cut-off"]


class TryFailed(Exception):
    """One try at an endpoint gave nothing usable. `refused`: asking the same again is pointless."""

    def __init__(self, reason: Reason, status: int | None = None) -> None:
        super().__init__(f"{reason} ({status})" if status else reason)
        self.reason: Reason = reason
        self.status = status


class NoAnswer(Exception):
    """Every try that was allowed has failed (CHAT-8)."""


class ModelEndpoint(Protocol):
    """One OpenAI-compatible endpoint."""

    name: str

    def stream(self, messages: Sequence[Mapping[str, str]], seconds: float) -> Generator[str, None, None]:
        """The raw answer, piece by piece, within `seconds` in all. Raises TryFailed."""


class Engine(Protocol):
    """What answers for companions. `context_messages`: how many of the last messages it wants to see."""

    label: EngineLabel
    context_messages: int

    def answer(
        self,
        persona: Persona,
        messages: Sequence[ContextMessage],
        reply_id: UUID,
        begin: Callable[[], None],
        show: Callable[[str], None],
    ) -> Decision:
        """What the companion answers. `begin` is called before each try, `show` with text as soon as it may be seen:
        joined since the last `begin`, a beginning of the final text. Raises NoAnswer."""
