"""The events that end up in the stream."""

from __future__ import annotations

from chassis.contracts.chat import AIReplied, AIReplyFailed, ConversationChanged, MessagePosted, MessagesUpdated
from chassis.contracts.media import MediaProcessed, MediaUploaded
from chassis.contracts.quota import PremiumChanged, QuotaChanged
from chassis.envelope import Event
from chassis.inbox import Handler
from gateway.usecases.stream import StreamLog


def handlers(log: StreamLog) -> dict[type[Event], Handler]:
    """What the gateway does with the events of others: each is logged for its recipients."""

    def posted(event: MessagePosted) -> None:
        log.message_posted(event.conversation_id, event.seq, event.recipients)

    def replied(event: AIReplied) -> None:
        changed = [*event.answered_seqs, *event.superseded_seqs]
        log.reply_written(event.conversation_id, event.seq, event.recipients, changed)

    def failed(event: AIReplyFailed) -> None:
        log.reply_failed(event.conversation_id, event.reply_id, event.recipients, event.message_ids, event.seqs)

    def updated(event: MessagesUpdated) -> None:
        log.messages_updated(event.conversation_id, event.recipients, event.seqs)

    def conversation(event: ConversationChanged) -> None:
        log.conversation_changed(event.conversation_id, event.recipients)

    def upload(event: MediaUploaded | MediaProcessed) -> None:
        log.upload_changed(event.upload_id, event.recipients)

    def quota(event: QuotaChanged) -> None:
        log.quota_changed(event.user_id, event.companion_id, event.conversation_id)

    def premium(event: PremiumChanged) -> None:
        log.premium_changed(event.user_id)

    return {
        MessagePosted: posted,
        AIReplied: replied,
        AIReplyFailed: failed,
        MessagesUpdated: updated,
        ConversationChanged: conversation,
        MediaUploaded: upload,
        MediaProcessed: upload,
        QuotaChanged: quota,
        PremiumChanged: premium,
    }
