"""Events of ai-svc."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.envelope import Event


@dataclass(frozen=True)
class CompanionChanged(Event):
    """A companion was made or edited. `version` grows with each change; `engine` is what answers for it now."""

    TYPE = "ai.companion_changed.v1"
    OWNER = "ai-svc"
    companion_id: UUID
    version: int
    name: str
    avatar_key: str | None
    is_active: bool
    engine: str
