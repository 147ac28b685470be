"""The stream log (CHAT-6): references only, bodies are fetched when they are delivered."""

from __future__ import annotations

import peewee
from peewee import SQL, Check
from playhouse.postgres_ext import BinaryJSONField

from chassis.db import TimestampField
from gateway.models.base import Base


class StreamHead(Base):
    """The id of a user's newest entry; its row lock orders the commits of his entries, so ids never have gaps."""

    user_id = peewee.UUIDField(primary_key=True)
    last = peewee.BigIntegerField(constraints=[Check("last > 0")])

    class Meta:
        table_name = "stream_heads"


class StreamEntry(Base):
    """Something that a user's clients are told: the event's name and the ids of what it is about."""

    user_id = peewee.UUIDField()
    id = peewee.BigIntegerField()
    event = peewee.TextField()
    subject = BinaryJSONField(index=False)
    created_at = TimestampField(index=True, constraints=[SQL("DEFAULT clock_timestamp()")])

    class Meta:
        table_name = "stream_log"
        primary_key = peewee.CompositeKey("user_id", "id")


class StreamConversation(Base):
    """Up to which message a conversation has been logged."""

    conversation_id = peewee.UUIDField(primary_key=True)
    last_seq = peewee.BigIntegerField(constraints=[Check("last_seq >= 0")])

    class Meta:
        table_name = "stream_conversations"


MODELS: list[type[Base]] = [StreamHead, StreamEntry, StreamConversation]
