"""The rules of a reply in the making: what it answers, how long it may take, when it is tried again (CHAT-8, AI-4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from ai_svc.domain.conversation import Decision
from chassis.errors import Invalid

EngineLabel = Literal["model", "offline"]

LEASE_S = 25.0
"""How long a worker may be silent. With the longest time a model may take it stays under the minute in which a reply
has to come after a kill (invariant 13)."""
MAX_ATTEMPTS = 5
"""Claims of an undecided job that may end without a word (a kill, a defect) before it fails for good."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 5.0
LONGEST_TRY_S = 18.0
"""However much time is left: a try is silent while it waits, and the lease must outlast it. Else another worker asks
the same once more, and neither's answer comes in time."""
TRY_WEIGHTS = (2.0, 1.0)
"""How the time of one endpoint is divided among its tries: the first one deserves more patience."""
PAUSE_S = 0.3
"""Between two tries at one endpoint, where the first one failed at once."""
SHORTEST_TRY_S = 0.5
KEEP_FINISHED_DAYS = 30

_NOTHING_TO_SHARE = {
    "image": (
        "I'd love to show you, but I have no photo to share right now. Ask me again another day?",
        "No photo of mine is worthy of you today. Let me describe it instead: imagine me smiling at your message.",
        "You'd get one if I had one. My camera roll is empty for now, so you'll have to use your imagination.",
        "Ah, there is no picture I could send at the moment. Tell me what you'd want to see, and I'll keep it in mind.",
        "Nothing to show just yet. But I like that you asked.",
        "I can't send you a photo right now. Words will have to do, and I promise to pick good ones.",
    ),
    "video": (
        "I have no video to share right now, so you'll have to make do with my words.",
        "No video today. Picture me waving at you instead, a little badly.",
        "There is no clip I could send at the moment. Ask me again some time?",
        "I'd move for you, but I have nothing recorded yet.",
        "Nothing filmed so far. Until then you get me in writing, unedited.",
        "Not a single video to share yet. What would you want to see?",
    ),
    "voice": (
        "My voice is taking the day off, so read this slowly and imagine it.",
        "I can't send you my voice right now. Read this as if I were whispering it.",
        "No voice note today, I'm afraid. What do you think I sound like?",
        "Nothing recorded to send yet. You'll have to lend my words a voice of your own.",
        "I'd say it out loud if I could. For now, text is all I have.",
        "My microphone and I aren't on speaking terms today. Let's write.",
    ),
}


@dataclass(frozen=True)
class ReplyRequest:
    """A wish for a reply to `message_ids`; `admission_id` and `generation` name what is returned if it fails."""

    id: UUID
    reply_id: UUID
    conversation_id: UUID
    user_id: UUID
    companion_id: UUID
    message_ids: list[UUID]
    admission_id: UUID
    generation: int

    def __post_init__(self) -> None:
        if not self.message_ids:
            raise Invalid("a reply to no message", code="invalid-event")


@dataclass(frozen=True)
class Reply:
    """A committed answer."""

    text: str
    engine: EngineLabel


@dataclass(frozen=True)
class Failure:
    """The committed fact that there will be no answer."""


Outcome = Reply | Failure


def as_text(decision: Decision, engine: EngineLabel, reply_id: UUID) -> str:
    """The text that is sent for a decision while companions own no assets (AI-4): the model's, else a friendly line.

    What the offline engine writes to a picture is a caption, which would make no sense without it.
    """
    if decision.kind == "text" or (engine == "model" and decision.text.strip()):
        return decision.text
    lines = _NOTHING_TO_SHARE[decision.kind]
    return lines[reply_id.int % len(lines)]


def try_seconds(left: float, weight: float, later: Iterable[float]) -> float:
    """How many of the `left` seconds the next try may take, so that tries of the weights `later` fit as well."""
    return min(LONGEST_TRY_S, max(0.0, left) * weight / (weight + sum(later)))


def wait_seconds(waits: int) -> float:
    """How long a job waits after its `waits` postponements in a row."""
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(waits, 10))
