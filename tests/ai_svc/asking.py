"""What tests of replies share: requests as chat-svc emits them, and the passing of leases without waiting."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.contracts.chat import AIReplyRequested
from chassis.ids import derive, uuid7
from chassis.testing import Harness

MIRA = {"name": "Mira", "age": 27, "bio": "Painter in Lisbon.", "persona_prompt": "You are Mira."}


def companion(ai: Harness) -> UUID:
    """A companion that can be asked."""
    companion_id = uuid7()
    ai.service.usecases.companions.seed([{"id": str(companion_id), **MIRA}])
    return companion_id


def request(companion_id: UUID, **more: Any) -> AIReplyRequested:
    """The event after a message."""
    message_id = uuid7()
    event = AIReplyRequested(
        request_id=message_id,
        reply_id=derive(message_id, "reply"),
        conversation_id=uuid7(),
        user_id=uuid7(),
        companion_id=companion_id,
        message_ids=[message_id],
        admission_id=uuid7(),
        generation=1,
        regenerate=False,
    )
    return replace(event, **more)


def another(first: AIReplyRequested, **more: Any) -> AIReplyRequested:
    """The event after one more message of the same conversation."""
    same = {"conversation_id": first.conversation_id, "user_id": first.user_id}
    return request(first.companion_id, **{**same, **more})


def work(ai: Harness, steps: int = 20) -> int:
    """Let the loop take steps until it finds nothing due; how many it took."""
    for taken in range(steps):
        if not ai.run_loop("replies"):
            return taken
    raise AssertionError(f"still work after {steps} steps")


def let_time_pass(ai: Harness) -> None:
    """Everything that waits or is leased becomes due."""
    with ai.service.database.transaction():
        ai.service.database.execute("UPDATE reply_jobs SET run_at = now() WHERE state = 'open'")


def jobs(ai: Harness) -> list[dict[str, Any]]:
    """All jobs, oldest first."""
    names = ("id", "state", "attempts", "waits", "outcome", "text")
    with ai.service.database.reading():
        rows = ai.service.database.rows(
            "SELECT id, state, attempts, waits, outcome, text FROM reply_jobs ORDER BY created_at"
        )
    return [dict(zip(names, row, strict=True)) for row in rows]


def work_at_once(ai: Harness) -> bool:
    """A step without the waiting; the breaker in front of a neighbour that was away has its own patience."""
    let_time_pass(ai)
    return ai.run_loop("replies")


def due_in(ai: Harness) -> float:
    """Seconds until the one open job is due."""
    with ai.service.database.reading():
        row = ai.service.database.row("SELECT extract(epoch FROM run_at - now()) FROM reply_jobs WHERE state = 'open'")
    assert row is not None
    return float(row[0])
