"""Uploads, the objects that came of them, the verdicts on them, and the jobs that make and judge them."""

from __future__ import annotations

import peewee
from peewee import SQL, Check
from playhouse.postgres_ext import ArrayField, BinaryJSONField

from chassis.db import TimestampField
from media_svc.models.base import NO, NO_TEXTS, NOW, Base

PURPOSES = "purpose IN ('chat', 'avatar', 'companion_profile', 'companion_background', 'companion_media')"
COMPANION_KNOWN = (
    "purpose = 'companion_media' AND companion_id IS NOT NULL"
    " OR purpose IN ('companion_profile', 'companion_background') AND (companion_id IS NOT NULL OR used_by IS NULL)"
    " OR purpose IN ('chat', 'avatar') AND companion_id IS NULL"
)
"""The pictures of a companion may be uploaded before it is made; their use says whose they are."""
STATUSES = "status IN ('uploading', 'processing', 'completed', 'blocked', 'failed')"
FLAGS = "nsfw_flag IN ('unknown', 'safe', 'soft', 'erotic', 'blocked')"
VIEWABLE = (
    "status <> 'completed' OR nsfw_flag IN ('safe', 'soft', 'erotic') OR (kind = 'voice' AND nsfw_flag = 'unknown')"
)


class Upload(Base):
    """One upload from the presigned URL to the media that came of it (MEDIA-1, MEDIA-5).

    `media`: its internal description, only of a completed one. `used_by`: what it was claimed for, once (the id of a
    send, companion medium or profile change). `held`: taken down, its objects are evidence. `tombstone`: an empty
    object still lies at its incoming key. `version` grows with every change that others are told of.
    """

    id = peewee.UUIDField(primary_key=True)
    owner_id = peewee.UUIDField()
    purpose = peewee.TextField(constraints=[Check(PURPOSES)])
    conversation_id = peewee.UUIDField(null=True)
    companion_id = peewee.UUIDField(null=True)
    kind = peewee.TextField(constraints=[Check("kind IN ('image', 'video', 'voice')")])
    content_type = peewee.TextField()
    size = peewee.BigIntegerField(constraints=[Check("size > 0")])
    sha256_announced = peewee.TextField(null=True)
    status = peewee.TextField(constraints=[SQL("DEFAULT 'uploading'"), Check(STATUSES)])
    error_code = peewee.TextField(null=True)
    nsfw_flag = peewee.TextField(constraints=[SQL("DEFAULT 'unknown'"), Check(FLAGS)])
    media = BinaryJSONField(null=True, index=False)
    sha256_original = peewee.TextField(null=True)
    sha256_full = peewee.TextField(null=True)
    pdq = ArrayField(peewee.TextField, index=False, constraints=[NO_TEXTS])
    policy_version = peewee.TextField(null=True)
    price_tokens = peewee.IntegerField(null=True)
    used_by = peewee.UUIDField(null=True)
    message_id = peewee.UUIDField(null=True)
    held = peewee.BooleanField(constraints=[NO])
    removed_at = TimestampField(null=True)
    version = peewee.IntegerField(constraints=[SQL("DEFAULT 1")])
    url_expires_at = TimestampField()
    tombstone = peewee.BooleanField(constraints=[NO])
    created_at = TimestampField(constraints=[NOW])
    processed_at = TimestampField(null=True)

    class Meta:
        table_name = "uploads"
        constraints = (
            Check("(purpose = 'chat') = (conversation_id IS NOT NULL)"),
            Check(COMPANION_KNOWN),
            Check("(status = 'completed') = (media IS NOT NULL)"),
            Check("(status = 'completed') = (sha256_full IS NOT NULL)"),
            Check(VIEWABLE),
            Check("message_id IS NULL OR used_by IS NOT NULL"),
        )
        indexes = (
            SQL("CREATE INDEX uploads_owner ON uploads (owner_id, created_at)"),
            SQL("CREATE INDEX uploads_conversation ON uploads (conversation_id) WHERE conversation_id IS NOT NULL"),
            SQL("CREATE INDEX uploads_companion ON uploads (companion_id) WHERE companion_id IS NOT NULL"),
            SQL("CREATE INDEX uploads_unused ON uploads (created_at) WHERE used_by IS NULL AND removed_at IS NULL"),
            SQL(
                "CREATE INDEX uploads_open ON uploads (owner_id)"
                " WHERE removed_at IS NULL AND status IN ('uploading', 'processing')"
            ),
            SQL("CREATE INDEX uploads_tombstones ON uploads (url_expires_at) WHERE tombstone"),
        )


class ProcessingJob(Base):
    """The decoding and judging of one upload; its id is the upload's. `waits`: postponements in a row. `urgent`: it
    was taken down, and what it shows has to be gone soon."""

    id = peewee.ForeignKeyField(Upload, primary_key=True, column_name="id", on_delete="CASCADE")
    state = peewee.TextField(constraints=[SQL("DEFAULT 'open'"), Check("state IN ('open', 'done', 'failed')")])
    run_at = TimestampField(constraints=[NOW])
    fence = peewee.IntegerField(constraints=[SQL("DEFAULT 0")])
    attempts = peewee.IntegerField(constraints=[SQL("DEFAULT 0")])
    waits = peewee.IntegerField(constraints=[SQL("DEFAULT 0")])
    request_id = peewee.TextField()
    traceparent = peewee.TextField()
    created_at = TimestampField(constraints=[NOW])
    urgent = peewee.BooleanField(constraints=[NO])

    class Meta:
        table_name = "processing_jobs"
        indexes = (
            SQL("CREATE INDEX processing_jobs_due ON processing_jobs (run_at) WHERE state = 'open'"),
            SQL("CREATE INDEX processing_jobs_urgent ON processing_jobs (run_at) WHERE state = 'open' AND urgent"),
        )


class ObjectRow(Base):
    """One object in the store. A row is written before its object and goes after it, so that none is forgotten.

    Keys are ordered by their bytes, as a store lists them.
    """

    key = peewee.TextField(primary_key=True, collation='"C"')
    upload = peewee.ForeignKeyField(Upload, index=False)
    role = peewee.TextField(constraints=[Check("role IN ('full', 'rendition', 'poster', 'preview', 'original')")])
    content_type = peewee.TextField()
    size = peewee.BigIntegerField(constraints=[Check("size > 0")])
    sha256 = peewee.TextField()
    evidence = peewee.BooleanField(constraints=[NO])
    storage_class = peewee.TextField(
        constraints=[SQL("DEFAULT 'STANDARD'"), Check("storage_class IN ('STANDARD', 'STANDARD_IA')")]
    )
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "objects"
        indexes = (
            SQL("CREATE INDEX objects_upload ON objects (upload_id)"),
            SQL("CREATE INDEX objects_warm ON objects (created_at) WHERE storage_class = 'STANDARD'"),
        )


class VerdictRow(Base):
    """What the classifier said of these bytes under this policy (MEDIA-4): asked once."""

    sha256 = peewee.TextField()
    policy_version = peewee.TextField()
    flag = peewee.TextField(constraints=[Check("flag IN ('safe', 'soft', 'erotic', 'blocked')")])
    minor = peewee.BooleanField()
    labels = BinaryJSONField(index=False)
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "verdicts"
        primary_key = peewee.CompositeKey("sha256", "policy_version")


class UploadStop(Base):
    """A user whose uploads are stopped until a moderator decides, and the upload that did it (MOD-2)."""

    user_id = peewee.UUIDField(primary_key=True)
    upload = peewee.ForeignKeyField(Upload, index=False)
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "upload_stops"
