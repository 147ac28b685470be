"""The bus as services see it, and the in-process one of the embedded host: same outbox, same bytes, same inbox."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from chassis.db import Database
from chassis.errors import DomainError, Unavailable
from chassis.inbox import MAX_ATTEMPTS, Dead, Dispatcher, Done, Outcome, Retry
from chassis.outbox import Message

log = structlog.get_logger("bus")

SignalHandler = Callable[[Mapping[str, Any]], None]
"""Receives one signal; it must be quick and must not raise."""


class Bus(Protocol):
    """What carries events (never lost) and signals (may be lost) between services."""

    def publish(self, messages: Sequence[Message]) -> set[int]:
        """The row ids that the bus has taken responsibility for."""

    def send_signal(self, signal: Mapping[str, Any]) -> None:
        """Hand a signal to whoever listens now. Never raises, never waits."""

    def consume(self, dispatcher: Dispatcher, database: Database, on_signal: SignalHandler | None) -> None:
        """Deliver the dispatcher's event types (and signals) from now on."""

    def check(self) -> None:
        """Raises Unavailable when the bus can't be used."""

    def stop(self) -> None:
        """Finish what is in hand and stop delivering."""


class Signals:
    """Where use cases send what may be lost (typing, streamed text). Without a bus, as in web processes, it is."""

    def __init__(self) -> None:
        self.bus: Bus | None = None

    def send(self, signal: Mapping[str, Any]) -> None:
        if self.bus is not None:
            self.bus.send_signal(signal)


class MemoryBus:
    """Publishing hands the event to every consumer and confirms when all have committed.

    There is no queue: an unconfirmed row stays in the outbox and is handed over again; so does one that nobody
    consumes yet. Retry delays and dead letters are rows of the consumer's `deliveries` table.
    """

    SWEEP_S = 0.25
    PUBLISH_S = 10.0
    """A batch that takes longer is cut short: its rows are locked, its transaction open."""

    def __init__(self) -> None:
        self._consumers: list[tuple[Dispatcher, Database]] = []
        self._listeners: list[SignalHandler] = []
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def consume(self, dispatcher: Dispatcher, database: Database, on_signal: SignalHandler | None) -> None:
        self._consumers.append((dispatcher, database))
        if on_signal is not None:
            self._listeners.append(on_signal)
        if self._thread is None:
            self._thread = threading.Thread(target=self._redeliver, name="bus-redeliver", daemon=True)
            self._thread.start()

    def publish(self, messages: Sequence[Message]) -> set[int]:
        self.check()
        confirmed = set()
        until = time.monotonic() + self.PUBLISH_S
        for message in messages:
            if self._stopping.is_set() or time.monotonic() > until:
                break
            if self._hand_over(message):
                confirmed.add(message.id)
        return confirmed

    def send_signal(self, signal: Mapping[str, Any]) -> None:
        # The same bytes as on a real bus, so that nothing unserialisable works here only.
        body = json.dumps(signal)
        for listener in self._listeners:
            try:
                listener(json.loads(body))
            except Exception as error:  # a signal may be lost, the sender's work may not
                log.error("signal_failed", exc_info=error)

    def check(self) -> None:
        if self._stopping.is_set():
            raise Unavailable("The bus has stopped.")

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(10.0)

    def redeliver_due(self) -> int:
        """Deliver what is due again; how many rows were tried."""
        return sum(self._redeliver_to(dispatcher, database) for dispatcher, database in self._consumers)

    def _redeliver_to(self, dispatcher: Dispatcher, database: Database) -> int:
        tried = 0
        try:
            with database.reading():
                due = database.rows(
                    "SELECT event_id, body, attempts FROM deliveries WHERE due_at <= now() ORDER BY due_at LIMIT 100"
                )
            for event_id, body, attempts in due:
                outcome = dispatcher.dispatch(bytes(body), attempts)
                with database.transaction():
                    _update_delivery(database, str(event_id), outcome)
                tried += 1
        except DomainError as error:
            log.warning("redelivery_postponed", service=dispatcher.service, error=error.code)
        except Exception as error:  # the other consumers' deliveries go on
            log.error("redelivery_failed", service=dispatcher.service, exc_info=error)
        return tried

    def _hand_over(self, message: Message) -> bool:
        """Whether every consumer has it now, done or written down; False where there is none."""
        found = False
        for dispatcher, database in self._consumers:
            if message.type not in dispatcher.types:
                continue
            found = True
            outcome = dispatcher.dispatch(message.body)
            if isinstance(outcome, Done):
                continue
            try:
                with database.transaction():
                    _write_delivery(database, message, outcome)
            except DomainError as error:
                log.warning("delivery_not_recorded", service=dispatcher.service, error=error.code)
                return False
            except Exception as error:  # the events behind this one go on
                log.error("delivery_not_recorded", service=dispatcher.service, exc_info=error)
                return False
        return found

    def _redeliver(self) -> None:
        while not self._stopping.wait(self.SWEEP_S):
            self.redeliver_due()


def _write_delivery(database: Database, message: Message, outcome: Retry | Dead) -> None:
    """Keep what could not be handled now. Handed over once more, it keeps the attempts and the time it had."""
    attempts, delay = _standing(outcome)
    database.execute(
        "INSERT INTO deliveries (event_id, type, body, attempts, due_at, error)"
        " VALUES (%s, %s, %s, %s, now() + %s * interval '1 second', %s) ON CONFLICT (event_id) DO NOTHING",
        (message.event_id, message.type, message.body, attempts, delay, outcome.reason),
    )


def _update_delivery(database: Database, event_id: str, outcome: Outcome) -> None:
    """Bring the row of an event in line with how its last delivery ended."""
    if isinstance(outcome, Done):
        database.execute("DELETE FROM deliveries WHERE event_id = %s", (event_id,))
        return
    attempts, delay = _standing(outcome)
    database.execute(
        "UPDATE deliveries SET attempts = %s, due_at = now() + %s * interval '1 second', error = %s"
        " WHERE event_id = %s",
        (attempts, delay, outcome.reason, event_id),
    )


def _standing(outcome: Retry | Dead) -> tuple[int, float | None]:
    """Attempts so far and seconds until the next; None: there is none."""
    return (outcome.attempt, outcome.delay_ms / 1000) if isinstance(outcome, Retry) else (MAX_ATTEMPTS, None)
