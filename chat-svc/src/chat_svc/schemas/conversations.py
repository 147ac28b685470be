"""Bodies and answers of conversations."""

from __future__ import annotations

import marshmallow as ma

from chassis.web.schemas import Answer, Integer, Schema, Timestamp, Uuid, page_of


class OpenBody(Schema):
    """With whom a conversation is opened."""

    companion_id = Uuid(required=True)


class MarkerBody(Schema):
    """How far somebody has got."""

    seq = Integer(required=True, validate=ma.validate.Range(min=0))


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
