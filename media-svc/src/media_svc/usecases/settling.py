"""Brings the objects of an upload to where its row says they belong: shown, kept as evidence, or gone (MEDIA-7)."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from chassis.db import Database
from chassis.jobs import JobTable, Lease
from media_svc.domain.keys import evidence_key, incoming_key
from media_svc.domain.processing import keys_of
from media_svc.domain.uploads import ENDED, UploadState
from media_svc.ports import Edge, NoObject, ObjectStore
from media_svc.queries import uploads as queries
from media_svc.queries.uploads import KeptObject
from media_svc.usecases.leases import LeaseKeeper

log = structlog.get_logger("processing")


class Settling:
    """The last part of every job. Each step may be killed and run again."""

    def __init__(self, database: Database, jobs: JobTable, store: ObjectStore, edge: Edge) -> None:
        self._database = database
        self._jobs = jobs
        self._store = store
        self._edge = edge

    def settle(self, lease: Lease, keeper: LeaseKeeper) -> None:
        """Carry a job to its end. Raises LeaseLost, Unavailable."""
        with self._database.reading():
            upload = queries.one(lease.id)
            objects = queries.objects(lease.id)
            expired = queries.url_expired(lease.id)
        if upload is None:  # it went with its job, and then nobody holds this lease
            self._jobs.finish(lease)
            return
        shown = keys_of(upload.media)
        gone = upload.held or upload.removed_at is not None
        superfluous = [item for item in objects if not item.evidence and (gone or item.key not in shown)]
        if superfluous:
            keeper.check()
            self._take_away(upload, superfluous, lease)
        keeper.check()
        self._close(upload, lease, url_expired=expired)

    def _take_away(self, upload: UploadState, objects: Sequence[KeptObject], lease: Lease) -> None:
        shown = keys_of(upload.media)
        was_shown = [item for item in objects if item.key in shown]
        if upload.held and was_shown:
            self._keep_as_evidence(upload, was_shown, lease)
            self._store.remove([item.key for item in objects if item.key not in shown])
        else:
            self._store.remove([item.key for item in objects])
        if was_shown:
            # Before the rows go, which are all that a repetition knows the keys by.
            self._edge.forget([item.key for item in was_shown])
        with self._database.transaction():
            queries.one(upload.id, lock=True)
            self._jobs.hold(lease)
            queries.forget_objects([item.key for item in objects])
        log.info("upload_objects_taken_away", upload_id=str(upload.id), objects=len(objects), held=upload.held)

    def _keep_as_evidence(self, upload: UploadState, objects: Sequence[KeptObject], lease: Lease) -> None:
        moves = {evidence_key(item.key): item for item in objects}
        with self._database.transaction():
            queries.one(upload.id, lock=True)
            self._jobs.hold(lease)
            queries.plan_evidence(upload.id, moves)
        for target, item in moves.items():
            try:
                self._store.move(item.key, target)
            except NoObject:
                # Nothing can be saved of it any more; the row stays and says what there was.
                log.error("evidence_missing", upload_id=str(upload.id), role=item.role)

    def _close(self, upload: UploadState, lease: Lease, *, url_expired: bool) -> None:
        """Nothing more may arrive at the incoming key, and what lay there is gone."""
        ended = upload.status in ENDED or upload.removed_at is not None
        key = incoming_key(upload.id)
        if ended and url_expired:
            self._store.remove([key])
        elif ended:
            self._store.put_tombstone(key)
        with self._database.transaction():
            queries.one(upload.id, lock=True)
            self._jobs.finish(lease)
            if ended:
                queries.mark_tombstone(upload.id, there=not url_expired)
