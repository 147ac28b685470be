"""The events that chat-svc follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chassis.contracts.ai import CompanionChanged
from chassis.contracts.media import MediaQuarantined, MediaStandingChanged
from chassis.envelope import Event
from chassis.inbox import Handler
from chat_svc.usecases import Usecases


def handlers(usecases: Usecases, wake: Callable[[], None]) -> Mapping[type[Event], Handler]:
    """What is done with each. `wake`: sets the loop to work that tells of media."""

    def media_standing_changed(event: MediaStandingChanged) -> None:
        usecases.standings.keep(event, wake)

    return {
        CompanionChanged: usecases.companions.keep,
        MediaStandingChanged: media_standing_changed,
        MediaQuarantined: usecases.standings.open_incident,
    }
