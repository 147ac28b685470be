"""The tables of chat-svc, all but companions keyed by conversation first so that they can be split by it."""

from __future__ import annotations

import peewee
from peewee import SQL, Check
from playhouse.postgres_ext import ArrayField

from chassis.db import Proxy, TimestampField

database = Proxy()
NOW = SQL("DEFAULT now()")
NONE_YET = SQL("DEFAULT 0")
ENGINES = Check("engine IN ('model', 'offline')")


class Base(peewee.Model):
    """What all tables share."""

    class Meta:
        database = database
        legacy_table_names = False


class CompanionRow(Base):
    """Read model of ai-svc's companions. `version` 0: asked for when a conversation was opened, no event seen yet."""

    id = peewee.UUIDField(primary_key=True)
    version = peewee.BigIntegerField(constraints=[Check("version >= 0")])
    name = peewee.TextField()
    avatar_key = peewee.TextField(null=True)
    is_active = peewee.BooleanField()
    engine = peewee.TextField(constraints=[ENGINES])

    class Meta:
        table_name = "companions"


class ConversationRow(Base):
    """A conversation; its row lock orders everything that is written in it.

    `regenerating_*`: who is asking quota-svc for a regeneration, and until when others have to keep out.
    """

    id = peewee.UUIDField(primary_key=True)
    user_id = peewee.UUIDField()
    companion_id = peewee.UUIDField()
    last_seq = peewee.IntegerField(constraints=[NONE_YET, Check("last_seq >= 0")])
    last_message_at = TimestampField(null=True)
    regenerating_client = peewee.UUIDField(null=True)
    regenerating_until = TimestampField(null=True)
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "conversations"
        indexes = ((("user_id", "companion_id"), True),)


class Participant(Base):
    """How far somebody has got in a conversation (CHAT-7)."""

    conversation_id = peewee.UUIDField()
    user_id = peewee.UUIDField(index=True)
    read_seq = peewee.IntegerField(constraints=[NONE_YET, Check("read_seq >= 0")])
    delivered_seq = peewee.IntegerField(constraints=[NONE_YET])

    class Meta:
        table_name = "participants"
        primary_key = peewee.CompositeKey("conversation_id", "user_id")
        constraints = (Check("delivered_seq >= read_seq"),)


class MessageRow(Base):
    """One message. `sender_id` NULL: the companion. `generation`: of the admission that it was written under."""

    conversation_id = peewee.UUIDField()
    seq = peewee.IntegerField(constraints=[Check("seq > 0")])
    id = peewee.UUIDField()
    sender_id = peewee.UUIDField(null=True)
    client_id = peewee.UUIDField(null=True)
    kind = peewee.TextField(constraints=[Check("kind IN ('text', 'image', 'video', 'voice')")])
    text = peewee.TextField(null=True)
    reply_status = peewee.TextField(null=True, constraints=[Check("reply_status IN ('pending', 'replied', 'failed')")])
    reply_to = ArrayField(peewee.UUIDField, index=False, null=True)
    superseded = peewee.BooleanField(constraints=[SQL("DEFAULT false")])
    engine = peewee.TextField(null=True, constraints=[ENGINES])
    generation = peewee.IntegerField(null=True)
    created_at = TimestampField(constraints=[SQL("DEFAULT clock_timestamp()")])

    class Meta:
        table_name = "messages"
        primary_key = peewee.CompositeKey("conversation_id", "seq")
        indexes = ((("conversation_id", "id"), True),)
        constraints = (
            Check("(sender_id IS NULL) = (client_id IS NULL)"),
            Check("kind <> 'text' OR text IS NOT NULL"),
        )


MessageRow.add_index(
    SQL(
        "CREATE UNIQUE INDEX messages_client ON messages (conversation_id, sender_id, client_id)"
        " WHERE client_id IS NOT NULL"
    )
)


class Regeneration(Base):
    """An admitted wish for another reply; `reply_id` is what its client was told."""

    conversation_id = peewee.UUIDField()
    sender_id = peewee.UUIDField()
    client_id = peewee.UUIDField()
    id = peewee.UUIDField()
    reply_id = peewee.UUIDField()
    message_ids = ArrayField(peewee.UUIDField, index=False)
    generation = peewee.IntegerField()
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "regenerations"
        primary_key = peewee.CompositeKey("conversation_id", "sender_id", "client_id")


class FailedReply(Base):
    """A reply that will never come (CHAT-8)."""

    conversation_id = peewee.UUIDField()
    reply_id = peewee.UUIDField()
    message_ids = ArrayField(peewee.UUIDField, index=False)
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "failed_replies"
        primary_key = peewee.CompositeKey("conversation_id", "reply_id")


class VoidedAdmission(Base):
    """A tombstone: nothing may be written any more under this admission up to this generation."""

    conversation_id = peewee.UUIDField()
    admission_id = peewee.UUIDField()
    generation = peewee.IntegerField()
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "voided_admissions"
        primary_key = peewee.CompositeKey("conversation_id", "admission_id")


MODELS: list[type[Base]] = [
    CompanionRow,
    ConversationRow,
    Participant,
    MessageRow,
    Regeneration,
    FailedReply,
    VoidedAdmission,
]
