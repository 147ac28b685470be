"""Bodies and answers of messages."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from chassis.web.schemas import Answer, QueryInteger, Schema, Text, Timestamp, Uuid
from chat_svc.domain.media import NO_VOICE_YET
from chat_svc.domain.messages import KINDS, LONGEST_TEXT

LONGEST_PERMIT = 200
"""What a permit is like is quota-svc's to judge: anything that is not one is an invalid permit."""


class SendBody(Schema):
    """A message to be sent; `text` is trimmed: the body of a text, else a caption, which may be blank."""

    client_id = Uuid(required=True)
    permit_id = Text(required=True, shortest=1, longest=LONGEST_PERMIT)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(KINDS))
    text = Text(longest=LONGEST_TEXT, allow_none=True, load_default=None)
    upload_id = Uuid(allow_none=True, load_default=None)

    @ma.validates_schema
    def _fits_its_kind(self, data: dict[str, Any], **_options: Any) -> None:
        if data["kind"] == "voice":
            raise ma.ValidationError(NO_VOICE_YET, "kind")
        if data["kind"] == "text":
            if not data["text"]:
                raise ma.ValidationError(
                    "Must not be blank." if data["text"] == "" else "Required for kind text.", "text"
                )
            if data["upload_id"] is not None:
                raise ma.ValidationError("A text message has no upload.", "upload_id")
        elif data["upload_id"] is None:
            raise ma.ValidationError(f"Required for kind {data['kind']}.", "upload_id")

    @ma.post_load
    def _no_caption(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        return {**data, "text": data["text"] or None}


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


class RenditionSchema(Answer):
    """A smaller copy of a picture, or of a video's poster."""

    key = ma.fields.String()
    width = ma.fields.Integer()
    height = ma.fields.Integer()
    content_type = ma.fields.String()


class MediaSchema(Answer):
    """A picture, video or voice note; null where a field does not apply."""

    key = ma.fields.String(allow_none=True)
    content_type = ma.fields.String()
    size_bytes = ma.fields.Integer()
    width = ma.fields.Integer(allow_none=True)
    height = ma.fields.Integer(allow_none=True)
    duration_ms = ma.fields.Integer(allow_none=True)
    blurhash = ma.fields.String(allow_none=True)
    waveform = ma.fields.List(ma.fields.Integer(), allow_none=True)
    nsfw_flag = ma.fields.String()
    renditions = ma.fields.List(ma.fields.Nested(RenditionSchema))
    poster_key = ma.fields.String(allow_none=True)
    preview_key = ma.fields.String(allow_none=True)
    locked = ma.fields.Boolean()


class MessageSchema(Answer):
    """A message."""

    id = ma.fields.UUID()
    conversation_id = ma.fields.UUID()
    seq = ma.fields.Integer()
    client_id = ma.fields.UUID(allow_none=True)
    sender = ma.fields.String()
    kind = ma.fields.String()
    text = ma.fields.String(allow_none=True)
    media = ma.fields.Nested(MediaSchema, allow_none=True)
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


class RegeneratedSchema(Answer):
    """The message id that the reply will have."""

    reply_id = ma.fields.UUID()
