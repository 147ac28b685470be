"""Companion media on its three surfaces, likes, and what companions picked to send (COMP-2 to COMP-4, AI-4)."""

from __future__ import annotations

import peewee
from peewee import SQL, Check
from playhouse.postgres_ext import ArrayField, BinaryJSONField

from chassis.db import TimestampField
from media_svc.models.base import NO, NO_TEXTS, NOW, Base
from media_svc.models.uploads import Upload


class CompanionRow(Base):
    """Read model of ai-svc's companions. `version` 0: asked for, no event seen yet."""

    id = peewee.UUIDField(primary_key=True)
    version = peewee.BigIntegerField(constraints=[Check("version >= 0")])
    is_active = peewee.BooleanField()

    class Meta:
        table_name = "companions"


class CompanionSurface(Base):
    """How often the media of a companion has changed: the version of the counts that others are told."""

    companion_id = peewee.UUIDField(primary_key=True)
    version = peewee.IntegerField(constraints=[Check("version > 0")])

    class Meta:
        table_name = "companion_surfaces"


class CompanionMedia(Base):
    """One picture or video of a companion, on exactly one surface (COMP-2)."""

    id = peewee.UUIDField(primary_key=True)
    companion_id = peewee.UUIDField()
    upload = peewee.ForeignKeyField(Upload, unique=True)
    surface = peewee.TextField(constraints=[Check("surface IN ('gallery', 'post', 'asset')")])
    kind = peewee.TextField(constraints=[Check("kind IN ('image', 'video')")])
    text = peewee.TextField(constraints=[SQL("DEFAULT ''")])
    location = peewee.TextField(null=True)
    tags = ArrayField(peewee.TextField, index=False, constraints=[NO_TEXTS])
    premium_only = peewee.BooleanField(constraints=[NO])
    mature = peewee.BooleanField(constraints=[NO])
    can_be_liked = peewee.BooleanField(constraints=[NO])
    published = peewee.BooleanField(constraints=[SQL("DEFAULT true")])
    like_count = peewee.IntegerField(constraints=[SQL("DEFAULT 0"), Check("like_count >= 0")])
    removed_at = TimestampField(null=True)
    created_by = peewee.UUIDField(null=True)
    created_at = TimestampField(constraints=[NOW])
    updated_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "companion_media"
        constraints = (
            Check("surface = 'gallery' OR NOT premium_only"),
            Check("surface = 'asset' OR NOT mature"),
            Check("surface <> 'asset' OR NOT can_be_liked"),
            Check("surface = 'post' OR location IS NULL"),
        )
        indexes = (
            SQL(
                "CREATE INDEX companion_media_shown ON companion_media (companion_id, surface, id)"
                " WHERE removed_at IS NULL"
            ),
        )


class Like(Base):
    """That a user likes something; `like_count` is their number."""

    media = peewee.ForeignKeyField(CompanionMedia, index=False)
    user_id = peewee.UUIDField()
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "likes"
        primary_key = peewee.CompositeKey("media", "user_id")


class Pick(Base):
    """Which asset a reply got, and why: asked again, the same (AI-4, invariant 14). `missed_tags` found nothing."""

    reply_id = peewee.UUIDField(primary_key=True)
    conversation_id = peewee.UUIDField()
    user_id = peewee.UUIDField()
    companion_id = peewee.UUIDField()
    kind = peewee.TextField(constraints=[Check("kind IN ('image', 'video')")])
    tags = ArrayField(peewee.TextField, index=False)
    missed_tags = ArrayField(peewee.TextField, index=False)
    mature = peewee.BooleanField()
    asset = peewee.ForeignKeyField(CompanionMedia, null=True, index=False)
    why = BinaryJSONField(index=False)
    state = peewee.TextField(constraints=[Check("state IN ('picked', 'none', 'dropped')")])
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "picks"
        constraints = (Check("(state = 'none') = (asset_id IS NULL)"),)
        indexes = (SQL("CREATE INDEX picks_companion ON picks (companion_id, reply_id)"),)


class AssetGrant(Base):
    """That a user may see an asset, because a reply in that conversation sent it."""

    conversation_id = peewee.UUIDField()
    user_id = peewee.UUIDField()
    asset = peewee.ForeignKeyField(CompanionMedia, index=False)
    reply = peewee.ForeignKeyField(Pick, index=False)
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "asset_grants"
        primary_key = peewee.CompositeKey("conversation_id", "asset", "reply")
        indexes = (
            SQL("CREATE UNIQUE INDEX asset_grants_reply ON asset_grants (reply_id)"),
            SQL("CREATE INDEX asset_grants_seen ON asset_grants (user_id, asset_id)"),
        )
