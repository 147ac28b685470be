"""The bus of worker processes: events through `duet.events`, signals through `duet.signals`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chassis.bus import SignalHandler
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.inbox import Dispatcher
from chassis.outbox import Message
from chassis.rabbit.consumer import Connected, Consumer, SignalListener
from chassis.rabbit.publisher import Publisher


class RabbitBus:
    """One publisher for all relays of this process, and a consumer per dispatcher."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._publisher = Publisher(url)
        self._consumers: list[Connected] = []

    def publish(self, messages: Sequence[Message]) -> set[int]:
        return self._publisher.publish(messages)

    def send_signal(self, signal: Mapping[str, Any]) -> None:
        self._publisher.send_signal(json.dumps(signal, separators=(",", ":")).encode())

    def consume(self, dispatcher: Dispatcher, database: Database, on_signal: SignalHandler | None) -> None:
        if dispatcher.types:
            self._add(Consumer(self._url, dispatcher))
        if on_signal is not None:
            self._add(SignalListener(self._url, on_signal))

    def check(self) -> None:
        self._publisher.check()
        if not all(consumer.connected.is_set() for consumer in self._consumers):
            raise Unavailable("The message broker is not available.")

    def stop(self) -> None:
        for consumer in self._consumers:
            consumer.stop()
        self._publisher.stop()

    def _add(self, consumer: Connected) -> None:
        self._consumers.append(consumer)
        consumer.start()
