"""The statements of reply requests and reply jobs: few, and in raw SQL, because every reply runs them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from ai_svc.domain.replies import (
    KEEP_FINISHED_DAYS,
    LEASE_S,
    Asset,
    Failure,
    MediaKind,
    Outcome,
    Reply,
    ReplyRequest,
    wanted_media,
)
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.jobs import Lease, LeaseLost

OPENING_ATTEMPTS = 5


@dataclass(frozen=True)
class Job:
    """A claimed reply job with all that it answers, oldest message first.

    `wanted`: the media decided on at first; `asset`: what was picked and paid for.
    """

    lease: Lease
    conversation_id: UUID
    user_id: UUID
    companion_id: UUID
    waits: int
    outcome: Outcome | None
    wanted: MediaKind | None
    asset: Asset | None
    message_ids: list[UUID]
    admissions: list[tuple[UUID, int]]
    request_id: str
    traceparent: str

    @property
    def id(self) -> UUID:
        """The id of the job, of the reply and of its message: one and the same."""
        return self.lease.id


def record_request(database: Database, request: ReplyRequest, request_id: str, traceparent: str) -> bool:
    """Write a request down; False when it was there."""
    return bool(
        database.execute(
            "INSERT INTO reply_requests (id, reply_id, conversation_id, user_id, companion_id, message_ids,"
            " admission_id, generation, request_id, traceparent)"
            " VALUES (%s, %s, %s, %s, %s, %s::uuid[], %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING",
            (
                request.id, request.reply_id, request.conversation_id, request.user_id, request.companion_id,
                request.message_ids, request.admission_id, request.generation, request_id, traceparent,
            ),
        )
    )  # fmt: skip


def open_job(database: Database, conversation_id: UUID) -> bool:
    """Make sure that a conversation with waiting requests has an open job; whether there is one now.

    A job that is open already is updated to lock it: a worker that is finishing this very job then waits for our
    commit, sees the request and opens the next job, or we wait for its commit and look again. Looking again takes a
    statement of its own: the one that waited may have chosen a request that was answered meanwhile.
    """
    for _ in range(OPENING_ATTEMPTS):
        row = database.row(
            "WITH waiting AS (SELECT reply_id, conversation_id, user_id, companion_id FROM reply_requests"
            " WHERE conversation_id = %s AND job_id IS NULL ORDER BY created_at, id LIMIT 1),"
            " opened AS (INSERT INTO reply_jobs (id, conversation_id, user_id, companion_id)"
            " SELECT * FROM waiting ON CONFLICT DO NOTHING RETURNING id)"
            " SELECT EXISTS (SELECT FROM waiting), EXISTS (SELECT FROM opened)",
            (conversation_id,),
        )
        is_waiting, is_opened = row or (False, False)
        if is_opened or not is_waiting:
            return bool(is_opened)
        locked = "UPDATE reply_jobs SET conversation_id = conversation_id WHERE conversation_id = %s AND state = 'open'"
        if database.execute(locked, (conversation_id,)):
            return True
    raise Unavailable()


def take_waiting(database: Database, lease: Lease) -> None:
    """Let an undecided job answer everything that waits in its conversation."""
    database.execute(
        "UPDATE reply_requests SET job_id = %s WHERE job_id IS NULL AND conversation_id ="
        " (SELECT conversation_id FROM reply_jobs WHERE id = %s AND outcome IS NULL)",
        (lease.id, lease.id),
    )


def job(database: Database, lease: Lease) -> Job:
    """The claimed job as it stands."""
    row = database.row(
        "SELECT conversation_id, user_id, companion_id, waits, wanted, asset, outcome, text, engine, kind, tags"
        " FROM reply_jobs WHERE id = %s",
        (lease.id,),
    )
    requests = database.rows(
        "SELECT message_ids, admission_id, generation, request_id, traceparent FROM reply_requests"
        " WHERE job_id = %s ORDER BY created_at, id",
        (lease.id,),
    )
    if row is None or not requests:
        raise LeaseLost()
    conversation_id, user_id, companion_id, waits, wanted, asset, *decided = row
    return Job(
        lease, conversation_id, user_id, companion_id, waits, _outcome(*decided), wanted,
        Asset(**asset) if asset else None,
        list(dict.fromkeys(UUID(str(message_id)) for request in requests for message_id in request[0])),
        [(admission_id, generation) for _ids, admission_id, generation, *_work in requests],
        requests[0][3], requests[0][4],
    )  # fmt: skip


def _outcome(outcome: str | None, text: str | None, engine: Any, kind: Any, tags: list[str]) -> Outcome | None:
    if outcome is None:
        return None
    return Reply(text or "", engine, kind or "text", tuple(tags)) if outcome == "reply" else Failure()


def decide(database: Database, lease: Lease, outcome: Outcome) -> None:
    """Commit what the job ends with, and a fresh lease for telling it. Raises LeaseLost."""
    reply = outcome if isinstance(outcome, Reply) else None
    touched = database.execute(
        "UPDATE reply_jobs SET outcome = %s, text = %s, engine = %s, kind = %s, tags = %s::text[], asset = NULL,"
        " wanted = coalesce(wanted, %s), waits = 0, run_at = now() + %s * interval '1 second'"
        " WHERE id = %s AND fence = %s AND state = 'open'",
        (
            *(("reply", reply.text, reply.engine, reply.kind) if reply else ("failure", None, None, None)),
            list(reply.tags) if reply else [], wanted_media(outcome), LEASE_S, lease.id, lease.fence,
        ),
    )  # fmt: skip
    if not touched:
        raise LeaseLost()


def keep_asset(database: Database, lease: Lease, asset: Asset) -> None:
    """Commit what the reply sends, picked and paid for, and a fresh lease for sending it. Raises LeaseLost."""
    touched = database.execute(
        "UPDATE reply_jobs SET asset = %s::jsonb, waits = 0, run_at = now() + %s * interval '1 second'"
        " WHERE id = %s AND fence = %s AND state = 'open'",
        (json.dumps(asdict(asset)), LEASE_S, lease.id, lease.fence),
    )
    if not touched:
        raise LeaseLost()


def give_back(database: Database, lease: Lease, seconds: float) -> None:
    """Postpone a job because of somebody else's absence: that uses up none of its attempts. Raises LeaseLost."""
    touched = database.execute(
        "UPDATE reply_jobs SET run_at = now() + %s * interval '1 second', waits = waits + 1,"
        " attempts = greatest(attempts - 1, 0) WHERE id = %s AND fence = %s AND state = 'open'",
        (seconds, lease.id, lease.fence),
    )
    if not touched:
        raise LeaseLost()


def finish(database: Database, lease: Lease, state: str) -> float:
    """End a job and forget what it said; seconds since its oldest request. Raises LeaseLost."""
    row = database.row(
        "UPDATE reply_jobs SET state = %s, text = NULL, tags = '{}', asset = NULL, finished_at = now()"
        " WHERE id = %s AND fence = %s AND state = 'open'"
        " RETURNING (SELECT extract(epoch FROM clock_timestamp() - min(created_at))"
        " FROM reply_requests WHERE job_id = reply_jobs.id)",
        (state, lease.id, lease.fence),
    )
    if row is None:
        raise LeaseLost()
    return float(row[0] or 0.0)


def depth(database: Database) -> float:
    """Open reply jobs."""
    with database.reading():
        row = database.row("SELECT count(*) FROM reply_jobs WHERE state = 'open'")
    return float(row[0]) if row is not None else 0.0


def prune(database: Database) -> int:
    """Delete jobs, and with them their requests, that finished long ago; how many."""
    return database.execute(
        "DELETE FROM reply_jobs WHERE id IN (SELECT id FROM reply_jobs"
        " WHERE finished_at < now() - %s * interval '1 day' LIMIT 10000)",
        (KEEP_FINISHED_DAYS,),
    )
