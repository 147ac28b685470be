"""The rules of a reply in the making: what it answers, how long it may take, when it is tried again (CHAT-8, AI-4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from chassis.errors import Invalid

EngineLabel = Literal["model", "offline"]
MediaKind = Literal["image", "video"]
ReplyKind = Literal["text", MediaKind]

LEASE_S = 25.0
"""How long a worker may be silent. With the longest time a model may take it stays under the minute in which a reply
has to come after a kill (invariant 13)."""
MAX_ATTEMPTS = 5
"""Claims of a job that may end without a word (a kill, a defect) before it fails for good, where it is undecided, or
goes without the media that could not be chosen."""
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
    """A committed answer: a text, or media that is still to be picked after `tags`, `text` then being its caption."""

    text: str
    engine: EngineLabel
    kind: ReplyKind = "text"
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asset:
    """What media-svc picked for a reply. `media`: its description, to be handed on as it is."""

    asset_id: str
    upload_id: str
    text: str
    media: Mapping[str, Any]
    nsfw_flag: str
    version: int


@dataclass(frozen=True)
class Failure:
    """The committed fact that there will be no answer."""


Outcome = Reply | Failure
Lack = Literal["no-asset", "no-quota"]
"""Why a reply goes without the media that was decided on (AI-4, QUOTA-2)."""


def wanted_media(outcome: Outcome) -> MediaKind | None:
    """The media that an outcome is to carry, or None."""
    return outcome.kind if isinstance(outcome, Reply) and outcome.kind != "text" else None


def try_seconds(left: float, weight: float, later: Iterable[float]) -> float:
    """How many of the `left` seconds the next try may take, so that tries of the weights `later` fit as well."""
    return min(LONGEST_TRY_S, max(0.0, left) * weight / (weight + sum(later)))


def wait_seconds(waits: int) -> float:
    """How long a job waits after its `waits` postponements in a row."""
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(waits, 10))
