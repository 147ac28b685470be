"""Takes media down: at once for everybody who asks, its objects after that (MEDIA-7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog

from chassis import context
from chassis.contracts.media import MediaStandingChanged
from chassis.db import Database
from chassis.errors import NotFound
from chassis.outbox import Outbox
from chassis.times import utcnow
from media_svc.domain.uploads import UploadState
from media_svc.queries import jobs
from media_svc.queries import uploads as queries
from media_svc.usecases.surfaces import announce

log = structlog.get_logger("takedowns")


class Takedowns:
    """The row first, in one transaction with the event; the upload's job then moves or deletes what it had."""

    def __init__(self, database: Database, outbox: Outbox, wake: Callable[[], None]) -> None:
        self._database = database
        self._outbox = outbox
        self._wake = wake

    def hold(self, upload_id: UUID, reason: str) -> bool:
        """Take an upload down and keep its objects as evidence; whether it was not held before. Raises NotFound."""
        with self._database.transaction():
            upload = self._known(upload_id)
            if upload.held:
                return False
            self._take_down(upload, urgent=True, held=True)
        log.info("upload_held", upload_id=str(upload_id), reason=reason)
        return True

    def remove(self, upload_id: UUID, reason: str, *, urgent: bool = True) -> bool:
        """Remove an upload for good; what is evidence stays. Whether it was not removed before. Raises NotFound."""
        with self._database.transaction():
            upload = self._known(upload_id)
            if upload.removed_at is not None:
                return False
            self._take_down(upload, urgent=urgent, removed_at=utcnow())
        log.info("upload_removed", upload_id=str(upload_id), reason=reason)
        return True

    @staticmethod
    def _known(upload_id: UUID) -> UploadState:
        upload = queries.one(upload_id, lock=True)
        if upload is None:
            raise NotFound("There is no such upload.")
        return upload

    def _take_down(self, upload: UploadState, *, urgent: bool, **change: Any) -> None:
        was_shown = upload.status == "completed" and not upload.held and upload.removed_at is None
        changed = queries.update(upload.id, **change)
        if was_shown:
            self._outbox.emit(
                MediaStandingChanged(
                    upload_id=upload.id, nsfw_flag=upload.nsfw_flag, removed=True, version=changed.version
                )
            )
            if upload.purpose == "companion_media" and upload.companion_id is not None:
                announce(self._database, self._outbox, upload.companion_id)
        work = context.current()
        jobs.open_job(self._database, upload.id, work.request_id, work.traceparent, urgent=urgent)
        self._database.after_commit(self._wake)
