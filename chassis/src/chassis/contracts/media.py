"""Events of media-svc. `recipients` are the users whose clients are told; versions grow with each change."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.envelope import Event


@dataclass(frozen=True)
class MediaUploaded(Event):
    """An upload has arrived whole and is to be processed."""

    TYPE = "media.media_uploaded.v1"
    OWNER = "media-svc"
    upload_id: UUID
    owner_id: UUID
    recipients: list[UUID]
    purpose: str
    kind: str
    version: int


@dataclass(frozen=True)
class MediaProcessed(Event):
    """The processing of an upload ended (completed, blocked, failed) or is delayed; `status` is where it is now."""

    TYPE = "media.media_processed.v1"
    OWNER = "media-svc"
    upload_id: UUID
    owner_id: UUID
    recipients: list[UUID]
    purpose: str
    kind: str
    status: str
    version: int


@dataclass(frozen=True)
class MediaStandingChanged(Event):
    """Completed media is judged differently now, was taken down or removed; both fields say how it stands now."""

    TYPE = "media.media_standing_changed.v1"
    OWNER = "media-svc"
    upload_id: UUID
    nsfw_flag: str
    removed: bool
    version: int


@dataclass(frozen=True)
class MediaQuarantined(Event):
    """The policy check found what opens an incident (MOD-2); `reason`: hash_match or minor_suspicion."""

    TYPE = "media.media_quarantined.v1"
    OWNER = "media-svc"
    upload_id: UUID
    owner_id: UUID
    conversation_id: UUID | None
    kind: str
    reason: str


@dataclass(frozen=True)
class CompanionMediaChanged(Event):
    """How many published media a companion has on each surface."""

    TYPE = "media.companion_media_changed.v1"
    OWNER = "media-svc"
    companion_id: UUID
    version: int
    gallery: int
    posts: int
    assets: int
