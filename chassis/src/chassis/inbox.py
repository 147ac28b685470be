"""The inbox: that an event was seen, and what it did, are one transaction, so handling it twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from chassis import context
from chassis.db import Database, delete_in_batches, is_unreachable
from chassis.envelope import Envelope, Event, open_envelope
from chassis.errors import DomainError, Unavailable

log = structlog.get_logger("inbox")

DDL = """
CREATE TABLE inbox (
    event_id uuid PRIMARY KEY,
    seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbox_seen_at ON inbox (seen_at);
CREATE TABLE deliveries (
    event_id uuid PRIMARY KEY,
    type text NOT NULL,
    body bytea NOT NULL,
    attempts integer NOT NULL,
    due_at timestamptz,
    error text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
"""
KEEP_SEEN = "7 days"
RETRY_DELAYS_MS = (1_000, 10_000, 60_000)
"""The delays between attempts, in milliseconds; the last is repeated."""
MAX_ATTEMPTS = 8
"""So many failures, and a delivery is dead: about four minutes after the first."""

Handler = Callable[[Any], None]
"""What a service does with an event, inside the inbox's transaction."""


@dataclass(frozen=True)
class Done:
    """Handled now, or seen before."""


@dataclass(frozen=True)
class Retry:
    """Deliver again after `delay_ms`, as attempt number `attempt` (0 = the first)."""

    delay_ms: int
    attempt: int
    reason: str


@dataclass(frozen=True)
class Dead:
    """Never deliver again; keep it where people can look at it."""

    reason: str


Outcome = Done | Retry | Dead


class Dispatcher:
    """Handles the deliveries of one service, whichever bus brings them.

    `retry_delays_ms`: the delays between attempts; on RabbitMQ there is a queue for each.
    """

    def __init__(
        self,
        service: str,
        database: Database,
        handlers: Mapping[type[Event], Handler],
        *,
        retry_delays_ms: Sequence[int] = RETRY_DELAYS_MS,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> None:
        self.service = service
        self.retry_delays_ms = tuple(retry_delays_ms)
        self.max_attempts = max_attempts
        self.types = {event.TYPE: event for event in handlers}
        self._database = database
        self._handlers = handlers

    def dispatch(self, raw: bytes, attempt: int = 0) -> Outcome:
        """Handle one delivery. Never raises: what went wrong is the outcome."""
        try:
            envelope = open_envelope(raw)
            kind = self.types.get(envelope.type)
            if kind is None:
                return Dead(f"no handler for {envelope.type[:80]}")
            event = kind.from_data(envelope.data)
        except DomainError as error:
            return Dead(error.code + ": " + error.detail[:200])
        with context.working(self.service, envelope.requestid or None, envelope.traceparent):
            try:
                self._handle_once(envelope, event, self._handlers[kind])
            except Exception as error:  # noqa: BLE001 - judged there, by kind
                return self._judge(envelope, error, attempt)
        return Done()

    def prune(self) -> int:
        """Forget events seen more than a week ago: no bus delivers that late. How many there were."""
        return delete_in_batches(
            self._database,
            "DELETE FROM inbox WHERE event_id IN (SELECT event_id FROM inbox"  # noqa: S608 - constant
            f" WHERE seen_at < now() - interval '{KEEP_SEEN}' ORDER BY seen_at LIMIT %s)",
        )

    def _handle_once(self, envelope: Envelope, event: Event, handler: Handler) -> None:
        with self._database.transaction():
            fresh = self._database.execute(
                "INSERT INTO inbox (event_id) VALUES (%s) ON CONFLICT DO NOTHING", (envelope.id,)
            )
            if fresh:
                handler(event)

    def _judge(self, envelope: Envelope, error: Exception, attempt: int) -> Outcome:
        facts = {"service": self.service, "type": envelope.type, "event_id": str(envelope.id), "attempt": attempt}
        if isinstance(error, Unavailable) or is_unreachable(error):
            # A dependency is away: that is no fault of the event, so it does not use up its attempts.
            log.warning("delivery_postponed", **facts, error=type(error).__name__)
            return Retry(self.retry_delays_ms[0], attempt, type(error).__name__)
        if isinstance(error, DomainError) and not error.retryable:
            log.error("delivery_refused", **facts, code=error.code)
            return Dead(error.code)
        if attempt + 1 >= self.max_attempts:
            log.error("delivery_dead", **facts, error=type(error).__name__, exc_info=error)
            return Dead(f"{type(error).__name__} after {attempt + 1} attempts")
        log.error("delivery_failed", **facts, error=type(error).__name__, exc_info=error)
        delay = self.retry_delays_ms[min(attempt, len(self.retry_delays_ms) - 1)]
        return Retry(delay, attempt + 1, type(error).__name__)
