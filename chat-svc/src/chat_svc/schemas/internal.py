"""Bodies and answers between the services."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from chassis.web.schemas import Answer, Boolean, Integer, Schema, Text
from chat_svc.domain.messages import LONGEST_TEXT
from chat_svc.schemas.conversations import ConversationSchema
from chat_svc.schemas.messages import MessageSchema

ENGINES = ("model", "offline")
CONTEXT_AT_MOST = 100
ANSWERED_AT_MOST = 1_000
"""Messages that one reply may answer: what piled up while ai-svc was away; their event stays below 64 KiB."""
REPLY_KINDS = ("text", "image", "video")
FLAGS = ("unknown", "safe", "soft", "erotic", "blocked")


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


class ReplyMediaBody(Schema):
    """An asset that a reply sends."""

    upload_id = ma.fields.UUID(required=True)
    asset_id = ma.fields.UUID(required=True)
    description = ma.fields.Dict(keys=ma.fields.String(), required=True)
    nsfw_flag = ma.fields.String(required=True, validate=ma.validate.OneOf(FLAGS))
    version = Integer(required=True, validate=ma.validate.Range(1, 2**31 - 1))


class ReplyBody(Schema):
    """A companion's reply: a text, or media with or without a caption."""

    message_ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(1, ANSWERED_AT_MOST))
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(REPLY_KINDS))
    text = Text(required=True, longest=LONGEST_TEXT, allow_none=True)
    media = ma.fields.Nested(ReplyMediaBody, allow_none=True, load_default=None)
    engine = ma.fields.String(required=True, validate=ma.validate.OneOf(ENGINES))

    @ma.validates_schema
    def _fits_its_kind(self, data: dict[str, Any], **_options: Any) -> None:
        if (data["kind"] == "text") != (data["media"] is None):
            raise ma.ValidationError("Required for media, and only there.", "media")
        if data["kind"] == "text" and not data["text"]:
            raise ma.ValidationError("Must not be blank." if data["text"] == "" else "Required for kind text.", "text")

    @ma.post_load
    def _no_caption(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        return {**data, "text": data["text"] or None}


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


class ParticipationBody(Schema):
    """Whose conversations, and which of them."""

    user_id = ma.fields.UUID(required=True)
    conversation_ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(max=200))
    companion_ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(max=200))


class ParticipationSchema(Answer):
    """A conversation that the user takes part in."""

    conversation_id = ma.fields.UUID()
    type = ma.fields.String()
    companion_id = ma.fields.UUID(allow_none=True)


class ParticipationsSchema(Answer):
    """Those of the conversations that are the user's, and those of the companions that the user talks with."""

    conversations = ma.fields.List(ma.fields.Nested(ParticipationSchema))
    companion_ids = ma.fields.List(ma.fields.UUID())


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
