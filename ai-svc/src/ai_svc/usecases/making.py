"""The making of one reply from the claim of its job to the delivery (CHAT-8); any step may be killed and run again."""

from __future__ import annotations

from dataclasses import replace

import structlog

from ai_svc.domain.conversation import Decision
from ai_svc.domain.decision import parse_decision
from ai_svc.domain.replies import MAX_ATTEMPTS, Asset, Failure, Outcome, Reply, wanted_media
from ai_svc.domain.without_media import as_text, in_words
from ai_svc.ports import Engine, NoAnswer
from ai_svc.queries.replies import Job
from ai_svc.usecases.choosing import MediaChoosing
from ai_svc.usecases.courier import Courier
from ai_svc.usecases.measures import ReplyMeasures
from ai_svc.usecases.replies import Replies
from ai_svc.usecases.telling import Telling
from chassis import context
from chassis.bus import Signals
from chassis.errors import DomainError
from chassis.jobs import LeaseLost

log = structlog.get_logger("replies")


class ReplyMaking:
    """Makes replies, one per step."""

    def __init__(
        self, replies: Replies, courier: Courier, engine: Engine, signals: Signals, measures: ReplyMeasures
    ) -> None:
        self._replies = replies
        self._courier = courier
        self._engine = engine
        self._signals = signals
        self._measures = measures
        self._media = MediaChoosing(replies, courier, signals, measures)

    def step(self) -> bool:
        """Carry the next due job to its end; whether there was one. A neighbour that is away only puts it off."""
        job = self._replies.claim()
        if job is None:
            return False
        with context.working("ai-svc", job.request_id, job.traceparent):
            try:
                self._carry_out(job)
            except LeaseLost:
                log.info("reply_taken_over", reply_id=str(job.id))
            except DomainError as error:
                if not error.retryable:
                    self._replies.stumble(job)
                    raise
                seconds = self._replies.wait(job)
                log.warning("reply_postponed", reply_id=str(job.id), error=error.code, seconds=seconds)
            except Exception:
                self._replies.stumble(job)
                raise
        return True

    def _carry_out(self, job: Job) -> None:
        outcome = job.outcome or self._replies.decide(job, self._decide(job))
        kind, asset = wanted_media(outcome), None
        if isinstance(outcome, Reply) and kind is not None:
            job = replace(job, wanted=kind)
            found = self._media.choose(job, outcome, kind)
            if isinstance(found, Asset):
                asset = found
            else:
                outcome = self._replies.decide(job, in_words(outcome, found, job.id))
        if isinstance(outcome, Reply) and self._deliver(job, outcome, asset):
            return
        if isinstance(outcome, Reply):
            self._replies.decide(job, Failure())
        self._fail(job)

    def _decide(self, job: Job) -> Outcome:
        if job.lease.attempts > MAX_ATTEMPTS:
            log.error("reply_given_up", reply_id=str(job.id), attempts=job.lease.attempts)
            return Failure()
        telling = Telling(job, self._signals, self._replies)
        telling.start()
        persona = self._replies.persona(job)
        if persona is None:
            log.error("companion_unknown", reply_id=str(job.id), companion_id=str(job.companion_id))
            return Failure()
        try:
            messages = self._courier.context(job, self._engine.context_messages)
            decision = (
                self._engine.answer(persona, messages, job.id, telling.begin, telling.show)
                if messages
                else parse_decision("", persona)
            )
        except NoAnswer:
            return Failure()
        except LeaseLost:
            raise
        except DomainError as error:
            if error.retryable:
                raise
            log.error("context_refused", reply_id=str(job.id), error=error.code)
            return Failure()
        return self._reply(job, decision)

    def _reply(self, job: Job, decision: Decision) -> Reply:
        log.info("reply_decided", reply_id=str(job.id), engine=self._engine.label, kind=decision.kind)
        if decision.kind == "image" or decision.kind == "video":
            return Reply(decision.text, self._engine.label, decision.kind, decision.tags)
        return Reply(as_text(decision, self._engine.label, job.id), self._engine.label)

    def _deliver(self, job: Job, reply: Reply, asset: Asset | None) -> bool:
        """False when chat-svc refuses this reply as such: then its failure has to be told."""
        if asset is None:
            self._media.undo(job)
        try:
            arrived = self._courier.deliver(job, reply, asset)
        except DomainError as error:
            if error.retryable:
                raise
            log.error("reply_refused", reply_id=str(job.id), error=error.code)
            return False
        if not arrived:
            self._media.undo(job)
        seconds = self._replies.finish(job, "done" if arrived else "failed")
        outcome = "delivered" if arrived else "unwanted"
        self._measures.replies.labels(reply.engine, outcome).inc()
        self._measures.seconds.labels(reply.engine).observe(seconds)
        log.info("reply_ended", reply_id=str(job.id), outcome=outcome, engine=reply.engine, seconds=round(seconds, 3))
        return True

    def _fail(self, job: Job) -> None:
        self._media.undo(job)
        for step in (self._courier.return_admissions, self._courier.tell_failure):
            try:
                step(job)
            except DomainError as error:
                if error.retryable:
                    raise
                log.error("failure_refused", reply_id=str(job.id), step=step.__name__, error=error.code)
        seconds = self._replies.finish(job, "failed")
        self._measures.replies.labels(self._engine.label, "failed").inc()
        log.warning("reply_ended", reply_id=str(job.id), outcome="failed", seconds=round(seconds, 3))
