"""The life of reply requests and jobs: every method is one transaction, fenced where it ends or decides something."""

from __future__ import annotations

from collections.abc import Callable

from ai_svc.domain.conversation import Persona
from ai_svc.domain.replies import LEASE_S, Asset, Outcome, ReplyRequest, wait_seconds
from ai_svc.queries import companions
from ai_svc.queries import replies as queries
from ai_svc.queries.replies import Job
from chassis import context
from chassis.db import Database
from chassis.jobs import JobTable, Lease


class Replies:
    """At most one job per conversation is open; requests that come meanwhile wait for the next one (CHAT-8)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs = JobTable(database, "reply_jobs")

    def request(self, request: ReplyRequest, wake: Callable[[], None]) -> None:
        """Record that a reply is wanted; the same request again changes nothing. `wake` runs after the commit."""
        work = context.current()
        with self._database.transaction():
            if queries.record_request(self._database, request, work.request_id, work.traceparent):
                queries.open_job(self._database, request.conversation_id)
                self._database.after_commit(wake)

    def claim(self) -> Job | None:
        """The next due job. Undecided, it takes over everything that waits in its conversation."""
        with self._database.transaction():
            for lease in self._jobs.claim(LEASE_S):
                queries.take_waiting(self._database, lease)
                return queries.job(self._database, lease)
        return None

    def persona(self, job: Job) -> Persona | None:
        """The companion that is to answer, active or not: what was asked of it before it left is still answered."""
        with self._database.reading():
            return companions.persona(job.companion_id)

    def renew(self, lease: Lease) -> None:
        """Raises LeaseLost."""
        self._jobs.renew(lease, LEASE_S)

    def decide(self, job: Job, outcome: Outcome) -> Outcome:
        """Commit the decision: from here on a re-run never asks a model again. Raises LeaseLost."""
        with self._database.transaction():
            queries.decide(self._database, job.lease, outcome)
        return outcome

    def keep_asset(self, job: Job, asset: Asset) -> None:
        """Commit what is sent: from here on a re-run only sends it. Raises LeaseLost."""
        with self._database.transaction():
            queries.keep_asset(self._database, job.lease, asset)

    def wait(self, job: Job) -> float:
        """Put a job off because a neighbour is away; for how many seconds. Raises LeaseLost."""
        seconds = wait_seconds(job.waits)
        with self._database.transaction():
            queries.give_back(self._database, job.lease, seconds)
        return seconds

    def stumble(self, job: Job) -> None:
        """Put a job off because of a defect: that counts as an attempt. Raises LeaseLost."""
        self._jobs.postpone(job.lease, wait_seconds(job.lease.attempts))

    def finish(self, job: Job, state: str) -> float:
        """End a job and open the conversation's next one where requests wait; seconds since its oldest request."""
        with self._database.transaction():
            seconds = queries.finish(self._database, job.lease, state)
            queries.open_job(self._database, job.conversation_id)
            return seconds

    def prune(self) -> int:
        """Forget replies that ended long ago."""
        with self._database.transaction():
            return queries.prune(self._database)
