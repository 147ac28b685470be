"""Uploads that a host puts in itself, for demo media: the same rows, bytes and jobs as anybody's, under known ids."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import peewee
import structlog

from chassis.db import Database
from chassis.errors import Internal
from chassis.times import utcnow
from media_svc.domain.keys import incoming_key
from media_svc.domain.uploads import UploadState
from media_svc.ports import AlreadyStored, ObjectStore
from media_svc.queries import uploads as queries
from media_svc.usecases.companions import Companions
from media_svc.usecases.uploads import Uploads

log = structlog.get_logger("planting")


class Planting:
    """Any step may be repeated, also after it was broken off, and by two hosts at once."""

    def __init__(self, database: Database, store: ObjectStore, uploads: Uploads, companions: Companions) -> None:
        self._database = database
        self._store = store
        self._uploads = uploads
        self._companions = companions

    def look(self, upload_id: UUID) -> UploadState | None:
        """The upload as it is now."""
        with self._database.reading():
            return queries.one(upload_id)

    def put(
        self,
        upload_id: UUID,
        source: Path,
        *,
        owner_id: UUID,
        companion_id: UUID,
        purpose: str,
        kind: str,
        content_type: str,
    ) -> None:
        """Store the bytes and have them processed like any others, as nobody's `owner_id`. Raises Unavailable."""
        key = incoming_key(upload_id)
        try:
            self._store.put_new(key, source, content_type=content_type, cache_control="private, no-store")
        except AlreadyStored:
            log.info("planted_before", upload_id=str(upload_id))
        # The row follows what is stored: bytes of an earlier, broken-off attempt may be others.
        found = self._store.head(key)
        if found is None:
            raise Internal("the object has vanished")
        self._companions.changed(companion_id, 0, True)
        try:
            with self._database.transaction():
                queries.insert(
                    id=upload_id,
                    owner_id=owner_id,
                    purpose=purpose,
                    conversation_id=None,
                    companion_id=companion_id,
                    kind=kind,
                    content_type=content_type,
                    size=found.size,
                    sha256_announced=None,
                    url_expires_at=utcnow(),
                )
        except peewee.IntegrityError:
            log.info("planted_before", upload_id=str(upload_id))
        self._uploads.complete(upload_id, owner_id)
