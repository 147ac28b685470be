"""Events of quota-svc."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.envelope import Event


@dataclass(frozen=True)
class QuotaChanged(Event):
    """The free quota of a user with a companion was spent or returned."""

    TYPE = "quota.quota_changed.v1"
    OWNER = "quota-svc"
    user_id: UUID
    companion_id: UUID
    conversation_id: UUID


@dataclass(frozen=True)
class PremiumChanged(Event):
    """Premium was granted or taken back; `premium_until` is the fold of all grants."""

    TYPE = "quota.premium_changed.v1"
    OWNER = "quota-svc"
    user_id: UUID
    premium_until: datetime | None
