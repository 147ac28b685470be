"""Accounts, sessions, bot checks and counters of limits."""

from __future__ import annotations

import peewee
from peewee import SQL, Check

from chassis.db import TimestampField
from gateway.models.base import Base

NOW = SQL("DEFAULT now()")


class User(Base):
    """An account with its profile. `version` grows whenever what was derived from the row must not be used again.

    `birth_date` is unknown only for accounts that an operator made.
    """

    id = peewee.UUIDField(primary_key=True)
    email = peewee.TextField(unique=True)
    password_hash = peewee.TextField()
    birth_date = peewee.DateField(null=True)
    role = peewee.TextField(null=True)
    username = peewee.TextField()
    username_key = peewee.TextField(unique=True)
    name = peewee.TextField(null=True)
    country = peewee.TextField(null=True)
    avatar_key = peewee.TextField(null=True)
    earn_on = peewee.BooleanField(constraints=[SQL("DEFAULT false")])
    mature_opt_in = peewee.BooleanField(constraints=[SQL("DEFAULT false")])
    banned_at = TimestampField(null=True)
    version = peewee.IntegerField(constraints=[SQL("DEFAULT 1")])
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "users"
        constraints = (
            Check("email = lower(email)"),
            Check("role IN ('admin', 'moderator')"),
            Check("username ~ '^[A-Za-z0-9_.]{3,30}$'"),
            Check("username_key = lower(username)"),
            Check("country ~ '^[A-Z]{2}$'"),
        )


class Session(Base):
    """A sign-in. With `cookie_hash` it belongs to a browser, else to a client with tokens."""

    id = peewee.UUIDField(primary_key=True)
    user = peewee.ForeignKeyField(User, on_delete="CASCADE")
    cookie_hash = peewee.BlobField(null=True, unique=True)
    user_agent = peewee.TextField()
    created_at = TimestampField(constraints=[NOW])
    last_used_at = TimestampField(constraints=[NOW])
    expires_at = TimestampField(index=True)

    class Meta:
        table_name = "sessions"


class RefreshToken(Base):
    """A refresh token of a session, kept after its rotation so that its reuse is noticed (AUTH-2)."""

    token_hash = peewee.BlobField(primary_key=True)
    session = peewee.ForeignKeyField(Session, on_delete="CASCADE")
    expires_at = TimestampField(index=True)
    rotated_at = TimestampField(null=True)

    class Meta:
        table_name = "refresh_tokens"


class SpentBotToken(Base):
    """A bot-check token that was accepted, by its fingerprint (AUTH-4)."""

    fingerprint = peewee.BlobField(primary_key=True)
    spent_at = TimestampField(index=True, constraints=[NOW])

    class Meta:
        table_name = "spent_bot_tokens"


class BotVerdict(Base):
    """What a neighbour was told about a bot check that it asked for."""

    check_id = peewee.UUIDField(primary_key=True)
    accepted = peewee.BooleanField()
    created_at = TimestampField(index=True, constraints=[NOW])

    class Meta:
        table_name = "bot_verdicts"


class LimitCounter(Base):
    """Hits of one key since the window of a limit began with the first of them."""

    name = peewee.TextField()
    key = peewee.TextField()
    began_at = TimestampField(index=True, constraints=[NOW])
    hits = peewee.IntegerField()

    class Meta:
        table_name = "limit_counters"
        primary_key = peewee.CompositeKey("name", "key")
        constraints = (Check("hits >= 0"),)


MODELS: list[type[Base]] = [User, Session, RefreshToken, SpentBotToken, BotVerdict, LimitCounter]
