"""What media-svc does with the events of others."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.contracts.ai import CompanionChanged
from chassis.contracts.chat import MediaSent
from chassis.envelope import Event
from chassis.inbox import Handler
from media_svc.usecases import Usecases


def handlers(usecases: Usecases) -> Mapping[type[Event], Handler]:
    """Messages that hold an upload, and the companions there are."""

    def media_sent(event: MediaSent) -> None:
        usecases.claims.sent(event.upload_id, send_id=event.send_id, message_id=event.message_id)

    def companion_changed(event: CompanionChanged) -> None:
        usecases.companions.changed(event.companion_id, event.version, event.is_active)

    return {MediaSent: media_sent, CompanionChanged: companion_changed}
