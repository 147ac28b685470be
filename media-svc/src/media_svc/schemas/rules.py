"""The limits as they are told."""

from __future__ import annotations

import marshmallow as ma

from chassis.web.schemas import Answer, Schema
from media_svc.domain.limits import RULES


class RulesQuery(Schema):
    """Which purpose is asked for."""

    purpose = ma.fields.String(required=True, validate=ma.validate.OneOf(tuple(RULES)))


class RuleSchema(Answer):
    """What media of one kind must be like."""

    content_types = ma.fields.List(ma.fields.String())
    max_bytes = ma.fields.Integer()
    max_duration_ms = ma.fields.Integer(allow_none=True)
    price_tokens = ma.fields.Integer(allow_none=True)
    allowed = ma.fields.Boolean()
    reason = ma.fields.String(allow_none=True)


class RulesSchema(Answer):
    """The limits by kind, as `media_rules` of a conversation tells them; a kind that the purpose has not is absent."""

    sometimes = ("video",)

    image = ma.fields.Nested(RuleSchema)
    video = ma.fields.Nested(RuleSchema)
