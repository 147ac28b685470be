"""The job that drives an upload to where its row says it belongs: opened anew whenever that changes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.db import Database
from chassis.jobs import Lease


@dataclass(frozen=True)
class Job:
    """A claimed job. `waits`: how often it was put off in good order; every other start ended in a crash or defect."""

    lease: Lease
    waits: int
    urgent: bool
    request_id: str
    traceparent: str

    @property
    def bad_starts(self) -> int:
        """How often it was begun before without coming to an orderly end."""
        return self.lease.attempts - self.waits - 1


URGENT = "urgent"
"""Of the columns: what may not wait behind files that are being decoded (MEDIA-7)."""


def open_job(database: Database, upload_id: UUID, request_id: str, traceparent: str, *, urgent: bool = False) -> None:
    """Have an upload looked at, now. Whoever works on it loses the lease: what it decided may be out of date."""
    database.execute(
        "INSERT INTO processing_jobs AS job (id, request_id, traceparent, urgent) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (id) DO UPDATE SET state = 'open', run_at = now(), fence = job.fence + 1, attempts = 0,"
        " waits = 0, urgent = EXCLUDED.urgent OR (job.urgent AND job.state = 'open')",
        (upload_id, request_id, traceparent, urgent),
    )


def surroundings(database: Database, lease: Lease) -> Job:
    """What a claimed job carries."""
    row = database.row("SELECT waits, urgent, request_id, traceparent FROM processing_jobs WHERE id = %s", (lease.id,))
    if row is None:
        raise LookupError("a claimed job has no row")
    return Job(lease, *row)


def count_wait(database: Database, lease: Lease) -> None:
    """Note that a job is put off in good order."""
    database.execute("UPDATE processing_jobs SET waits = waits + 1 WHERE id = %s", (lease.id,))


def depth(database: Database) -> int:
    """Uploads being processed or waiting for it."""
    with database.reading():
        row = database.row("SELECT count(*) FROM processing_jobs WHERE state = 'open'")
    return int(row[0]) if row else 0
