"""Bodies and answers about the media of companions."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from chassis.web.schemas import Answer, Boolean, PageQuery, Schema, Text, Timestamp, Uuid, page_of
from media_svc.domain.companion_media import LOCATION_LIMIT, SURFACES, TAG_LIMIT, TAGS_LIMIT, TEXT_LIMIT
from media_svc.schemas.uploads import MediaSchema

PICK_TAGS = 3
LONGEST_PICK_TAG = 200
is_surface = ma.validate.OneOf(SURFACES)


def _tags(**options: Any) -> ma.fields.List:
    return ma.fields.List(Text(shortest=1, longest=TAG_LIMIT), validate=ma.validate.Length(max=TAGS_LIMIT), **options)


class SurfaceQuery(PageQuery):
    """`surface`: only that one."""

    surface = ma.fields.String(validate=is_surface, load_default=None)


class NewMediumQuery(Schema):
    """`surface` may be told here as well as in the body."""

    surface = ma.fields.String(validate=is_surface, load_default=None)


class MediumChanges(Schema):
    """The body that edits a medium: what is absent stays."""

    text = Text(longest=TEXT_LIMIT)
    location = Text(longest=LOCATION_LIMIT, allow_none=True)
    tags = _tags()
    premium_only = Boolean()
    mature = Boolean()
    can_be_liked = Boolean()
    published = Boolean()


class NewMedium(MediumChanges):
    """The body that puts an upload on a surface."""

    upload_id = Uuid(required=True)
    surface = ma.fields.String(validate=is_surface)


class GalleryItemSchema(Answer):
    """A picture or video of the gallery or a post."""

    id = ma.fields.UUID()
    kind = ma.fields.String()
    media = ma.fields.Nested(MediaSchema)
    text = ma.fields.String()
    location = ma.fields.String(allow_none=True)
    like_count = ma.fields.Integer()
    liked = ma.fields.Boolean()
    can_be_liked = ma.fields.Boolean()
    premium_only = ma.fields.Boolean()
    created_at = Timestamp()


class AdminMediumSchema(Answer):
    """A medium as admins see it. `media` is null where it was taken down; `status`: that of its upload."""

    id = ma.fields.UUID()
    companion_id = ma.fields.UUID()
    upload_id = ma.fields.UUID()
    surface = ma.fields.String()
    kind = ma.fields.String()
    status = ma.fields.String(attribute="upload_status")
    media = ma.fields.Nested(MediaSchema, allow_none=True)
    text = ma.fields.String()
    location = ma.fields.String(allow_none=True)
    tags = ma.fields.List(ma.fields.String())
    premium_only = ma.fields.Boolean()
    mature = ma.fields.Boolean()
    can_be_liked = ma.fields.Boolean()
    published = ma.fields.Boolean()
    like_count = ma.fields.Integer()
    created_by = ma.fields.UUID(allow_none=True)
    created_at = Timestamp()
    updated_at = Timestamp()


class LikeSchema(Answer):
    """How many like it, and whether the caller does."""

    like_count = ma.fields.Integer()
    liked = ma.fields.Boolean()


class PickBody(Schema):
    """What a reply wants to send."""

    conversation_id = Uuid(required=True)
    user_id = Uuid(required=True)
    companion_id = Uuid(required=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(("image", "video")))
    tags = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(max=LONGEST_PICK_TAG)),
        required=True,
        validate=ma.validate.Length(max=PICK_TAGS),
    )
    mature = Boolean(required=True)


class PickedAssetSchema(Answer):
    """The asset that a reply sends. `media`: the description that is kept, for `domain.media.shown` to tell."""

    asset_id = ma.fields.UUID()
    upload_id = ma.fields.UUID()
    text = ma.fields.String()
    media = ma.fields.Dict()
    nsfw_flag = ma.fields.String()
    version = ma.fields.Integer()


class PickedSchema(Answer):
    """`asset` is null where there is none, or the pick was dropped."""

    asset = ma.fields.Nested(PickedAssetSchema, allow_none=True)


class PickAccountSchema(Answer):
    """Why a reply sent what it sent."""

    reply_id = ma.fields.UUID()
    kind = ma.fields.String()
    tags = ma.fields.List(ma.fields.String())
    missed_tags = ma.fields.List(ma.fields.String())
    asset_id = ma.fields.UUID(allow_none=True)
    why = ma.fields.Dict()
    state = ma.fields.String()
    created_at = Timestamp()


class MissedTagSchema(Answer):
    """A tag that was asked for so often, and that no asset of the kind answered to."""

    tag = ma.fields.String()
    kind = ma.fields.String()
    count = ma.fields.Integer()
    last_at = Timestamp()


GalleryPage = page_of(GalleryItemSchema)
AdminMediumPage = page_of(AdminMediumSchema)
PickAccountPage = page_of(PickAccountSchema)
MissedTagPage = page_of(MissedTagSchema)
