"""RabbitMQ through pika: confirmed publishing in flight, quorum queues with retry and dead letters, signals.

Only this module knows pika. One connection per thread.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pika
import pika.exceptions
import structlog
from pika.adapters.blocking_connection import BlockingChannel

from chassis.db import Database
from chassis.errors import Unavailable
from chassis.bus import SignalHandler
from chassis.inbox import RETRY_DELAYS_MS, Dead, Dispatcher, Done, Retry
from chassis.outbox import Message

log = structlog.get_logger("rabbit")

EXCHANGE = "duet.events"
SIGNALS = "duet.signals"
DELIVERY_LIMIT = 20
PREFETCH = 200
ACK_EVERY = 50
PUBLISH_TIMEOUT_S = 10.0
_QUORUM = {"x-queue-type": "quorum"}
_DEAD_LETTER = {
    "x-dead-letter-exchange": "",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


def parameters(url: str) -> pika.URLParameters:
    params = pika.URLParameters(url)
    params.heartbeat = 30
    params.blocked_connection_timeout = 30
    params.socket_timeout = 5
    params.connection_attempts = 1
    return params


def declare(channel: BlockingChannel, service: str, types: Sequence[str]) -> None:
    """Declare the exchange, the service's queues and its bindings. Idempotent; other arguments than before fail."""
    channel.exchange_declare(EXCHANGE, "topic", durable=True)
    channel.exchange_declare(SIGNALS, "fanout", durable=False)
    if not types:
        return
    channel.queue_declare(f"{service}.dead", durable=True, arguments=_QUORUM)
    for delay in RETRY_DELAYS_MS:
        channel.queue_declare(
            f"{service}.retry.{delay}",
            durable=True,
            arguments={**_QUORUM, **_DEAD_LETTER, "x-message-ttl": delay, "x-dead-letter-routing-key": service},
        )
    limits = {"x-delivery-limit": DELIVERY_LIMIT, "x-dead-letter-routing-key": f"{service}.dead"}
    channel.queue_declare(service, durable=True, arguments={**_QUORUM, **_DEAD_LETTER, **limits})
    for kind in types:
        channel.queue_bind(service, EXCHANGE, kind)


def declare_topology(url: str, consumers: Mapping[str, Sequence[str]]) -> None:
    """Declare the queues of all services (name → event types) before any starts, so that no event is unroutable."""
    connection = pika.BlockingConnection(parameters(url))
    try:
        channel = connection.channel()
        for service, types in consumers.items():
            declare(channel, service, types)
    finally:
        connection.close()


class _Batch:
    """One call of `publish` waiting for its confirms."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = messages
        self.left = len(messages)
        self.acked: set[int] = set()
        self.returned: set[int] = set()
        self.done = threading.Event()


class _Publisher:
    """A SelectConnection in a thread of its own: hundreds of publishes in flight, confirms as they come."""

    def __init__(self, url: str) -> None:
        self._params = parameters(url)
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._connection: pika.SelectConnection | None = None
        self._channel: Any = None
        self._signals: Any = None
        self._tag = 0
        self._pending: dict[int, tuple[_Batch, Message]] = {}
        self._by_event: dict[str, tuple[_Batch, Message]] = {}
        self._thread = threading.Thread(target=self._run, name="rabbit-publisher", daemon=True)
        self._thread.start()

    def publish(self, messages: Sequence[Message]) -> set[int]:
        if not self._ready.wait(5.0):
            raise Unavailable("The message broker is not available.")
        batch = _Batch(messages)
        connection = self._connection
        if connection is None:
            raise Unavailable("The message broker is not available.")
        connection.ioloop.add_callback_threadsafe(lambda: self._send(batch))
        batch.done.wait(PUBLISH_TIMEOUT_S)
        return batch.acked - batch.returned

    def send_signal(self, body: bytes) -> None:
        connection = self._connection
        if connection is not None and self._ready.is_set():
            connection.ioloop.add_callback_threadsafe(lambda: self._send_signal(body))

    def check(self) -> None:
        if not self._ready.is_set():
            raise Unavailable("The message broker is not available.")

    def stop(self) -> None:
        self._stopping.set()
        connection = self._connection
        if connection is not None:
            connection.ioloop.add_callback_threadsafe(self._close)
        self._thread.join(5.0)

    def _close(self) -> None:
        if self._connection is not None and self._connection.is_open:
            self._connection.close()

    def _send(self, batch: _Batch) -> None:
        channel = self._channel
        if channel is None or not channel.is_open:
            batch.done.set()
            return
        for message in batch.messages:
            self._tag += 1
            self._pending[self._tag] = (batch, message)
            self._by_event[message.event_id] = (batch, message)
            channel.basic_publish(
                EXCHANGE,
                message.type,
                message.body,
                pika.BasicProperties(
                    delivery_mode=2, message_id=message.event_id, content_type="application/cloudevents+json"
                ),
                mandatory=True,
            )

    def _send_signal(self, body: bytes) -> None:
        if self._signals is not None and self._signals.is_open:
            self._signals.basic_publish(SIGNALS, "", body, pika.BasicProperties(delivery_mode=1))

    def _run(self) -> None:
        delay = 0.1
        while not self._stopping.is_set():
            self._connection = pika.SelectConnection(
                self._params,
                on_open_callback=self._opened,
                on_open_error_callback=self._failed,
                on_close_callback=self._failed,
            )
            try:
                self._connection.ioloop.start()
            except Exception as error:
                log.warning("publisher_loop_failed", error=repr(error))
            if self._ready.is_set():
                delay = 0.1
            self._lost()
            self._stopping.wait(delay)
            delay = min(3.0, delay * 2)

    def _opened(self, connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=self._channel_opened)
        connection.channel(on_open_callback=self._signals_opened)

    def _signals_opened(self, channel: Any) -> None:
        channel.exchange_declare(SIGNALS, "fanout", durable=False)
        self._signals = channel

    def _channel_opened(self, channel: Any) -> None:
        self._channel = channel
        self._tag = 0
        channel.add_on_return_callback(self._returned)
        channel.add_on_close_callback(lambda _channel, reason: self._failed(self._connection, reason))
        channel.confirm_delivery(self._confirmed)
        channel.exchange_declare(EXCHANGE, "topic", durable=True, callback=lambda _frame: self._ready.set())

    def _returned(self, _channel: Any, method: Any, properties: Any, _body: bytes) -> None:
        # Comes before the confirm of the same message.
        found = self._by_event.get(properties.message_id)
        if found is not None:
            batch, message = found
            batch.returned.add(message.id)
            log.warning("event_unroutable", type=message.type, reply=method.reply_text)

    def _confirmed(self, frame: Any) -> None:
        method = frame.method
        tags = [tag for tag in self._pending if tag <= method.delivery_tag] if method.multiple else [method.delivery_tag]
        for tag in tags:
            found = self._pending.pop(tag, None)
            if found is None:
                continue
            batch, message = found
            self._by_event.pop(message.event_id, None)
            if isinstance(method, pika.spec.Basic.Ack):
                batch.acked.add(message.id)
            batch.left -= 1
            if batch.left == 0:
                batch.done.set()

    def _failed(self, connection: Any, reason: object) -> None:
        if not self._stopping.is_set():
            log.warning("publisher_lost", reason=type(reason).__name__)
        if connection is not None:
            if connection.is_open:
                connection.close()
            connection.ioloop.stop()

    def _lost(self) -> None:
        self._ready.clear()
        self._channel = None
        self._signals = None
        pending, self._pending, self._by_event = self._pending, {}, {}
        for batch, _message in pending.values():
            batch.done.set()


class _Consumer:
    """One thread with one connection: delivers the events of a service in order of arrival."""

    def __init__(self, url: str, dispatcher: Dispatcher) -> None:
        self._params = parameters(url)
        self._dispatcher = dispatcher
        self._stopping = threading.Event()
        self.connected = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{dispatcher.service}-consumer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(15.0)

    def _run(self) -> None:
        _keep_connected(self._params, self._stopping, self.connected, self._consume)

    def _consume(self, connection: pika.BlockingConnection) -> None:
        channel = connection.channel()
        declare(channel, self._dispatcher.service, sorted(self._dispatcher.types))
        channel.confirm_delivery()
        channel.basic_qos(prefetch_count=PREFETCH)
        self.connected.set()
        unacked, last = 0, 0
        for method, properties, body in channel.consume(self._dispatcher.service, inactivity_timeout=0.2):
            if method is not None:
                unacked, last = unacked + 1, method.delivery_tag
                self._deliver(channel, method, properties, body)
            idle = method is None or channel.get_waiting_message_count() == 0
            if unacked and (idle or unacked >= ACK_EVERY or self._stopping.is_set()):
                channel.basic_ack(last, multiple=True)
                unacked = 0
            if self._stopping.is_set():
                channel.cancel()
                connection.close()
                return

    def _deliver(self, channel: BlockingChannel, method: Any, properties: Any, body: bytes) -> None:
        headers = dict(properties.headers or {})
        attempt = headers.get("attempt", 0)
        outcome = self._dispatcher.dispatch(body, attempt if isinstance(attempt, int) else 0)
        if isinstance(outcome, Done):
            return
        if isinstance(outcome, Retry):
            queue = f"{self._dispatcher.service}.retry.{outcome.delay_ms}"
            headers.update(attempt=outcome.attempt, reason=outcome.reason)
        elif isinstance(outcome, Dead):
            queue = f"{self._dispatcher.service}.dead"
            headers.update(reason=outcome.reason)
        # Published and confirmed before the delivery is acknowledged: killed in between, it comes twice, never not.
        properties.headers = headers
        properties.delivery_mode = 2
        channel.basic_publish("", queue, body, properties, mandatory=True)


class _SignalListener:
    """Receives signals on a queue that lives as long as its connection."""

    def __init__(self, url: str, handler: SignalHandler) -> None:
        self._params = parameters(url)
        self._handler = handler
        self._stopping = threading.Event()
        self.connected = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signals", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(5.0)

    def _run(self) -> None:
        _keep_connected(self._params, self._stopping, self.connected, self._consume)

    def _consume(self, connection: pika.BlockingConnection) -> None:
        channel = connection.channel()
        channel.exchange_declare(SIGNALS, "fanout", durable=False)
        queue = channel.queue_declare("", exclusive=True, auto_delete=True).method.queue
        channel.queue_bind(queue, SIGNALS)
        self.connected.set()
        for method, _properties, body in channel.consume(queue, auto_ack=True, inactivity_timeout=0.2):
            if method is not None:
                self._handler(json.loads(body))
            if self._stopping.is_set():
                connection.close()
                return


def _keep_connected(
    params: pika.URLParameters,
    stopping: threading.Event,
    connected: threading.Event,
    consume: Callable[[pika.BlockingConnection], None],
) -> None:
    """Connect, consume, and connect again with growing delay, until told to stop."""
    delay = 0.1
    while not stopping.is_set():
        try:
            consume(pika.BlockingConnection(params))
        except (pika.exceptions.AMQPError, OSError) as error:
            log.warning("consumer_lost", error=type(error).__name__)
        except Exception as error:
            log.error("consumer_failed", error=repr(error), exc_info=error)
        if connected.is_set():
            delay = 0.1
        connected.clear()
        stopping.wait(delay)
        delay = min(3.0, delay * 2)


class RabbitBus:
    """The bus of worker processes: events through `duet.events`, signals through `duet.signals`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._publisher = _Publisher(url)
        self._consumers: list[_Consumer | _SignalListener] = []

    def publish(self, messages: Sequence[Message]) -> set[int]:
        return self._publisher.publish(messages)

    def send_signal(self, signal: Mapping[str, Any]) -> None:
        self._publisher.send_signal(json.dumps(signal, separators=(",", ":")).encode())

    def consume(self, dispatcher: Dispatcher, database: Database, on_signal: SignalHandler | None) -> None:
        if dispatcher.types:
            self._consumers.append(_Consumer(self._url, dispatcher))
        if on_signal is not None:
            self._consumers.append(_SignalListener(self._url, on_signal))

    def check(self) -> None:
        self._publisher.check()
        if not all(consumer.connected.is_set() for consumer in self._consumers):
            raise Unavailable("The message broker is not available.")

    def stop(self) -> None:
        for consumer in self._consumers:
            consumer.stop()
        self._publisher.stop()
