"""Uploads as they are asked for and told."""

from __future__ import annotations

import marshmallow as ma

from chassis.web.schemas import Answer, Integer, Schema, Text, Timestamp, Uuid
from media_svc.domain.limits import COMPANION_CHAT, RULES
from media_svc.schemas.rules import RuleSchema

PURPOSES = ("chat", *RULES)
KINDS = tuple(COMPANION_CHAT)
MOST_IN_A_BATCH = 200
LONGEST_FILE_NAME = 255


class UploadBody(Schema):
    """The announcement of an upload. The file name is taken for the client's comfort and used for nothing."""

    purpose = ma.fields.String(required=True, validate=ma.validate.OneOf(PURPOSES))
    conversation_id = Uuid(load_default=None, allow_none=True)
    companion_id = Uuid(load_default=None, allow_none=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(KINDS))
    content_type = Text(required=True, shortest=1, longest=200)
    size = Integer(required=True, validate=ma.validate.Range(min=1))
    sha256 = ma.fields.String(
        load_default=None,
        allow_none=True,
        # The length as well: `$` alone lets a line break follow, and `\Z` is no pattern to readers of the document.
        validate=(
            ma.validate.Regexp("^[0-9a-fA-F]{64}$", error="Not 64 hex digits."),
            ma.validate.Length(max=64, error="Not 64 hex digits."),
        ),
    )
    file_name = Text(longest=LONGEST_FILE_NAME, load_default=None, allow_none=True)


class CreatedSchema(Answer):
    """Where the bytes go: one PUT with these headers, until it expires."""

    upload_id = ma.fields.UUID()
    method = ma.fields.String()
    upload_url = ma.fields.String()
    headers = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    object_key = ma.fields.String()
    price_tokens = ma.fields.Integer(allow_none=True)
    expires_at = Timestamp()


class RenditionSchema(Answer):
    """A smaller picture."""

    key = ma.fields.String()
    width = ma.fields.Integer()
    height = ma.fields.Integer()
    content_type = ma.fields.String()


class MediaSchema(Answer):
    """A picture, video or recording, as it was checked and made by us; `locked`: only its blurred preview is told."""

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


class UploadErrorSchema(Answer):
    """Why an upload failed or waits, for programs and for people."""

    code = ma.fields.String()
    detail = ma.fields.String()


class UploadSchema(Answer):
    """An upload as its owner sees it."""

    upload_id = ma.fields.UUID()
    status = ma.fields.String()
    kind = ma.fields.String()
    purpose = ma.fields.String()
    conversation_id = ma.fields.UUID(allow_none=True)
    media = ma.fields.Nested(MediaSchema, allow_none=True)
    error = ma.fields.Nested(UploadErrorSchema, allow_none=True)
    blocked_reason = ma.fields.String(allow_none=True)
    message_id = ma.fields.UUID(allow_none=True)
    price_tokens = ma.fields.Integer(allow_none=True)
    created_at = Timestamp()


class ClaimBody(Schema):
    """Which send an upload is for."""

    send_id = Uuid(required=True)
    user_id = Uuid(required=True)
    conversation_id = Uuid(required=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(KINDS))


class ClaimedSchema(Answer):
    """What the message is to show: the description as it is kept, which always knows its preview."""

    upload_id = ma.fields.UUID()
    media = ma.fields.Nested(MediaSchema)
    nsfw_flag = ma.fields.String()
    version = ma.fields.Integer()
    price_tokens = ma.fields.Integer(allow_none=True)


class ReleaseBody(Schema):
    """Which send lets go of an upload."""

    send_id = Uuid(required=True)


class UseBody(Schema):
    """What an upload becomes part of: a profile or a companion."""

    use_id = Uuid(required=True)
    user_id = Uuid(required=True)
    purpose = ma.fields.String(required=True, validate=ma.validate.OneOf(tuple(RULES)))
    companion_id = Uuid(required=True, allow_none=True)


class UsedSchema(Answer):
    """The key of the full picture."""

    key = ma.fields.String()
    version = ma.fields.Integer()


class UploadsBatchBody(Schema):
    """Uploads that somebody is to be told of."""

    viewer = Uuid(required=True)
    ids = ma.fields.List(Uuid(), required=True, validate=ma.validate.Length(max=MOST_IN_A_BATCH))


class UploadsBatchSchema(Answer):
    """The uploads in the order asked; null for what the viewer does not own."""

    items = ma.fields.List(ma.fields.Nested(UploadSchema, allow_none=True))


class ChatRulesSchema(Answer):
    """The limits of companion chats by kind."""

    image = ma.fields.Nested(RuleSchema)
    video = ma.fields.Nested(RuleSchema)
    voice = ma.fields.Nested(RuleSchema)


class NothingSchema(Answer):
    """Done; there is nothing to tell."""
