"""What tests of asking models share: an engine over model servers, and what it was asked and showed."""

import time
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter

from ai_svc.adapters.model_endpoint import HttpModelEndpoint
from ai_svc.config import EndpointConfig
from ai_svc.domain.conversation import ContextMessage, Decision, Persona
from ai_svc.usecases.asking import ModelEngine
from chassis.ids import uuid7
from tests.stubs import model_server as stub

MIRA = Persona(str(uuid7()), "Mira", 27, "Painter in Lisbon.", "You are Mira.")
TALK = [ContextMessage("user", "text", "How are you?")]


@dataclass
class Asked:
    """A question to an engine, what was shown of the answer, and how long it took."""

    engine: ModelEngine
    shown: list[list[str]] = field(default_factory=list)
    seconds: float = 0.0

    def __call__(self) -> Decision:
        self.shown = []
        started = time.monotonic()
        try:
            return self.engine.answer(
                MIRA, TALK, uuid7(), lambda: self.shown.append([]), lambda text: self.shown[-1].append(text)
            )
        finally:
            self.seconds = time.monotonic() - started

    @property
    def last_shown(self) -> str:
        return "".join(self.shown[-1])


def asking(*bases: str, budget: float = 60.0) -> Asked:
    """An engine that asks the servers at these addresses in turn, for `budget` seconds in all."""
    endpoints = [
        HttpModelEndpoint(EndpointConfig(f"endpoint-{n}", base, stub.MODEL, stub.KEY), 0.8, 220)
        for n, base in enumerate(bases)
    ]
    tries = Counter("tries", "Tries.", ("endpoint", "outcome"), registry=CollectorRegistry())
    return Asked(ModelEngine(endpoints, budget, tries))
