"""Uploads from the announcement to the processing, and how they are told to their owner (MEDIA-1, MEDIA-5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis import context
from chassis.contracts.media import MediaUploaded
from chassis.db import Database
from chassis.errors import Conflict, NotFound
from chassis.ids import uuid7
from chassis.outbox import Outbox
from chassis.times import utcnow
from media_svc.domain.keys import incoming_key
from media_svc.domain.uploads import (
    ENDED,
    OPEN_UPLOADS,
    UPLOADS_PER_HOUR,
    URL_SECONDS,
    NewUpload,
    UploadState,
    check_new,
    in_use,
    scaled,
    told,
    too_many_uploads,
    uploads_stopped,
)
from media_svc.ports import ObjectStore
from media_svc.queries import jobs
from media_svc.queries import uploads as queries
from media_svc.usecases.companions import Companions
from media_svc.usecases.neighbours import Conversations


@dataclass(frozen=True)
class Created:
    """Where the bytes of a new upload go."""

    upload_id: UUID
    upload_url: str
    headers: Mapping[str, str]
    object_key: str
    price_tokens: int | None
    expires_at: datetime
    method: str = "PUT"


class Uploads:
    """Create, complete, look at and delete uploads. `wake` has the open jobs looked at; `factor` scales the limits."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        store: ObjectStore,
        conversations: Conversations,
        companions: Companions,
        wake: Callable[[], None],
        factor: float,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._store = store
        self._conversations = conversations
        self._companions = companions
        self._wake = wake
        self._per_hour = scaled(UPLOADS_PER_HOUR, factor)
        self._open = scaled(OPEN_UPLOADS, factor)

    def create(self, new: NewUpload) -> Created:
        """Announce an upload.

        Raises Forbidden, Invalid, UnsupportedType, TooLarge, NotFound, RateLimited, Unavailable.
        """
        _rule, content_type = check_new(new)
        self._find_place(new)
        upload_id = uuid7()
        key = incoming_key(upload_id)
        where = self._store.presign_put(key, content_type=content_type, size=new.size, seconds=URL_SECONDS)
        # Taken after the signing, so that the URL never outlives it.
        expires_at = utcnow() + timedelta(seconds=URL_SECONDS)
        with self._database.transaction():
            if queries.is_stopped(new.owner_id):
                raise uploads_stopped()
            self._refuse_too_many(new.owner_id)
            self._insert(upload_id, new, content_type, expires_at)
        return Created(upload_id, where.url, where.headers, key, None, expires_at)

    def complete(self, upload_id: UUID, owner_id: UUID) -> tuple[dict[str, Any], bool]:
        """The bytes are there: have them processed. The upload, and whether its processing has ended already.

        Any number of times. Raises NotFound, Conflict `not-uploaded`, Unavailable.
        """
        upload = self._own(upload_id, owner_id)
        if upload.status == "uploading":
            if self._store.head(incoming_key(upload_id)) is None:
                raise Conflict("The file has not arrived yet.", code="not-uploaded")
            upload = self._begin_processing(upload)
        return told(upload), upload.status in ENDED

    def get(self, upload_id: UUID, owner_id: UUID) -> dict[str, Any]:
        """One's own upload. Raises NotFound."""
        return told(self._own(upload_id, owner_id))

    def delete(self, upload_id: UUID, owner_id: UUID) -> None:
        """Remove one's own upload; again, it changes nothing. Its objects follow by its job.

        What was blocked or is held disappears for its owner, and nothing more: the evidence stays (MEDIA-2).
        Raises NotFound, Conflict `in-use` for one that is claimed or sent.
        """
        with self._database.transaction():
            upload = queries.owned(upload_id, owner_id, lock=True)
            if upload is None:
                raise NotFound()
            if upload.removed_at is not None:
                return
            if upload.used_by is not None:
                raise in_use()
            queries.update(upload_id, removed_at=utcnow())
            self._open_job(upload_id, urgent=True)

    def seen_by(self, viewer: UUID, ids: Sequence[UUID]) -> list[dict[str, Any] | None]:
        """The uploads in the order asked; None for what is not the viewer's."""
        with self._database.reading():
            found = queries.of_viewer(viewer, ids)
        return [told(found[one]) if one in found else None for one in ids]

    def _own(self, upload_id: UUID, owner_id: UUID) -> UploadState:
        with self._database.reading():
            upload = queries.owned(upload_id, owner_id)
        if upload is None or upload.removed_at is not None:
            raise NotFound()
        return upload

    def _find_place(self, new: NewUpload) -> None:
        if new.conversation_id is not None:
            standing = self._conversations.standing(new.owner_id, [new.conversation_id])
            if new.conversation_id not in standing.conversations:
                raise NotFound("There is no such conversation.")
        if new.companion_id is not None:
            self._companions.is_active(new.companion_id)

    def _refuse_too_many(self, owner_id: UUID) -> None:
        queries.one_at_a_time(self._database, owner_id)
        if self._per_hour is not None:
            seconds = queries.seconds_until_hour_has_room(self._database, owner_id, self._per_hour)
            if seconds is not None:
                raise too_many_uploads(self._per_hour, seconds, are_open=False)
        if self._open is not None:
            seconds = queries.seconds_until_open_have_room(self._database, owner_id, self._open)
            if seconds is not None:
                raise too_many_uploads(self._open, seconds, are_open=True)

    def _insert(self, upload_id: UUID, new: NewUpload, content_type: str, expires_at: datetime) -> UploadState:
        return queries.insert(
            id=upload_id,
            owner_id=new.owner_id,
            purpose=new.purpose,
            conversation_id=new.conversation_id,
            companion_id=new.companion_id,
            kind=new.kind,
            content_type=content_type,
            size=new.size,
            sha256_announced=new.sha256,
            url_expires_at=expires_at,
        )

    def _begin_processing(self, upload: UploadState) -> UploadState:
        with self._database.transaction():
            begun = queries.begin_processing(upload.id)
            if begun is not None:
                self._open_job(upload.id)
                self._outbox.emit(
                    MediaUploaded(
                        upload_id=begun.id,
                        owner_id=begun.owner_id,
                        recipients=[begun.owner_id],
                        purpose=begun.purpose,
                        kind=begun.kind,
                        version=begun.version,
                    )
                )
                return begun
        return self._own(upload.id, upload.owner_id)

    def _open_job(self, upload_id: UUID, *, urgent: bool = False) -> None:
        work = context.current()
        jobs.open_job(self._database, upload_id, work.request_id, work.traceparent, urgent=urgent)
        self._database.after_commit(self._wake)
