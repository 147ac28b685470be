"""Bodies and answers of signing."""

from __future__ import annotations

import marshmallow as ma

from chassis.web.schemas import Answer, Schema, Timestamp
from media_svc.domain.viewing import MOST_KEYS


class SignBody(Schema):
    """All keys of a screen. A key may be any text: what is none of ours is denied."""

    keys = ma.fields.List(ma.fields.String(), required=True, validate=ma.validate.Length(max=MOST_KEYS))


class SignedSchema(Answer):
    """URLs of the keys that the caller may see, the other keys, and when the URLs end."""

    urls = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    denied = ma.fields.List(ma.fields.String())
    expires_at = Timestamp()
