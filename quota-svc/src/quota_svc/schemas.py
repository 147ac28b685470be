"""Bodies and answers of quota-svc."""

from __future__ import annotations

import marshmallow as ma

from chassis.web.schemas import Answer, Schema, Timestamp
from quota_svc.domain import SCOPES

LONGEST_BOT_TOKEN = 8_192


class MintSchema(Schema):
    """Who wants a permit proves not to be a bot."""

    bot_token = ma.fields.String(required=True, validate=ma.validate.Length(max=LONGEST_BOT_TOKEN))
    scope = ma.fields.String(required=True, validate=ma.validate.OneOf(SCOPES))


class PermitSchema(Answer):
    """A permit."""

    permit_id = ma.fields.UUID()
    uses_left = ma.fields.Integer()
    expires_at = Timestamp()


class OpenSchema(Schema):
    """A conversation with a companion opens."""

    user_id = ma.fields.UUID(required=True)
    companion_id = ma.fields.UUID(required=True)
    conversation_id = ma.fields.UUID(required=True)


class QuotaSchema(Schema):
    """What is left for free."""

    text = ma.fields.Integer()
    media = ma.fields.Integer()
    audio = ma.fields.Integer()


class OpenedSchema(Schema):
    """What a user may have from one companion."""

    free_remaining = ma.fields.Nested(QuotaSchema)
    premium_active = ma.fields.Boolean()


class AdmissionSchema(Schema):
    """A send or regeneration that wants in. `permit_id` and `scope` are as the client gave them: judged, not parsed."""

    admission_id = ma.fields.UUID(required=True)
    user_id = ma.fields.UUID(required=True)
    companion_id = ma.fields.UUID(required=True)
    conversation_id = ma.fields.UUID(required=True)
    permit_id = ma.fields.String(required=True)
    scope = ma.fields.String(required=True, validate=ma.validate.Length(max=40))
    spend = ma.fields.String(required=True, validate=ma.validate.OneOf(["text", "nothing", "media"]))
    sender_id = ma.fields.UUID(required=True)
    client_id = ma.fields.UUID(required=True)


class AdmittedSchema(Schema):
    """An admission; the generation grows when a reversed one is admitted again."""

    generation = ma.fields.Integer()


class ReversalSchema(Schema):
    """One generation of one admission."""

    admission_id = ma.fields.UUID(required=True)
    generation = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(1, 2**31 - 1))


class ReverseSchema(Schema):
    """Admissions whose reply failed for good."""

    admissions = ma.fields.List(
        ma.fields.Nested(ReversalSchema), required=True, validate=ma.validate.Length(min=0, max=1_000)
    )


class ReversedSchema(Schema):
    """How many of them were reversed by this call."""

    reversed = ma.fields.Integer()


class SpendSchema(Schema):
    """A reply with media that wants its free quota; `spend_id` is the id of the reply."""

    spend_id = ma.fields.UUID(required=True)
    user_id = ma.fields.UUID(required=True)
    companion_id = ma.fields.UUID(required=True)
    conversation_id = ma.fields.UUID(required=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(["image", "video", "voice"]))


class SpentSchema(Answer):
    """What it took: media, audio, or nothing from who has premium."""

    spent = ma.fields.String()


class SpendReturnedSchema(Answer):
    """Whether this call gave it back."""

    returned = ma.fields.Boolean()


class StandingQuery(Schema):
    """Whose standing, with which companions."""

    user_id = ma.fields.UUID(required=True)
    companion_ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(max=100))


class StandingSchema(Schema):
    """Premium and free quotas; a companion without a counter is absent."""

    premium_active = ma.fields.Boolean()
    premium_until = Timestamp(allow_none=True)
    quotas = ma.fields.Dict(keys=ma.fields.UUID(), values=ma.fields.Nested(QuotaSchema))
