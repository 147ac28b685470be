"""The media of a reply: picked, then paid for, or neither (AI-4, QUOTA-1); every step may be killed and run again."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from ai_svc.domain.replies import MAX_ATTEMPTS, Asset, Lack, MediaKind, Reply
from ai_svc.queries.replies import Job
from ai_svc.usecases.courier import Courier
from ai_svc.usecases.measures import ReplyMeasures
from ai_svc.usecases.replies import Replies
from ai_svc.usecases.telling import Telling
from chassis.bus import Signals
from chassis.errors import DomainError
from chassis.jobs import LeaseLost

log = structlog.get_logger("replies")


class MediaChoosing:
    """Gets the asset of a reply and what it costs, and undoes both."""

    def __init__(self, replies: Replies, courier: Courier, signals: Signals, measures: ReplyMeasures) -> None:
        self._replies = replies
        self._courier = courier
        self._signals = signals
        self._measures = measures

    def choose(self, job: Job, reply: Reply, kind: MediaKind) -> Asset | Lack:
        """The asset that goes out with the reply, picked, paid for and committed, or why there is none.

        Raises what makes the job wait, and LeaseLost. Where choosing ends in a defect every time, there is none.
        """
        if job.asset is not None:
            return job.asset
        if job.lease.attempts > MAX_ATTEMPTS:
            log.error("media_given_up", reply_id=str(job.id), attempts=job.lease.attempts)
            return "no-asset"
        Telling(job, self._signals, self._replies).choosing(kind)
        found = self._paid_asset(job, reply)
        outcome = "chosen" if isinstance(found, Asset) else found
        self._measures.media.labels(kind, outcome).inc()
        log.info("reply_media", reply_id=str(job.id), kind=kind, outcome=outcome)
        return found

    def undo(self, job: Job) -> None:
        """The reply ends without media: its spend is returned and its pick dropped, if there ever were any."""
        if job.wanted is None:
            return
        for step in (self._courier.return_spend, self._courier.drop_pick):
            self._unless_refused(job, step)

    def _paid_asset(self, job: Job, reply: Reply) -> Asset | Lack:
        try:
            asset = self._courier.pick(job, reply, mature=self._courier.may_see_mature(job))
            if asset is None:
                return "no-asset"
            self._replies.renew(job.lease)
            if not self._courier.spend(job, reply):
                return "no-quota"
            self._replies.keep_asset(job, asset)
            return asset
        except LeaseLost:
            raise
        except DomainError as error:
            if error.retryable:
                raise
            log.error("media_refused", reply_id=str(job.id), error=error.code)
            return "no-asset"

    @staticmethod
    def _unless_refused(job: Job, step: Callable[[Job], None]) -> None:
        """A refusal is a defect, and must not keep the user from getting the reply in words."""
        try:
            step(job)
        except DomainError as error:
            if error.retryable:
                raise
            log.error("media_undo_refused", reply_id=str(job.id), step=step.__name__, error=error.code)
