"""Bodies and answers of the gateway's own routes."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import marshmallow as ma
import pycountry

from chassis.web.schemas import Answer, Boolean, PageQuery, Schema, Text, Timestamp, page_of
from gateway.domain import LONGEST_PASSWORD, ROLES, SHORTEST_PASSWORD, USERNAME_PATTERN, is_email

LONGEST_BOT_TOKEN = 8_192
LONGEST_TOKEN = 8_192
"""Far longer than ours, so that any other kind of token is told to be no refresh token, and not that it is too long."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Email(ma.fields.String):
    """An e-mail address, trimmed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"format": "email"}, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        text = (super()._deserialize(value, attr, data, **options) or "").strip()
        if not is_email(text):
            raise ma.ValidationError("Not a valid email address.")
        return text


class Day(ma.fields.Field[date]):
    """A date as YYYY-MM-DD, in no other spelling."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"type": "string", "format": "date"}, **options)

    def _serialize(self, value: date | None, attr: Any, obj: Any, **options: Any) -> str | None:
        return value.isoformat() if value is not None else None

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> date:
        try:
            if not isinstance(value, str) or not _DATE.fullmatch(value):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            raise ma.ValidationError("Not a date, as in 1990-12-31.") from None


class Line(Text):
    """A text of one line; blank is none."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        if any(c in text for c in "\n\r\t\u2028\u2029"):
            raise ma.ValidationError("Must be one line.")
        return text or None


def is_country(code: str) -> None:
    """Raises ValidationError for what is no ISO 3166-1 alpha-2 code in capitals (PROF-1)."""
    if not re.fullmatch(r"[A-Z]{2}", code) or pycountry.countries.get(alpha_2=code) is None:
        raise ma.ValidationError("Not a country code, as in DE.")


def password_field(**metadata: Any) -> ma.fields.String:
    """A password as typed, spaces and all; `metadata` for the documents."""
    return ma.fields.String(
        required=True,
        load_only=True,
        validate=ma.validate.Length(max=LONGEST_PASSWORD),
        metadata={"format": "password", **metadata},
    )


class LoginBody(Schema):
    """`cookie`: open the session in a cookie instead of answering tokens."""

    email = Email(required=True)
    password = password_field()
    bot_token = ma.fields.String(required=True, validate=ma.validate.Length(max=LONGEST_BOT_TOKEN))
    cookie = Boolean(load_default=False)


class RegisterBody(LoginBody):
    """A new account (AUTH-1)."""

    password = password_field(minLength=SHORTEST_PASSWORD)
    birth_date = Day(required=True)


class RefreshBody(Schema):
    """The refresh token to be exchanged."""

    refresh_token = ma.fields.String(required=True, validate=ma.validate.Length(max=LONGEST_TOKEN))


class SessionUserSchema(Answer):
    """Whose session it is."""

    id = ma.fields.UUID()
    email = ma.fields.String()
    role = ma.fields.String(allow_none=True)


class SessionSchema(Answer):
    """A session; one in a cookie has no tokens."""

    sometimes = ("access_token", "token_type", "expires_in", "refresh_token")

    access_token = ma.fields.String()
    token_type = ma.fields.String()
    expires_in = ma.fields.Integer()
    refresh_token = ma.fields.String()
    user = ma.fields.Nested(SessionUserSchema)


class ListedSessionSchema(Answer):
    """A session as its owner sees it."""

    id = ma.fields.UUID()
    created_at = Timestamp()
    last_used_at = Timestamp()
    user_agent = ma.fields.String()
    current = ma.fields.Boolean()


SessionPage = page_of(ListedSessionSchema)


class ChallengeSchema(Answer):
    """What a client needs for the bot check (AUTH-4)."""

    sometimes = ("challenge", "site_key")

    provider = ma.fields.String(validate=ma.validate.OneOf(("altcha", "turnstile")))
    challenge = ma.fields.Dict()
    site_key = ma.fields.String()


class ProfileSchema(Answer):
    """One's own profile."""

    id = ma.fields.UUID()
    email = ma.fields.String()
    role = ma.fields.String(allow_none=True)
    username = ma.fields.String()
    name = ma.fields.String(allow_none=True)
    birth_date = Day(allow_none=True)
    country = ma.fields.String(allow_none=True)
    avatar_key = ma.fields.String(allow_none=True)
    earn_on = ma.fields.Boolean()
    mature_opt_in = ma.fields.Boolean()
    premium_until = Timestamp(allow_none=True)
    premium_active = ma.fields.Boolean()


class ProfileBody(Schema):
    """What of it may be changed (PROF-1)."""

    username = ma.fields.String(validate=ma.validate.Regexp(rf"\A{USERNAME_PATTERN}\Z"))
    name = Line(longest=80, allow_none=True)
    country = ma.fields.String(allow_none=True, validate=is_country, metadata={"pattern": "^[A-Z]{2}$"})
    earn_on = Boolean()
    mature_opt_in = Boolean()
    avatar_upload_id = ma.fields.UUID(allow_none=True)


class PublicProfileSchema(Answer):
    """What other users see of a profile."""

    id = ma.fields.UUID()
    username = ma.fields.String()
    name = ma.fields.String(allow_none=True)
    avatar_key = ma.fields.String(allow_none=True)
    earn_on = ma.fields.Boolean()


class UserSearchQuery(PageQuery):
    """`q`: part of an e-mail address, username or name, or an id."""

    q = Text(longest=200, load_default="")


class AdminUserSchema(Answer):
    """An account as admins see it."""

    id = ma.fields.UUID()
    email = ma.fields.String()
    role = ma.fields.String(allow_none=True)
    username = ma.fields.String()
    name = ma.fields.String(allow_none=True)
    created_at = Timestamp()
    banned_at = Timestamp(allow_none=True)


AdminUserPage = page_of(AdminUserSchema)


class RoleBody(Schema):
    """The role to give, or null."""

    role = ma.fields.String(required=True, allow_none=True, validate=ma.validate.OneOf(ROLES))


class BotCheckBody(Schema):
    """A bot check that a neighbour asks for; the same `check_id` gets the same verdict."""

    check_id = ma.fields.UUID(required=True)
    bot_token = ma.fields.String(required=True, validate=ma.validate.Length(max=LONGEST_BOT_TOKEN))
    action = ma.fields.String(required=True, validate=ma.validate.OneOf(("permit",)))


class UserBody(Schema):
    """Whom a neighbour asks about."""

    user_id = ma.fields.UUID(required=True)


class UserStandingSchema(Answer):
    """What neighbours need to know of a user at the moment; an unknown one has opted into nothing."""

    exists = ma.fields.Boolean()
    mature_opt_in = ma.fields.Boolean()
