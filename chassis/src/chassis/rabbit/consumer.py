"""Delivers the events of one service, and signals, each on a thread and connection of its own."""

from __future__ import annotations

import abc
import json
import threading
import time
from typing import Any

import pika
import pika.exceptions
import structlog
from pika.adapters.blocking_connection import BlockingChannel

from chassis.bus import SignalHandler
from chassis.inbox import Dead, Dispatcher, Done, Retry
from chassis.rabbit.topology import SIGNALS, declare, parameters

log = structlog.get_logger("rabbit")

PREFETCH = 200
ACK_EVERY = 50
ACK_AFTER_S = 1.0
PUMP_AFTER_S = 1.0
"""How long the connection may go without being served (heartbeats, flow control) between two deliveries."""
MOST_SIGNALS = 10_000
_AWAY = (pika.exceptions.AMQPError, OSError)


class Connected(abc.ABC):
    """A thread that keeps a connection, and a new one with growing delay where it was lost, until told to stop."""

    def __init__(self, url: str, name: str) -> None:
        self._params = parameters(url)
        self._stopping = threading.Event()
        self.connected = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish what is in hand; what was only prefetched goes back to its queue."""
        self._stopping.set()
        self._thread.join(15.0)

    @abc.abstractmethod
    def consume(self, connection: pika.BlockingConnection) -> None:
        """Work until the connection is lost (raises) or `_stopping` is set."""

    def _run(self) -> None:
        delay = 0.1
        while not self._stopping.is_set():
            connection = None
            try:
                connection = pika.BlockingConnection(self._params)
                self.consume(connection)
            except _AWAY as error:
                log.warning("consumer_lost", thread=self._thread.name, error=type(error).__name__)
            except Exception as error:  # a defect must not end the deliveries for good
                log.error("consumer_failed", thread=self._thread.name, exc_info=error)
            if connection is not None:
                # Else the broker would keep what is unacknowledged for a connection that nobody serves.
                self._close(connection)
            delay = 0.1 if self.connected.is_set() else min(3.0, delay * 2)
            self.connected.clear()
            self._stopping.wait(delay)

    def _close(self, connection: pika.BlockingConnection) -> None:
        try:
            if connection.is_open:
                connection.close()
        except _AWAY as error:
            log.info("consumer_close_failed", thread=self._thread.name, error=type(error).__name__)


class Consumer(Connected):
    """Delivers the events of a service in order of arrival, acknowledging many at once."""

    def __init__(self, url: str, dispatcher: Dispatcher) -> None:
        super().__init__(url, f"{dispatcher.service}-consumer")
        self._dispatcher = dispatcher

    def consume(self, connection: pika.BlockingConnection) -> None:
        service = self._dispatcher.service
        channel = connection.channel()
        declare(channel, service, sorted(self._dispatcher.types), self._dispatcher.retry_delays_ms)
        channel.confirm_delivery()
        channel.basic_qos(prefetch_count=PREFETCH)
        self.connected.set()
        unacked, last = 0, 0
        acked = pumped = time.monotonic()
        for method, properties, body in channel.consume(service, inactivity_timeout=0.2):
            if method is not None:
                unacked, last = unacked + 1, method.delivery_tag
                self._deliver(channel, properties, body)
            now = time.monotonic()
            idle = method is None or channel.get_waiting_message_count() == 0
            stopping = self._stopping.is_set()
            if unacked and (idle or stopping or unacked >= ACK_EVERY or now - acked > ACK_AFTER_S):
                channel.basic_ack(last, multiple=True)
                unacked, acked = 0, now
            if stopping:
                channel.cancel()
                return
            if idle:
                pumped = now
            elif now - pumped > PUMP_AFTER_S:
                # While prefetched messages wait, the generator does no input or output at all.
                connection.process_data_events(0)
                pumped = now

    def _deliver(self, channel: BlockingChannel, properties: Any, body: bytes) -> None:
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


class SignalListener(Connected):
    """Receives signals on a queue that lives as long as its connection and drops the oldest when too long."""

    def __init__(self, url: str, handler: SignalHandler) -> None:
        super().__init__(url, "signals")
        self._handler = handler

    def consume(self, connection: pika.BlockingConnection) -> None:
        channel = connection.channel()
        channel.exchange_declare(SIGNALS, "fanout", durable=False)
        declared = channel.queue_declare("", exclusive=True, auto_delete=True, arguments={"x-max-length": MOST_SIGNALS})
        queue = declared.method.queue
        channel.queue_bind(queue, SIGNALS)
        self.connected.set()
        for method, _properties, body in channel.consume(queue, auto_ack=True, inactivity_timeout=0.2):
            if method is not None:
                self._hear(body)
            if self._stopping.is_set():
                return

    def _hear(self, body: bytes) -> None:
        try:
            self._handler(json.loads(body))
        except Exception as error:  # one bad signal must not cost the others
            log.error("signal_failed", exc_info=error)
