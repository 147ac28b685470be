"""Bodies and answers of media-svc."""

from __future__ import annotations

import marshmallow as ma

from chassis.web.schemas import Answer, Schema
from media_svc.domain import RULES


class RulesQuery(Schema):
    """Which purpose is asked for."""

    purpose = ma.fields.String(required=True, validate=ma.validate.OneOf(tuple(RULES)))


class RuleSchema(Answer):
    """The limits of one kind of media."""

    content_types = ma.fields.List(ma.fields.String())
    max_bytes = ma.fields.Integer()
    max_duration_ms = ma.fields.Integer(allow_none=True)


class RulesSchema(Answer):
    """The limits by kind."""

    rules = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(RuleSchema))
