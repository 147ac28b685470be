"""Bodies and answers of ai-svc."""

from __future__ import annotations

import marshmallow as ma

from ai_svc.domain.companions import BIO_LIMIT, NAME_LIMIT, OLDEST, PERSONA_LIMIT, VOICE_ID_LIMIT, YOUNGEST
from chassis.web.schemas import Answer, Boolean, Integer, PageQuery, Schema, Text, Timestamp, Uuid, page_of

ADULTS = {"minimum": YOUNGEST, "maximum": OLDEST}
"""As documented; the rule itself is the domain's (COMP-1)."""


class SearchQuery(PageQuery):
    """`q`: a part of the name, in any case."""

    q = Text(longest=100, load_default=None)


class CountsSchema(Answer):
    """How much media a companion has on each surface."""

    gallery = ma.fields.Integer()
    posts = ma.fields.Integer()
    assets = ma.fields.Integer()


class CompanionSchema(Answer):
    """A companion as everybody sees it."""

    id = ma.fields.String()
    name = ma.fields.String()
    age = ma.fields.Integer()
    bio = ma.fields.String()
    avatar_key = ma.fields.String(allow_none=True)
    background_key = ma.fields.String(allow_none=True)
    counts = ma.fields.Nested(CountsSchema)


class AdminCompanionSchema(CompanionSchema):
    """A companion as admins see it."""

    persona_prompt = ma.fields.String(allow_none=True)
    voice_id = ma.fields.String(allow_none=True)
    is_active = ma.fields.Boolean()
    created_by = ma.fields.String(allow_none=True)
    created_at = Timestamp()
    updated_at = Timestamp()


class NewCompanion(Schema):
    """The body that makes a companion."""

    name = Text(shortest=1, longest=NAME_LIMIT, required=True)
    age = Integer(required=True, metadata=ADULTS)
    bio = Text(longest=BIO_LIMIT, load_default="")
    persona_prompt = Text(longest=PERSONA_LIMIT, allow_none=True, load_default=None)
    voice_id = Text(longest=VOICE_ID_LIMIT, allow_none=True, load_default=None)
    avatar_upload_id = Uuid(allow_none=True)
    background_upload_id = Uuid(allow_none=True)
    is_active = Boolean(load_default=True)


class CompanionChanges(Schema):
    """The body that edits a companion: what is absent stays."""

    name = Text(shortest=1, longest=NAME_LIMIT)
    age = Integer(metadata=ADULTS)
    bio = Text(longest=BIO_LIMIT)
    persona_prompt = Text(longest=PERSONA_LIMIT, allow_none=True)
    voice_id = Text(longest=VOICE_ID_LIMIT, allow_none=True)
    avatar_upload_id = Uuid(allow_none=True)
    background_upload_id = Uuid(allow_none=True)
    is_active = Boolean()


class InternalCompanionSchema(Schema):
    """A companion as its neighbours need it."""

    id = ma.fields.String()
    name = ma.fields.String()
    avatar_key = ma.fields.String(allow_none=True)
    is_active = ma.fields.Boolean()
    engine = ma.fields.String()


CompanionPage = page_of(CompanionSchema)
AdminCompanionPage = page_of(AdminCompanionSchema)
