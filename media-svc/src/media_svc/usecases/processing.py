"""The processing of one upload, from the claim of its job to its end (MEDIA-3, MEDIA-4); any step may run again."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from chassis import context
from chassis.contracts.media import MediaProcessed, MediaQuarantined
from chassis.db import Database
from chassis.errors import DomainError
from chassis.jobs import JobTable, LeaseLost
from chassis.outbox import Outbox
from media_svc.domain.keys import evidence_key, final_prefix
from media_svc.domain.processing import LEASE_S, PlannedObject, describe, original_name, plan, wait_seconds
from media_svc.domain.uploads import CHAT_CACHE, UploadState
from media_svc.ports import AlreadyStored, CheckUnavailable, ObjectStore, Rejected
from media_svc.queries import jobs as job_queries
from media_svc.queries import uploads as queries
from media_svc.queries.jobs import Job
from media_svc.usecases.checking import Checking, Judgement
from media_svc.usecases.leases import LeaseKeeper
from media_svc.usecases.making import NOTHING, Made, Making
from media_svc.usecases.measures import UploadMeasures
from media_svc.usecases.settling import Settling

log = structlog.get_logger("processing")

EVIDENCE_CACHE = "private, no-store"


class Processing:
    """Processes uploads, one per step. `urgent`: the same table as `jobs`, of which it claims what was taken down."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        store: ObjectStore,
        making: Making,
        checking: Checking,
        jobs: JobTable,
        urgent: JobTable,
        settling: Settling,
        measures: UploadMeasures,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._store = store
        self._making = making
        self._checking = checking
        self._jobs = jobs
        self._urgent = urgent
        self._settling = settling
        self._measures = measures

    def step(self) -> bool:
        """Carry the next due job to its end; whether there was one. What is away only puts it off."""
        return self._step(self._jobs)

    def step_urgent(self) -> bool:
        """The same of what was taken down: behind files that take minutes to decode it would stay reachable too long
        through URLs signed before (MEDIA-7)."""
        return self._step(self._urgent)

    def _step(self, jobs: JobTable) -> bool:
        job = self._claim(jobs)
        if job is None:
            return False
        with context.working("media-svc", job.request_id, job.traceparent):
            try:
                with LeaseKeeper(self._jobs, job.lease) as keeper:
                    self._process(job, keeper)
                    self._settling.settle(job.lease, keeper)
            except LeaseLost:
                log.info("processing_taken_over", upload_id=str(job.lease.id))
            except CheckUnavailable:
                self._delay(job)
            except (DomainError, OSError) as error:
                # A neighbour, the store or the disk here: none of them is the fault of the file.
                name = error.code if isinstance(error, DomainError) else type(error).__name__
                seconds = self._put_off(job)
                log.warning("processing_postponed", upload_id=str(job.lease.id), error=name, seconds=seconds)
            except Exception:
                self._jobs.postpone(job.lease, wait_seconds(job.bad_starts, urgent=job.urgent))
                raise
        return True

    def _claim(self, jobs: JobTable) -> Job | None:
        with self._database.transaction():
            for lease in jobs.claim(LEASE_S):
                return job_queries.surroundings(self._database, lease)
        return None

    def _process(self, job: Job, keeper: LeaseKeeper) -> None:
        """Judge an upload that waits for it; nothing for any other."""
        with self._database.reading():
            upload = queries.one(job.lease.id)
        if upload is None or upload.status != "processing" or upload.removed_at is not None:
            return
        started = time.monotonic()
        outcome: str
        with tempfile.TemporaryDirectory(prefix="duet-upload-") as folder:
            try:
                made, judgement = self._judge(upload, job, Path(folder))
            except Rejected as rejected:
                self._fail(upload, job, rejected)
                outcome = rejected.code
            else:
                keeper.check()
                if judgement.flag == "blocked":
                    self._block(upload, job, keeper, made, judgement)
                else:
                    self._publish(upload, job, keeper, made, judgement)
                outcome = judgement.flag
        seconds = time.monotonic() - started
        self._measures.outcomes.labels(upload.kind, outcome).inc()
        self._measures.seconds.labels(upload.kind).observe(seconds)
        log.info(
            "upload_processed", upload_id=str(upload.id), kind=upload.kind, purpose=upload.purpose, outcome=outcome,
            seconds=round(seconds, 3),
        )  # fmt: skip

    def _judge(self, upload: UploadState, job: Job, folder: Path) -> tuple[Made, Judgement]:
        """What came of an upload, and what is to become of it. What is on the hash list is blocked though it can't be
        decoded (MOD-2). Raises Rejected, CheckUnavailable, Unavailable, OSError."""
        fetched = self._making.fetch(upload, folder)
        try:
            made = self._making.decode(upload, fetched, job.bad_starts)
        except Rejected:
            known = self._checking.known_bad(fetched.sha256)
            if known is None:
                raise
            return Made(fetched.original, fetched.sha256, NOTHING), known
        return made, self._checking.judge(made.sha256_full, made.sha256_original, made.decoded.pdq, made.decoded.frames)

    def _publish(self, upload: UploadState, job: Job, keeper: LeaseKeeper, made: Made, judgement: Judgement) -> None:
        objects = self._store_files(upload, job, keeper, made, as_evidence=False)
        media = describe(
            made.decoded.files,
            objects,
            flag=judgement.flag,
            blurhash=made.decoded.blurhash,
            duration_ms=made.decoded.duration_ms,
        )
        with self._database.transaction():
            self._lock(upload, job)
            self._finish(
                upload,
                status="completed",
                error_code=None,
                media=media,
                nsfw_flag=judgement.flag,
                sha256_original=made.sha256_original,
                sha256_full=made.sha256_full,
                pdq=list(made.decoded.pdq),
                policy_version=judgement.policy_version,
            )

    def _block(self, upload: UploadState, job: Job, keeper: LeaseKeeper, made: Made, judgement: Judgement) -> None:
        """Keep everything where no viewer's key leads, and open an incident where the law wants one (MOD-2)."""
        planned = self._store_files(upload, job, keeper, made, as_evidence=True)
        never_stored = self._never_stored(upload, planned)
        reason = "hash_match" if judgement.hash_match else "minor_suspicion" if judgement.minor else None
        with self._database.transaction():
            self._lock(upload, job)
            self._finish(
                upload,
                status="blocked",
                error_code="policy",
                nsfw_flag="blocked",
                sha256_original=made.sha256_original,
                pdq=list(made.decoded.pdq),
                policy_version=judgement.policy_version,
            )
            queries.forget_objects(never_stored)
            if reason is not None:
                self._outbox.emit(
                    MediaQuarantined(
                        upload_id=upload.id,
                        owner_id=upload.owner_id,
                        conversation_id=upload.conversation_id,
                        kind=upload.kind,
                        reason=reason,
                    )
                )
            if judgement.hash_match:
                queries.stop(upload.owner_id, upload.id)
        self._measures.blocked.labels(reason or "policy").inc()
        log.warning("upload_blocked", upload_id=str(upload.id), reason=reason or "policy")

    def _fail(self, upload: UploadState, job: Job, rejected: Rejected) -> None:
        with self._database.transaction():
            self._lock(upload, job)
            self._finish(upload, status="failed", error_code=rejected.code)

    def _store_files(
        self, upload: UploadState, job: Job, keeper: LeaseKeeper, made: Made, *, as_evidence: bool
    ) -> Sequence[PlannedObject]:
        """The objects of the decoded files, in their order; as evidence the original is kept, too, after them."""
        with self._database.transaction():
            self._lock(upload, job)
            stored = {item.key: item.sha256 for item in queries.objects(upload.id)}
            objects = plan(upload, made.decoded.files, stored, job.lease.fence, as_evidence=as_evidence)
            everything = [*objects, *([_original(upload, made)] if as_evidence else [])]
            queries.plan_objects(upload.id, everything, as_evidence=as_evidence)
        cache = EVIDENCE_CACHE if as_evidence else CHAT_CACHE
        for item in everything:
            keeper.check()
            try:
                self._store.put_new(item.key, Path(item.path), content_type=item.content_type, cache_control=cache)
            except AlreadyStored:
                # By an earlier attempt, from the same bytes: its row says so.
                log.info("object_stored_before", upload_id=str(upload.id), role=item.role)
        return everything

    def _never_stored(self, upload: UploadState, planned: Sequence[PlannedObject]) -> list[str]:
        """Keys that an earlier attempt died before writing, and that this one has no use for."""
        with self._database.reading():
            left = {item.key for item in queries.objects(upload.id)} - {item.key for item in planned}
        return [key for key in left if self._store.head(key) is None]

    def _lock(self, upload: UploadState, job: Job) -> None:
        """The upload first, as everybody does, then the job. Raises LeaseLost."""
        queries.one(upload.id, lock=True)
        self._jobs.hold(job.lease)

    def _finish(self, upload: UploadState, **values: object) -> None:
        self._tell(queries.end_processing(upload.id, **values))

    def _tell(self, upload: UploadState) -> None:
        self._outbox.emit(
            MediaProcessed(
                upload_id=upload.id,
                owner_id=upload.owner_id,
                recipients=[upload.owner_id],
                purpose=upload.purpose,
                kind=upload.kind,
                status=upload.status,
                version=upload.version,
            )
        )

    def _delay(self, job: Job) -> None:
        """The check could not be made: say so once, and try again for as long as it takes. Never let it through."""
        with self._database.transaction():
            upload = queries.one(job.lease.id, lock=True)
            seconds = self._put_off(job)
            if upload is not None and upload.status == "processing" and upload.error_code is None:
                self._tell(queries.update(upload.id, error_code="check-delayed"))
        self._measures.delays.inc()
        log.warning("upload_check_delayed", upload_id=str(job.lease.id), seconds=seconds)

    def _put_off(self, job: Job) -> float:
        seconds = wait_seconds(job.waits, urgent=job.urgent)
        with self._database.transaction():
            self._jobs.postpone(job.lease, seconds)
            job_queries.count_wait(self._database, job.lease)
        return seconds


def _original(upload: UploadState, made: Made) -> PlannedObject:
    name = original_name(upload.content_type)
    key = evidence_key(final_prefix(upload.purpose, upload.scope, upload.id) + name)
    size = made.original.stat().st_size
    return PlannedObject(key, "original", str(made.original), upload.content_type, size, made.sha256_original)
