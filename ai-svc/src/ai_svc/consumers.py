"""What ai-svc does with the events of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ai_svc.domain.replies import ReplyRequest
from ai_svc.usecases import UseCases
from chassis.contracts.chat import AIReplyRequested
from chassis.contracts.media import CompanionMediaChanged
from chassis.envelope import Event
from chassis.inbox import Handler


def handlers(usecases: UseCases, wake: Callable[[], None]) -> Mapping[type[Event], Handler]:
    """`wake`: sets the workers to work after the commit."""

    def reply_requested(event: AIReplyRequested) -> None:
        request = ReplyRequest(
            id=event.request_id,
            reply_id=event.reply_id,
            conversation_id=event.conversation_id,
            user_id=event.user_id,
            companion_id=event.companion_id,
            message_ids=event.message_ids,
            admission_id=event.admission_id,
            generation=event.generation,
        )
        usecases.replies.request(request, wake)

    def media_changed(event: CompanionMediaChanged) -> None:
        usecases.companions.count_media(event)

    return {AIReplyRequested: reply_requested, CompanionMediaChanged: media_changed}
