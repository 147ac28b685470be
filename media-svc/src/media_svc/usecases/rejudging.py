"""Judges media again whose verdict is of another policy version (MEDIA-4); may be broken off and started again."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import structlog

from chassis.contracts.media import MediaQuarantined, MediaStandingChanged
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.outbox import Outbox
from media_svc.domain.limits import MAX_FRAMES_PER_SECOND, MAX_PIXELS, MAX_SIDE
from media_svc.domain.uploads import UploadState, rule_of
from media_svc.ports import CheckUnavailable, DecodeLimits, MediaDecoder, NoObject, ObjectStore, Rejected
from media_svc.queries import retention as queries
from media_svc.queries import uploads as upload_queries
from media_svc.queries.retention import Completed
from media_svc.usecases.checking import Checking, Judgement
from media_svc.usecases.takedowns import Takedowns

log = structlog.get_logger("retention")


@dataclass
class Rejudged:
    """How many were judged otherwise than by today's policy, and what came of them. `unreadable`: their objects are
    missing or can't be decoded; they keep their verdict, and `duet media verify` names them."""

    found: int = 0
    unchanged: int = 0
    changed: int = 0
    blocked: int = 0
    unreadable: int = 0


class Rejudging:
    """Looks at what is shown, the re-encoded file, as the first check did."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        store: ObjectStore,
        decoder: MediaDecoder,
        checking: Checking,
        policy_version: str,
        takedowns: Takedowns,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._store = store
        self._decoder = decoder
        self._checking = checking
        self._policy_version = policy_version
        self._takedowns = takedowns

    def reprocess(self, *, dry_run: bool = False) -> Rejudged:
        """All of them, by id. Raises Unavailable where store or check are away: what was judged until then is kept."""
        done = Rejudged()
        after = None
        while True:
            with self._database.reading():
                page = queries.judged_otherwise(self._database, self._policy_version, after)
            for one in page:
                done.found += 1
                if not dry_run:
                    self._rejudge(one, done)
            if len(page) < queries.PAGE:
                break
            after = page[-1].upload_id
        log.info("media_reprocessed", dry_run=dry_run, policy_version=self._policy_version, **vars(done))
        return done

    def _rejudge(self, one: Completed, done: Rejudged) -> None:
        with self._database.reading():
            upload = upload_queries.one(one.upload_id)
        if upload is None or upload.media is None:
            return
        with tempfile.TemporaryDirectory(prefix="duet-rejudge-") as folder:
            try:
                judgement = self._judge(one, upload, Path(folder))
            except CheckUnavailable as error:
                raise Unavailable("The content check is not available at the moment.") from error
            except (NoObject, Rejected, ValueError) as error:
                log.error("media_unreadable", upload_id=str(upload.id), error=type(error).__name__)
                done.unreadable += 1
                return
        with self._database.transaction():
            current = upload_queries.one(upload.id, lock=True)
            if current is None or current.media is None or current.held or current.removed_at is not None:
                return
            if judgement.flag == "blocked":
                self._block(current, judgement)
                done.blocked += 1
            elif judgement.flag == current.nsfw_flag:
                queries.mark_judged(self._database, current.id, judgement.policy_version)
                done.unchanged += 1
            else:
                self._change(current, judgement)
                done.changed += 1

    def _judge(self, one: Completed, upload: UploadState, folder: Path) -> Judgement:
        """Raises NoObject, Rejected, ValueError, Unavailable, CheckUnavailable."""
        media = upload.media or {}
        source, target = folder / "full", folder / "made"
        target.mkdir()
        size = int(media["size_bytes"])
        self._store.fetch(media["key"], source, at_most=size)
        duration = rule_of(upload.purpose, upload.kind).max_duration_ms
        limits = DecodeLimits(size, duration, MAX_PIXELS, MAX_SIDE, MAX_FRAMES_PER_SECOND)
        decoded = self._decoder.decode(
            source, kind=upload.kind, content_type=media["content_type"], limits=limits, target=target
        )
        return self._checking.judge(one.sha256_full, one.sha256_original, decoded.pdq, decoded.frames)

    def _change(self, upload: UploadState, judgement: Judgement) -> None:
        media = {**(upload.media or {}), "nsfw_flag": judgement.flag}
        changed = upload_queries.update(
            upload.id, nsfw_flag=judgement.flag, media=media, policy_version=judgement.policy_version
        )
        self._outbox.emit(
            MediaStandingChanged(upload_id=upload.id, nsfw_flag=judgement.flag, removed=False, version=changed.version)
        )

    def _block(self, upload: UploadState, judgement: Judgement) -> None:
        """Take it down as evidence, and open an incident where the law wants one (MOD-2)."""
        queries.mark_judged(self._database, upload.id, judgement.policy_version)
        self._takedowns.hold(upload.id, "policy")
        if not (judgement.hash_match or judgement.minor):
            return
        self._outbox.emit(
            MediaQuarantined(
                upload_id=upload.id,
                owner_id=upload.owner_id,
                conversation_id=upload.conversation_id,
                kind=upload.kind,
                reason="hash_match" if judgement.hash_match else "minor_suspicion",
            )
        )
        if judgement.hash_match:
            upload_queries.stop(upload.owner_id, upload.id)
