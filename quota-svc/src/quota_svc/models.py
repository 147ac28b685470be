"""The tables of quota-svc."""

from __future__ import annotations

import peewee
from peewee import SQL, Check

from chassis.db import Proxy, TimestampField

database = Proxy()
NOW = SQL("DEFAULT now()")


class Base(peewee.Model):
    """What all tables share."""

    class Meta:
        database = database
        legacy_table_names = False


class Permit(Base):
    """The right to `uses` sends until `expires_at` (PERM-1)."""

    user_id = peewee.UUIDField()
    id = peewee.UUIDField()
    scope = peewee.CharField(max_length=40, constraints=[Check("scope IN ('chat_send')")])
    uses = peewee.IntegerField(constraints=[Check("uses > 0")])
    uses_left = peewee.IntegerField()
    created_at = TimestampField(constraints=[NOW])
    expires_at = TimestampField(index=True)

    class Meta:
        table_name = "permits"
        primary_key = peewee.CompositeKey("user_id", "id")
        constraints = (Check("uses_left >= 0 AND uses_left <= uses"), Check("expires_at > created_at"))


class PermitWindow(Base):
    """How many permits a user has minted in the minute that began at `started_at`."""

    user_id = peewee.UUIDField(primary_key=True)
    started_at = TimestampField(constraints=[NOW])
    minted = peewee.IntegerField(constraints=[Check("minted > 0")])

    class Meta:
        table_name = "permit_windows"


class Quota(Base):
    """What a user got for free from a companion and what is left of it (QUOTA-1)."""

    user_id = peewee.UUIDField()
    companion_id = peewee.UUIDField()
    text_granted = peewee.IntegerField()
    media_granted = peewee.IntegerField()
    audio_granted = peewee.IntegerField()
    text_left = peewee.IntegerField()
    media_left = peewee.IntegerField()
    audio_left = peewee.IntegerField()
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "quotas"
        primary_key = peewee.CompositeKey("user_id", "companion_id")
        constraints = (
            Check("text_left >= 0 AND text_left <= text_granted"),
            Check("media_left >= 0 AND media_left <= media_granted"),
            Check("audio_left >= 0 AND audio_left <= audio_granted"),
        )


class Admission(Base):
    """One admitted send and what it spent. A reversed one stays; the same send admitted again is the next generation.

    `spent`: a free text, one of the day's sends of own media (`media`), or nothing.
    `settle_at`: when chat-svc is asked whether a message came of it, as long as nobody has said so.
    """

    id = peewee.UUIDField()
    generation = peewee.IntegerField(constraints=[Check("generation > 0")])
    user_id = peewee.UUIDField()
    companion_id = peewee.UUIDField()
    conversation_id = peewee.UUIDField()
    sender_id = peewee.UUIDField()
    client_id = peewee.UUIDField()
    permit_id = peewee.UUIDField()
    scope = peewee.CharField(max_length=40)
    spent = peewee.CharField(max_length=10, constraints=[Check("spent IN ('nothing', 'text', 'media')")])
    state = peewee.CharField(
        max_length=10,
        constraints=[SQL("DEFAULT 'admitted'"), Check("state IN ('admitted', 'used', 'reversed')")],
    )
    admitted_at = TimestampField(constraints=[NOW])
    settle_at = TimestampField()

    class Meta:
        table_name = "admissions"
        primary_key = peewee.CompositeKey("id", "generation")


Admission.add_index(SQL("CREATE INDEX admissions_unsettled ON admissions (settle_at) WHERE state = 'admitted'"))


class MediaDay(Base):
    """How many sends of own media to companions a user without premium was admitted on a day (UTC)."""

    user_id = peewee.UUIDField()
    day = peewee.DateField(index=True)
    sends = peewee.IntegerField(constraints=[Check("sends >= 0")])

    class Meta:
        table_name = "media_days"
        primary_key = peewee.CompositeKey("user_id", "day")


class Spend(Base):
    """What a companion's reply with media took from the free quota (QUOTA-1); its id is that of the reply.

    One that was returned stays, so that it can't be spent again; one returned before it came is known by nothing
    but its id.
    """

    id = peewee.UUIDField(primary_key=True)
    user_id = peewee.UUIDField(null=True)
    companion_id = peewee.UUIDField(null=True)
    conversation_id = peewee.UUIDField(null=True)
    kind = peewee.CharField(max_length=10, null=True, constraints=[Check("kind IN ('image', 'video', 'voice')")])
    spent = peewee.CharField(max_length=10)
    state = peewee.CharField(
        max_length=10, constraints=[SQL("DEFAULT 'spent'"), Check("state IN ('spent', 'returned')")]
    )
    created_at = TimestampField(constraints=[NOW])

    class Meta:
        table_name = "spends"
        constraints = (
            Check("spent = 'nothing' OR spent = CASE kind WHEN 'voice' THEN 'audio' ELSE 'media' END"),
            Check(
                "num_nulls(user_id, companion_id, conversation_id, kind) = 0"
                " OR (state = 'returned' AND spent = 'nothing')"
            ),
        )


Spend.add_index(SQL("CREATE INDEX spends_quota ON spends (user_id, companion_id)"))


class Premium(Base):
    """The fold of a user's grants: the row that is locked and read. NULL: never had any."""

    user_id = peewee.UUIDField(primary_key=True)
    premium_until = TimestampField(null=True)

    class Meta:
        table_name = "premium"


class PremiumGrant(Base):
    """The `position`-th extension of a user's premium, made at `granted_at` for `days`."""

    id = peewee.UUIDField(primary_key=True)
    user_id = peewee.UUIDField()
    position = peewee.IntegerField(constraints=[Check("position > 0")])
    days = peewee.IntegerField(constraints=[Check("days > 0")])
    source = peewee.CharField(max_length=40)
    granted_at = TimestampField(constraints=[SQL("DEFAULT clock_timestamp()")])

    class Meta:
        table_name = "premium_grants"
        indexes = ((("user_id", "position"), True),)


MODELS: list[type[Base]] = [Permit, PermitWindow, Quota, Admission, MediaDay, Spend, Premium, PremiumGrant]
