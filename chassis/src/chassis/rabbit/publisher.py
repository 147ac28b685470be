"""Publishes with hundreds of messages in flight and takes the broker's confirms as they come."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from typing import Any

import pika
import pika.exceptions
import structlog

from chassis.errors import Unavailable
from chassis.outbox import Message
from chassis.rabbit.topology import EXCHANGE, SIGNALS, parameters

log = structlog.get_logger("rabbit")

READY_WAIT_S = 5.0
PUBLISH_TIMEOUT_S = 10.0
CLOSE_S = 3.0


class _Batch:
    """One call of `publish` waiting for its confirms."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = messages
        self.left = len(messages)
        self.acked: set[int] = set()
        self.returned: dict[int, str] = {}
        self.done = threading.Event()


class Publisher:
    """A SelectConnection in a thread of its own. Other threads only hand callbacks to that thread's loop.

    `_lock` guards what both sides touch: the connection and the batches that wait. A loop is closed only after its
    connection has been taken away under the lock, so that no callback is handed to a loop that never runs it.
    """

    def __init__(self, url: str) -> None:
        self._params = parameters(url)
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._connection: pika.SelectConnection | None = None
        self._waiting: set[_Batch] = set()
        self._channel: Any = None
        self._signals: Any = None
        self._tag = 0
        self._pending: dict[int, tuple[_Batch, Message]] = {}
        self._thread = threading.Thread(target=self._run, name="rabbit-publisher", daemon=True)
        self._thread.start()

    def publish(self, messages: Sequence[Message]) -> set[int]:
        """The ids of the messages that the broker has confirmed and could route. Raises Unavailable without one."""
        if not messages:
            return set()
        self._ready.wait(READY_WAIT_S)
        batch = _Batch(messages)
        with self._lock:
            if self._connection is None or not self._ready.is_set():
                raise Unavailable("The message broker is not available.")
            self._waiting.add(batch)
            self._connection.ioloop.add_callback_threadsafe(functools.partial(self._send, batch))
        answered = batch.done.wait(PUBLISH_TIMEOUT_S)
        with self._lock:
            self._waiting.discard(batch)
            if not answered and self._connection is not None:
                self._connection.ioloop.add_callback_threadsafe(functools.partial(self._give_up, batch))
        returned = dict(batch.returned)
        if returned:
            log.warning("events_unroutable", rows=len(returned), types=sorted(set(returned.values())))
        return set(batch.acked) - returned.keys()

    def send_signal(self, body: bytes) -> None:
        """Hand a signal over where the broker is there; otherwise it is lost."""
        with self._lock:
            if self._connection is not None and self._ready.is_set():
                self._connection.ioloop.add_callback_threadsafe(functools.partial(self._send_signal, body))

    def check(self) -> None:
        """Raises Unavailable while the broker is away or takes nothing."""
        if not self._ready.is_set():
            raise Unavailable("The message broker is not available.")

    def stop(self) -> None:
        """Close the connection; batches that wait come back with what was confirmed."""
        self._stopping.set()
        with self._lock:
            if self._connection is not None:
                self._connection.ioloop.add_callback_threadsafe(self._close)
        self._thread.join(2 * CLOSE_S)

    # Everything below runs in the publisher's own thread.

    def _run(self) -> None:
        delay = 0.1
        while not self._stopping.is_set():
            try:
                self._serve_one_connection()
            except Exception as error:  # whatever ended this connection, there must be a next one
                if self._stopping.is_set():  # pika stumbles over a connection that is closed while it opens
                    log.info("publisher_stopped", error=type(error).__name__)
                else:
                    log.error("publisher_failed", exc_info=error)
            delay = 0.1 if self._ready.is_set() else min(3.0, delay * 2)
            self._lost()
            self._stopping.wait(delay)

    def _serve_one_connection(self) -> None:
        connection = pika.SelectConnection(
            self._params,
            on_open_callback=self._opened,
            on_open_error_callback=self._ended,
            on_close_callback=self._ended,
        )
        with self._lock:
            self._connection = connection
        try:
            if not self._stopping.is_set():
                connection.ioloop.start()
        finally:
            self._forget_connection()
            if not (connection.is_closing or connection.is_closed):
                self._close_of(connection)
                connection.ioloop.start()
            connection.ioloop.close()

    def _forget_connection(self) -> None:
        with self._lock:
            self._connection = None

    def _close(self) -> None:
        if self._connection is not None:
            self._close_of(self._connection)

    @staticmethod
    def _close_of(connection: pika.SelectConnection) -> None:
        # A frozen broker never answers the close: then the loop ends without it.
        connection.ioloop.call_later(CLOSE_S, connection.ioloop.stop)
        if not (connection.is_closing or connection.is_closed):
            connection.close()  # in the middle of connecting, too: else its socket stays open

    def _opened(self, connection: pika.SelectConnection) -> None:
        if self._stopping.is_set():
            connection.close()
            return
        connection.add_on_connection_blocked_callback(lambda _connection, _frame: self._ready.clear())
        connection.add_on_connection_unblocked_callback(lambda _connection, _frame: self._unblocked())
        connection.channel(on_open_callback=self._channel_opened)
        connection.channel(on_open_callback=self._signals_opened)

    def _signals_opened(self, channel: Any) -> None:
        channel.add_on_close_callback(self._channel_closed)
        channel.exchange_declare(SIGNALS, "fanout", durable=False)
        self._signals = channel

    def _channel_opened(self, channel: Any) -> None:
        self._channel = channel
        self._tag = 0
        channel.add_on_return_callback(self._returned)
        channel.add_on_close_callback(self._channel_closed)
        channel.confirm_delivery(self._confirmed)
        channel.exchange_declare(EXCHANGE, "topic", durable=True, callback=lambda _frame: self._ready.set())

    def _channel_closed(self, channel: Any, reason: object) -> None:
        """One channel alone is no use: everything starts anew with the next connection."""
        self._ready.clear()
        connection = channel.connection
        if connection.is_open:
            log.warning("publisher_channel_closed", reason=type(reason).__name__)
            self._close_of(connection)

    def _unblocked(self) -> None:
        if self._channel is not None and self._channel.is_open:
            self._ready.set()

    def _ended(self, connection: pika.SelectConnection, reason: object) -> None:
        if not self._stopping.is_set():
            log.warning("publisher_lost", reason=type(reason).__name__)
        connection.ioloop.stop()

    def _lost(self) -> None:
        with self._lock:
            self._ready.clear()
            waiting, self._waiting = self._waiting, set()
        self._channel = self._signals = None
        self._pending = {}
        for batch in waiting:
            batch.done.set()

    def _send(self, batch: _Batch) -> None:
        channel = self._channel
        if channel is None or not channel.is_open:
            batch.done.set()
            return
        for message in batch.messages:
            self._tag += 1
            self._pending[self._tag] = (batch, message)
            channel.basic_publish(
                EXCHANGE,
                message.type,
                message.body,
                pika.BasicProperties(
                    delivery_mode=2,
                    message_id=message.event_id,
                    # Tells which publish comes back: the same event may be in flight twice after a timeout.
                    correlation_id=str(self._tag),
                    content_type="application/cloudevents+json",
                ),
                mandatory=True,
            )

    def _give_up(self, batch: _Batch) -> None:
        for tag in [tag for tag, (waiting, _message) in self._pending.items() if waiting is batch]:
            del self._pending[tag]

    def _send_signal(self, body: bytes) -> None:
        if self._signals is not None and self._signals.is_open:
            self._signals.basic_publish(SIGNALS, "", body, pika.BasicProperties(delivery_mode=1))

    def _returned(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        # Comes before the confirm of the same message.
        found = self._pending.get(int(properties.correlation_id))
        if found is not None:
            batch, message = found
            batch.returned[message.id] = message.type

    def _confirmed(self, frame: Any) -> None:
        method = frame.method
        tags = [method.delivery_tag]
        if method.multiple:
            tags = []
            for tag in self._pending:  # in the order of publishing
                if tag > method.delivery_tag:
                    break
                tags.append(tag)
        acked = isinstance(method, pika.spec.Basic.Ack)
        for tag in tags:
            found = self._pending.pop(tag, None)
            if found is None:
                continue
            batch, message = found
            if acked:
                batch.acked.add(message.id)
            batch.left -= 1
            if batch.left == 0:
                batch.done.set()
