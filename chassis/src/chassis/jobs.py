"""Slow and timed work: rows claimed under a lease with a fencing number, and the loops that work on them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from chassis import context
from chassis.db import Database
from chassis.errors import Conflict, DomainError

log = structlog.get_logger("jobs")

COLUMNS = """
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'failed')),
    run_at timestamptz NOT NULL DEFAULT now(),
    fence integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0
"""
"""The columns every job table has. An open row is due when `run_at` has passed; a lease only moves `run_at`."""


class LeaseLost(Conflict):
    """Another worker has taken the row over: drop what you were doing, write nothing."""

    code = "lease-lost"


@dataclass(frozen=True)
class Lease:
    """The right to work on one row until its lease runs out; `fence` grows with every claim of the row."""

    id: UUID
    fence: int
    attempts: int


class JobTable:
    """Claiming, renewing and finishing rows of a table that has `id` and the columns of `COLUMNS`.

    `finish`, `postpone` and `hold` belong into the transaction of the step's effect: they raise LeaseLost when the
    fence has moved on, which undoes that effect. `only`: a condition (SQL) on the rows that are claimed.
    """

    def __init__(self, database: Database, table: str, *, only: str = "true") -> None:
        self._database = database
        self._table = table
        self._only = only

    def claim(self, lease_seconds: float, limit: int = 1) -> list[Lease]:
        """Take up to `limit` due rows, oldest first, skipping those that others are taking."""
        with self._database.transaction():
            # In a CTE: as a plain subquery it may be run again for each row, and claims more than `limit` then.
            rows = self._database.rows(
                f"WITH due AS MATERIALIZED (SELECT id, run_at FROM {self._table}"  # noqa: S608 - a name of ours
                f" WHERE state = 'open' AND run_at <= now() AND {self._only}"
                " ORDER BY run_at LIMIT %s FOR UPDATE SKIP LOCKED)"
                f" UPDATE {self._table} AS job SET run_at = clock_timestamp() + %s * interval '1 second',"
                " fence = fence + 1, attempts = attempts + 1 FROM due WHERE job.id = due.id"
                " RETURNING job.id, job.fence, job.attempts, due.run_at",
                (limit, lease_seconds),
            )
        rows.sort(key=lambda row: row[3])
        return [Lease(row_id, fence, attempts) for row_id, fence, attempts, _due in rows]

    def hold(self, lease: Lease) -> None:
        """Lock the row for this transaction and make sure that the lease is still ours."""
        row = self._database.row(
            f"SELECT 1 FROM {self._table} WHERE id = %s AND fence = %s AND state = 'open' FOR UPDATE",  # noqa: S608
            (lease.id, lease.fence),
        )
        if row is None:
            raise LeaseLost()

    def renew(self, lease: Lease, lease_seconds: float) -> None:
        self._guarded("run_at = now() + %s * interval '1 second'", [lease_seconds], lease)

    def finish(self, lease: Lease, state: str = "done") -> None:
        """`state`: done or failed."""
        self._guarded("state = %s", [state], lease)

    def postpone(self, lease: Lease, seconds: float) -> None:
        """Give the row back, due again after `seconds`."""
        self._guarded("run_at = now() + %s * interval '1 second'", [seconds], lease)

    def _guarded(self, assignment: str, params: list[Any], lease: Lease) -> None:
        with self._database.transaction():
            touched = self._database.execute(
                f"UPDATE {self._table} SET {assignment} WHERE id = %s AND fence = %s AND state = 'open'",  # noqa: S608
                [*params, lease.id, lease.fence],
            )
            if not touched:
                raise LeaseLost()


class Loop:
    """Runs `step` again and again in `threads` threads: at once while it finds work, else every `idle_seconds`.

    `step` returns whether it found work. `wake` makes an idle thread look at once.
    """

    def __init__(self, name: str, step: Callable[[], bool], *, idle_seconds: float, threads: int = 1) -> None:
        self.name = name
        self._step = step
        self._idle_seconds = idle_seconds
        self._count = threads
        self._condition = threading.Condition()
        self._woken = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def wake(self) -> None:
        with self._condition:
            self._woken = min(self._woken + 1, self._count)
            self._condition.notify()

    def start(self) -> None:
        self._threads = [
            threading.Thread(target=self._run, name=f"{self.name}-{n}", daemon=True) for n in range(self._count)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float) -> None:
        """Let the steps in hand finish, for at most `timeout` seconds in all."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def run_once(self) -> bool:
        """One step, with its failures logged; whether it found work."""
        with context.working(self.name):
            try:
                return self._step()
            except LeaseLost:
                log.info("lease_lost", loop=self.name)
            except DomainError as error:
                log.warning("step_postponed", loop=self.name, error=error.code)
            except Exception as error:
                log.error("step_failed", loop=self.name, exc_info=error)
            return False

    def _run(self) -> None:
        while not self._stopping:
            if self.run_once():
                continue
            with self._condition:
                if not self._woken and not self._stopping:
                    self._condition.wait(self._idle_seconds)
                self._woken = max(0, self._woken - 1)


def timer(name: str, run: Callable[[], object], *, every_seconds: float) -> Loop:
    """A loop that does `run` every so often. It may run in several processes at once: `run` must bear that."""

    def step() -> bool:
        run()
        return False

    return Loop(name, step, idle_seconds=every_seconds)
