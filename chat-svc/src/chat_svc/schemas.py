"""Bodies and answers of chat-svc."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from chassis.web.schemas import Answer, Boolean, Integer, QueryInteger, Schema, Text, Timestamp, Uuid, page_of
from chat_svc.domain.media import NOT_YET
from chat_svc.domain.messages import KINDS, LONGEST_TEXT

ENGINES = ("model", "offline")
CONTEXT_AT_MOST = 100
ANSWERED_AT_MOST = 1_000
"""Messages that one reply may answer: what piled up while ai-svc was away; their event stays below 64 KiB."""
LONGEST_PERMIT = 200
"""What a permit is like is quota-svc's to judge: anything that is not one is an invalid permit."""


class OpenBody(Schema):
    """With whom a conversation is opened."""

    companion_id = Uuid(required=True)


class SendBody(Schema):
    """A message to be sent; `text` is trimmed."""

    client_id = Uuid(required=True)
    permit_id = Text(required=True, shortest=1, longest=LONGEST_PERMIT)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(KINDS))
    text = Text(shortest=1, longest=LONGEST_TEXT, allow_none=True, load_default=None)
    upload_id = Uuid(allow_none=True, load_default=None)

    @ma.validates_schema
    def _fits_its_kind(self, data: dict[str, Any], **_options: Any) -> None:
        if data["kind"] != "text":
            raise ma.ValidationError(NOT_YET, "kind")
        if data["text"] is None:
            raise ma.ValidationError("Required for kind text.", "text")
        if data["upload_id"] is not None:
            raise ma.ValidationError("A text message has no upload.", "upload_id")


class MarkerBody(Schema):
    """How far somebody has got."""

    seq = Integer(required=True, validate=ma.validate.Range(min=0))


class RegenerateBody(Schema):
    """Another reply, please."""

    client_id = Uuid(required=True)
    permit_id = Text(required=True, shortest=1, longest=LONGEST_PERMIT)


class MessagesQuery(Schema):
    """Which messages of a conversation."""

    before_seq = QueryInteger(load_default=None, validate=ma.validate.Range(min=0))
    after_seq = QueryInteger(load_default=None, validate=ma.validate.Range(min=0))
    limit = QueryInteger(load_default=50, validate=ma.validate.Range(1, 100))

    @ma.validates_schema
    def _one_direction(self, data: dict[str, Any], **_options: Any) -> None:
        if data["before_seq"] is not None and data["after_seq"] is not None:
            raise ma.ValidationError("Either before_seq or after_seq, not both.", "before_seq")


class MessageSchema(Answer):
    """A message."""

    id = ma.fields.UUID()
    conversation_id = ma.fields.UUID()
    seq = ma.fields.Integer()
    client_id = ma.fields.UUID(allow_none=True)
    sender = ma.fields.String()
    kind = ma.fields.String()
    text = ma.fields.String(allow_none=True)
    media = ma.fields.Dict(allow_none=True)
    media_removed = ma.fields.Boolean()
    billing = ma.fields.Dict(allow_none=True)
    engine = ma.fields.String(allow_none=True)
    reply_status = ma.fields.String(allow_none=True)
    reply_to = ma.fields.List(ma.fields.UUID(), allow_none=True)
    superseded = ma.fields.Boolean()
    created_at = Timestamp()
    deleted = ma.fields.Boolean()


class MessagesSchema(Answer):
    """A stretch of a conversation, ascending."""

    items = ma.fields.List(ma.fields.Nested(MessageSchema))
    has_more = ma.fields.Boolean()


class PeerSchema(Answer):
    """The other side of a conversation."""

    id = ma.fields.UUID()
    name = ma.fields.String()
    username = ma.fields.String(allow_none=True)
    avatar_key = ma.fields.String(allow_none=True)


class FreeSchema(Answer):
    """What is left for free."""

    text = ma.fields.Integer()
    media = ma.fields.Integer()
    audio = ma.fields.Integer()


class MediaRuleSchema(Answer):
    """What media of one kind must be like."""

    content_types = ma.fields.List(ma.fields.String())
    max_bytes = ma.fields.Integer()
    max_duration_ms = ma.fields.Integer(allow_none=True)
    price_tokens = ma.fields.Integer(allow_none=True)
    allowed = ma.fields.Boolean()
    reason = ma.fields.String(allow_none=True)


class ConversationSchema(Answer):
    """A conversation."""

    id = ma.fields.UUID()
    type = ma.fields.String()
    companion_id = ma.fields.UUID(allow_none=True)
    peer = ma.fields.Nested(PeerSchema)
    payer_id = ma.fields.UUID(allow_none=True)
    earner_id = ma.fields.UUID(allow_none=True)
    payer_daily_limit = ma.fields.Integer(allow_none=True)
    payer_spent_today = ma.fields.Integer(allow_none=True)
    free_remaining = ma.fields.Nested(FreeSchema, allow_none=True)
    premium_active = ma.fields.Boolean()
    engine = ma.fields.String(allow_none=True)
    media_rules = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(MediaRuleSchema))
    last_message_preview = ma.fields.String(allow_none=True)
    last_message_at = Timestamp(allow_none=True)
    last_seq = ma.fields.Integer()
    read_seq = ma.fields.Integer()
    peer_read_seq = ma.fields.Integer(allow_none=True)
    peer_delivered_seq = ma.fields.Integer(allow_none=True)
    unread = ma.fields.Boolean()
    unread_count = ma.fields.Integer()
    created_at = Timestamp()


ConversationPage = page_of(ConversationSchema)


class RegeneratedSchema(Answer):
    """The message id that the reply will have."""

    reply_id = ma.fields.UUID()


class ContextBody(Schema):
    """Which messages are to be answered."""

    message_ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(1, ANSWERED_AT_MOST))
    limit = Integer(required=True, validate=ma.validate.Range(1, CONTEXT_AT_MOST))


class ContextMessageSchema(Schema):
    """A message as the model is told of it."""

    id = ma.fields.UUID()
    seq = ma.fields.Integer()
    sender = ma.fields.Function(lambda message: "ai" if message.by_companion else "user")
    kind = ma.fields.String()
    text = ma.fields.String(allow_none=True)


class ContextSchema(Schema):
    """What a reply is written from."""

    conversation_id = ma.fields.UUID()
    user_id = ma.fields.UUID()
    companion_id = ma.fields.UUID()
    messages = ma.fields.List(ma.fields.Nested(ContextMessageSchema))


class ReplyBody(Schema):
    """A companion's reply."""

    message_ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(1, ANSWERED_AT_MOST))
    kind = ma.fields.String(required=True, validate=ma.validate.Equal("text"))
    text = Text(required=True, shortest=1, longest=LONGEST_TEXT)
    engine = ma.fields.String(required=True, validate=ma.validate.OneOf(ENGINES))


class DeliveredSchema(Schema):
    """Where the reply is."""

    message_id = ma.fields.UUID()
    seq = ma.fields.Integer()


class FailureBody(Schema):
    """Which messages will get no reply."""

    message_ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(1, ANSWERED_AT_MOST))


class EmptySchema(Schema):
    """Nothing to tell."""


class PlaceBody(Schema):
    """A message by its number."""

    conversation_id = ma.fields.UUID(required=True)
    seq = Integer(required=True, validate=ma.validate.Range(1, 2**31 - 1))


class MessagesBatchBody(Schema):
    """Messages that a viewer is to be shown."""

    viewer = ma.fields.UUID(required=True)
    refs = ma.fields.List(ma.fields.Nested(PlaceBody), required=True, validate=ma.validate.Length(max=200))


class MessagesBatchSchema(Schema):
    """In the order asked; null: not for this viewer."""

    items = ma.fields.List(ma.fields.Nested(MessageSchema, allow_none=True))


class ConversationsBatchBody(Schema):
    """Conversations that a viewer is to be shown."""

    viewer = ma.fields.UUID(required=True)
    ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(max=100))


class ConversationsBatchSchema(Schema):
    """In the order asked; null: not for this viewer."""

    items = ma.fields.List(ma.fields.Nested(ConversationSchema, allow_none=True))


class SettleBody(Schema):
    """An admission of a send or regeneration."""

    admission_id = ma.fields.UUID(required=True)
    generation = Integer(required=True, validate=ma.validate.Range(1, 2**31 - 1))
    conversation_id = ma.fields.UUID(required=True)
    sender_id = ma.fields.UUID(required=True)
    client_id = ma.fields.UUID(required=True)


class SettledSchema(Schema):
    """Whether something was written under the admission."""

    exists = Boolean()
