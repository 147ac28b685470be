"""The tables of ai-svc."""

from __future__ import annotations

import peewee
from peewee import SQL, Check
from playhouse.postgres_ext import ArrayField, BinaryJSONField

from chassis.db import Proxy, TimestampField

database = Proxy()
NOW = SQL("DEFAULT now()")
ZERO = SQL("DEFAULT 0")


class Base(peewee.Model):
    """What all tables share."""

    class Meta:
        database = database
        legacy_table_names = False


class Companion(Base):
    """An AI character (COMP-1). `name_folded` is searched; `announced_engine`: what the last event said answers;
    `media_version`: of what media-svc told last, the counts."""

    id = peewee.UUIDField(primary_key=True)
    name = peewee.TextField()
    name_folded = peewee.TextField()
    age = peewee.IntegerField(constraints=[Check("age >= 18")])
    bio = peewee.TextField(constraints=[SQL("DEFAULT ''")])
    persona_prompt = peewee.TextField(null=True)
    voice_id = peewee.TextField(null=True)
    avatar_key = peewee.TextField(null=True)
    background_key = peewee.TextField(null=True)
    is_active = peewee.BooleanField(constraints=[SQL("DEFAULT true")])
    gallery_count = peewee.IntegerField(constraints=[ZERO, Check("gallery_count >= 0")])
    posts_count = peewee.IntegerField(constraints=[ZERO, Check("posts_count >= 0")])
    assets_count = peewee.IntegerField(constraints=[ZERO, Check("assets_count >= 0")])
    media_version = peewee.IntegerField(constraints=[ZERO])
    version = peewee.IntegerField(constraints=[SQL("DEFAULT 1")])
    announced_engine = peewee.TextField(constraints=[Check("announced_engine IN ('model', 'offline')")])
    created_by = peewee.UUIDField(null=True)
    created_at = TimestampField(constraints=[NOW])
    updated_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "companions"


class ReplyJob(Base):
    """One reply in the making; its id is the id of the message that comes of it.

    `attempts` counts claims that nobody gave back, `waits` postponements in a row. `outcome` and `kind` are the
    committed decision; `wanted` is the media that was decided on at first: unless it is sent, a pick and a spend under
    this id are to be undone. `asset` is what was picked and paid for; it, `text` and `tags` are held only until the
    reply is delivered.
    """

    id = peewee.UUIDField(primary_key=True)
    conversation_id = peewee.UUIDField()
    user_id = peewee.UUIDField()
    companion_id = peewee.UUIDField()
    state = peewee.TextField(constraints=[SQL("DEFAULT 'open'"), Check("state IN ('open', 'done', 'failed')")])
    run_at = TimestampField(constraints=[NOW])
    fence = peewee.IntegerField(constraints=[ZERO])
    attempts = peewee.IntegerField(constraints=[ZERO])
    waits = peewee.IntegerField(constraints=[ZERO])
    outcome = peewee.TextField(null=True, constraints=[Check("outcome IN ('reply', 'failure')")])
    kind = peewee.TextField(null=True, constraints=[Check("kind IN ('text', 'image', 'video')")])
    wanted = peewee.TextField(null=True, constraints=[Check("wanted IN ('image', 'video')")])
    text = peewee.TextField(null=True)
    tags = ArrayField(peewee.TextField, index=False, constraints=[SQL("DEFAULT '{}'")])
    asset = BinaryJSONField(null=True, index=False)
    engine = peewee.TextField(null=True, constraints=[Check("engine IN ('model', 'offline')")])
    created_at = TimestampField(constraints=[NOW])
    finished_at = TimestampField(null=True)

    class Meta:
        table_name = "reply_jobs"
        constraints = (
            Check("(state = 'open') = (finished_at IS NULL)"),
            Check("(text IS NOT NULL) = (state = 'open' AND outcome IS NOT NULL AND outcome = 'reply')"),
            Check("kind IS NULL OR kind = 'text' OR (wanted IS NOT NULL AND kind = wanted)"),
            Check("asset IS NULL OR (state = 'open' AND wanted IS NOT NULL)"),
        )
        indexes = (
            SQL("CREATE INDEX reply_jobs_due ON reply_jobs (run_at) WHERE state = 'open'"),
            SQL("CREATE UNIQUE INDEX reply_jobs_one_open ON reply_jobs (conversation_id) WHERE state = 'open'"),
            SQL("CREATE INDEX reply_jobs_finished ON reply_jobs (finished_at) WHERE finished_at IS NOT NULL"),
        )


class ReplyRequest(Base):
    """That a reply to some messages is wanted; without a job it waits for the conversation's next one."""

    id = peewee.UUIDField(primary_key=True)
    reply_id = peewee.UUIDField(unique=True)
    conversation_id = peewee.UUIDField()
    user_id = peewee.UUIDField()
    companion_id = peewee.UUIDField()
    message_ids = ArrayField(peewee.UUIDField, index=False, constraints=[Check("cardinality(message_ids) > 0")])
    admission_id = peewee.UUIDField()
    generation = peewee.IntegerField()
    job = peewee.ForeignKeyField(ReplyJob, null=True, index=False, on_delete="CASCADE")
    request_id = peewee.TextField()
    traceparent = peewee.TextField()
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "reply_requests"
        indexes = (
            SQL(
                "CREATE INDEX reply_requests_waiting ON reply_requests (conversation_id, created_at)"
                " WHERE job_id IS NULL"
            ),
            SQL("CREATE INDEX reply_requests_job ON reply_requests (job_id) WHERE job_id IS NOT NULL"),
        )


MODELS: list[type[Base]] = [Companion, ReplyJob, ReplyRequest]
