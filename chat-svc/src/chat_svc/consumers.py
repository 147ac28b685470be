"""The events that chat-svc follows."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.contracts.ai import CompanionChanged
from chassis.envelope import Event
from chassis.inbox import Handler
from chat_svc.usecases import Usecases


def handlers(usecases: Usecases) -> Mapping[type[Event], Handler]:
    """What is done with each."""
    return {CompanionChanged: usecases.companions.keep}
