"""Asks the models for an answer: each endpoint twice, all within one budget, behind a breaker each (AI-1, CHAT-8)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from prometheus_client import Counter

from ai_svc.domain.conversation import ContextMessage, Decision, Persona
from ai_svc.domain.decision import TextStreamer
from ai_svc.domain.prompt import CONTEXT_MESSAGES, build_messages
from ai_svc.domain.replies import PAUSE_S, SHORTEST_TRY_S, TRY_WEIGHTS, EngineLabel, try_seconds
from ai_svc.ports import ModelEndpoint, NoAnswer, TryFailed
from chassis.upstream import Breaker

log = structlog.get_logger("model")

Prompt = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class _Guarded:
    endpoint: ModelEndpoint
    breaker: Breaker = field(default_factory=lambda: Breaker(threshold=4, cooldown=10.0))


class ModelEngine:
    """Answers through the first endpoint that can. `budget_seconds` bounds all tries of one answer together."""

    label: EngineLabel = "model"
    context_messages = CONTEXT_MESSAGES

    def __init__(self, endpoints: Sequence[ModelEndpoint], budget_seconds: float, tries: Counter) -> None:
        self._endpoints = [_Guarded(endpoint) for endpoint in endpoints]
        self._budget_seconds = budget_seconds
        self._tries = tries

    def answer(
        self,
        persona: Persona,
        messages: Sequence[ContextMessage],
        reply_id: UUID,
        begin: Callable[[], None],
        show: Callable[[str], None],
    ) -> Decision:
        """The first usable answer. Raises NoAnswer after all tries, or when their time is up."""
        prompt = build_messages(persona, messages)
        ends = time.monotonic() + self._budget_seconds
        waiting = [(guarded, weight) for guarded in self._in_order() for weight in TRY_WEIGHTS]
        failed_at_once: _Guarded | None = None
        while waiting:
            guarded, weight = waiting.pop(0)
            if guarded is failed_at_once:
                time.sleep(max(0.0, min(PAUSE_S, ends - time.monotonic())))
            seconds = try_seconds(ends - time.monotonic(), weight, (later for _guarded, later in waiting))
            if seconds < min(SHORTEST_TRY_S, self._budget_seconds / 20):
                break
            begin()
            try:
                decision = self._ask(guarded.endpoint, persona, prompt, seconds, show)
            except TryFailed as failure:
                self._note(guarded.endpoint.name, failure, reply_id)
                failed_at_once = guarded if failure.reason != "timeout" else None
                if failure.reason != "refused":
                    guarded.breaker.failed()
                else:  # this prompt is refused, or our key is: asking again is pointless, and no sign of an outage
                    waiting = [(other, weight) for other, weight in waiting if other is not guarded]
            else:
                guarded.breaker.succeeded()
                self._tries.labels(guarded.endpoint.name, "answered").inc()
                return decision
        raise NoAnswer()

    def _in_order(self) -> list[_Guarded]:
        """The endpoints in their order; those behind an open breaker last, because a late answer beats none."""
        allowed = {id(guarded) for guarded in self._endpoints if guarded.breaker.allow()}
        return sorted(self._endpoints, key=lambda guarded: id(guarded) not in allowed)

    def _ask(
        self, endpoint: ModelEndpoint, persona: Persona, prompt: Prompt, seconds: float, show: Callable[[str], None]
    ) -> Decision:
        streamer = TextStreamer(persona)
        with closing(endpoint.stream(prompt, seconds)) as pieces:
            for piece in pieces:
                if text := streamer.feed(piece):
                    show(text)
        decision, rest = streamer.finish()
        if rest:
            show(rest)
        return decision

    def _note(self, name: str, failure: TryFailed, reply_id: UUID) -> None:
        self._tries.labels(name, failure.reason).inc()
        log.warning(
            "model_try_failed", endpoint=name, reason=failure.reason, status=failure.status, reply_id=str(reply_id)
        )
