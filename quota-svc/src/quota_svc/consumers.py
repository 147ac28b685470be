"""The events that quota-svc hears."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.contracts.chat import MessagePosted
from chassis.envelope import Event
from chassis.inbox import Handler
from quota_svc.usecases.admissions import Admissions


def handlers(admissions: Admissions) -> Mapping[type[Event], Handler]:
    """What happens when something was said."""

    def message_posted(event: MessagePosted) -> None:
        admissions.mark_used(event.admission_id, event.generation)

    return {MessagePosted: message_posted}
