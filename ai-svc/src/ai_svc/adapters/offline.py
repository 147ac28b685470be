"""The offline companion engine behind the port of the models (AI-1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from uuid import UUID

from ai_svc.domain.conversation import ContextMessage, Decision, Persona
from ai_svc.domain.offline import engine
from ai_svc.domain.replies import EngineLabel

_PIECE = re.compile(r"\s*(?:\S+\s*){1,3}")


class OfflineEngine:
    """Answers in persona without any model. The reply's id is the seed: a re-run says the same, a regeneration not."""

    label: EngineLabel = "offline"
    context_messages = 60
    """It remembers only what it sees here: names, plans, and what it said itself and must not repeat."""

    def answer(
        self,
        persona: Persona,
        messages: Sequence[ContextMessage],
        reply_id: UUID,
        begin: Callable[[], None],
        show: Callable[[str], None],
    ) -> Decision:
        begin()
        decision = engine.reply(persona, messages, str(reply_id))
        if decision.kind == "text":
            for piece in _PIECE.findall(decision.text):
                show(piece)
        return decision
