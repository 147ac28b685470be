"""An engine that answers what a test tells it to, a bus that keeps signals, and the death of a process."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from ai_svc.domain.conversation import ContextMessage, Decision, Persona
from ai_svc.domain.replies import EngineLabel
from chassis.bus import SignalHandler
from chassis.db import Database
from chassis.inbox import Dispatcher
from chassis.outbox import Message


class Killed(BaseException):
    """The process ends here: nothing below `BaseException` may catch it, and no cleanup of ours runs."""


class ScriptedEngine:
    """Plays `script` in order, then greets; an exception in it is raised, a callable is called with `show`."""

    label: EngineLabel = "offline"
    context_messages = 8

    def __init__(self) -> None:
        self.script: list[Decision | BaseException | Callable[[Callable[[], None], Callable[[str], None]], Decision]]
        self.script = []
        self.asked: list[tuple[Persona, list[ContextMessage], UUID]] = []

    def answer(
        self,
        persona: Persona,
        messages: Sequence[ContextMessage],
        reply_id: UUID,
        begin: Callable[[], None],
        show: Callable[[str], None],
    ) -> Decision:
        self.asked.append((persona, list(messages), reply_id))
        begin()
        next_line = self.script.pop(0) if self.script else Decision("text", f"Hello from {persona.name}.")
        if isinstance(next_line, BaseException):
            raise next_line
        if callable(next_line):
            return next_line(begin, show)
        return next_line


class SignalRecorder:
    """Keeps signals; as a bus it does nothing else."""

    def __init__(self) -> None:
        self.sent: list[Mapping[str, Any]] = []

    def send_signal(self, signal: Mapping[str, Any]) -> None:
        self.sent.append(signal)

    def publish(self, messages: Sequence[Message]) -> set[int]:
        return {message.id for message in messages}

    def consume(self, dispatcher: Dispatcher, database: Database, on_signal: SignalHandler | None) -> None:
        raise AssertionError("no test consumes here")

    def check(self) -> None: ...

    def stop(self) -> None: ...

    def events(self) -> list[str]:
        return [signal["event"] for signal in self.sent]

    def deltas(self) -> list[Mapping[str, Any]]:
        """The data of the deltas since the reply was last started."""
        found: list[Mapping[str, Any]] = []
        for signal in self.sent:
            if signal["event"] == "reply.started":
                found = []
            elif signal["event"] == "reply.delta":
                found.append(signal["data"])
        return found


def die() -> None:
    """End the process."""
    raise Killed()
