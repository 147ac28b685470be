"""The loops of chat-svc. Any number of workers may run them."""

from __future__ import annotations

from chassis.jobs import Loop, timer
from chat_svc.usecases import Usecases

RECOVER_EVERY_S = 5.0
LOOK_AT_RULES_EVERY_S = 5.0
FORGET_EVERY_S = 3600.0


def recovery(usecases: Usecases) -> list[Loop]:
    """What brings sends with media to an end whose request did not (CHAT-4)."""
    recovering = usecases.recovering
    return [
        Loop("chat-svc-sends", recovering.recover, idle_seconds=RECOVER_EVERY_S),
        Loop("chat-svc-releases", recovering.release, idle_seconds=RECOVER_EVERY_S),
        timer("chat-svc-forget-sends", recovering.forget, every_seconds=FORGET_EVERY_S),
    ]


def telling(usecases: Usecases) -> Loop:
    """Tells participants of media that was taken down or judged anew; woken by the event."""
    return Loop("chat-svc-standings", usecases.standings.tell, idle_seconds=5.0)


def media_rules(usecases: Usecases) -> Loop:
    """Keeps the rules of media known in this process, where web requests or the stream tell them."""
    return timer("chat-svc-media-rules", usecases.media_rules.refreshed, every_seconds=LOOK_AT_RULES_EVERY_S)
