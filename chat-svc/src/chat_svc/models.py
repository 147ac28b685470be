"""The tables of chat-svc, all but companions keyed by conversation first so that they can be split by it."""

from __future__ import annotations

import peewee
from peewee import SQL, Check
from playhouse.postgres_ext import ArrayField, BinaryJSONField

from chassis.db import Proxy, TimestampField

database = Proxy()
NOW = SQL("DEFAULT now()")
NONE_YET = SQL("DEFAULT 0")
ENGINES = Check("engine IN ('model', 'offline')")
FLAGS = Check("nsfw_flag IN ('unknown', 'safe', 'soft', 'erotic', 'blocked')")


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
    """One message. `sender_id` NULL: the companion. `generation`: of the admission that it was written under.

    `media`: the description kept with `upload_id`, as of `media_version`; a newer `MediaStanding` goes before its flag.
    `asset_id`: of a companion's media.
    """

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
    upload_id = peewee.UUIDField(null=True)
    asset_id = peewee.UUIDField(null=True)
    media = BinaryJSONField(index=False, null=True)
    media_version = peewee.IntegerField(null=True)
    nsfw_flag = peewee.TextField(null=True, constraints=[FLAGS])
    created_at = TimestampField(constraints=[SQL("DEFAULT clock_timestamp()")])

    class Meta:
        table_name = "messages"
        primary_key = peewee.CompositeKey("conversation_id", "seq")
        indexes = ((("conversation_id", "id"), True),)
        constraints = (
            Check("(sender_id IS NULL) = (client_id IS NULL)"),
            Check("kind <> 'text' OR text IS NOT NULL"),
            Check("(kind = 'text') = (upload_id IS NULL)"),
            Check(
                "(upload_id IS NULL) = (media IS NULL) AND (upload_id IS NULL) = (media_version IS NULL)"
                " AND (upload_id IS NULL) = (nsfw_flag IS NULL)"
            ),
            Check("asset_id IS NULL OR sender_id IS NULL"),
        )


MessageRow.add_index(
    SQL(
        "CREATE UNIQUE INDEX messages_client ON messages (conversation_id, sender_id, client_id)"
        " WHERE client_id IS NOT NULL"
    )
)
MessageRow.add_index(
    SQL("CREATE INDEX messages_upload ON messages (upload_id, conversation_id, seq) WHERE upload_id IS NOT NULL")
)


class SendRow(Base):
    """A user's media on its way into a message. Each step changes `state` only from the one before.

    `id`: for whom media-svc claims the upload, another one in each attempt; `due_at`: when the recoverer takes it up.
    """

    conversation_id = peewee.UUIDField()
    sender_id = peewee.UUIDField()
    client_id = peewee.UUIDField()
    id = peewee.UUIDField()
    attempt = peewee.IntegerField(constraints=[SQL("DEFAULT 1"), Check("attempt > 0")])
    kind = peewee.TextField(constraints=[Check("kind IN ('image', 'video', 'voice')")])
    text = peewee.TextField(null=True)
    upload_id = peewee.UUIDField()
    permit_id = peewee.TextField()
    state = peewee.TextField(
        constraints=[
            SQL("DEFAULT 'claiming'"),
            Check("state IN ('claiming', 'claimed', 'admitted', 'messaged', 'refused')"),
        ]
    )
    media = BinaryJSONField(index=False, null=True)
    media_version = peewee.IntegerField(null=True)
    nsfw_flag = peewee.TextField(null=True)
    generation = peewee.IntegerField(null=True)
    started_at = TimestampField(constraints=[NOW])
    due_at = TimestampField()

    class Meta:
        table_name = "sends"
        primary_key = peewee.CompositeKey("conversation_id", "sender_id", "client_id")
        constraints = (
            Check(
                "state NOT IN ('claimed', 'admitted') OR (media IS NOT NULL AND media_version IS NOT NULL"
                " AND nsfw_flag IS NOT NULL)"
            ),
            Check("state <> 'admitted' OR generation IS NOT NULL"),
        )
        indexes = (
            SQL("CREATE INDEX sends_due ON sends (due_at) WHERE state IN ('claiming', 'claimed', 'admitted')"),
            SQL("CREATE INDEX sends_ended ON sends (started_at) WHERE state IN ('messaged', 'refused')"),
        )


class UploadRelease(Base):
    """An upload that media-svc may have claimed for a send that was refused: it is to be let go, `times_left` times."""

    send_id = peewee.UUIDField(primary_key=True)
    upload_id = peewee.UUIDField()
    times_left = peewee.IntegerField(constraints=[Check("times_left > 0")])
    due_at = TimestampField(index=True)

    class Meta:
        table_name = "upload_releases"


class MediaStanding(Base):
    """Read model of media-svc: how media stands since it was claimed (MEDIA-7).

    `told_up_to`: the conversations up to this id were told, NULL when all were.
    """

    upload_id = peewee.UUIDField(primary_key=True)
    version = peewee.IntegerField(constraints=[Check("version > 0")])
    nsfw_flag = peewee.TextField(constraints=[FLAGS])
    removed = peewee.BooleanField()
    told_up_to = peewee.UUIDField(null=True)

    class Meta:
        table_name = "media_standings"
        indexes = (
            SQL("CREATE INDEX media_standings_untold ON media_standings (upload_id) WHERE told_up_to IS NOT NULL"),
        )


class Report(Base):
    """Something for moderators to decide (MOD-2); `incident`: goes before everything else."""

    id = peewee.UUIDField(primary_key=True)
    source = peewee.TextField(constraints=[Check("source IN ('user', 'pipeline', 'appeal')")])
    incident = peewee.BooleanField()
    reason = peewee.TextField()
    upload_id = peewee.UUIDField(null=True)
    conversation_id = peewee.UUIDField(null=True)
    reported_user_id = peewee.UUIDField(null=True)
    status = peewee.TextField(constraints=[Check("status IN ('pending', 'reviewing', 'resolved', 'dismissed')")])
    created_at = TimestampField(constraints=[NOW])
    updated_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "reports"


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
    SendRow,
    UploadRelease,
    MediaStanding,
    Report,
]
