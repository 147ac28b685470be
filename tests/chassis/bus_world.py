"""A publisher, consumers and relays on either bus, for tests that hold for both."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pika
from chassis_kit import Databases, Poked

from chassis.bus import Bus, MemoryBus, SignalHandler
from chassis.db import Database
from chassis.envelope import Event
from chassis.errors import Unavailable
from chassis.ids import uuid7
from chassis.inbox import Dispatcher
from chassis.outbox import Outbox, Relay
from chassis.rabbit import RabbitBus
from chassis.testing import eventually

DELAYS_MS = (50, 100)
MAX_ATTEMPTS = 3


@dataclass
class Consumer:
    """One consuming service: its database, and what its handler saw."""

    service: str
    database: Database
    seen: list[UUID] = field(default_factory=list)

    def effects(self) -> list[UUID]:
        """What the handlers committed, in order."""
        with self.database.reading():
            return [row[0] for row in self.database.rows("SELECT poke_id FROM effects ORDER BY id")]


class World:
    """Everything of one test; `kind` is memory or rabbit."""

    def __init__(self, kind: str, databases: Databases, amqp_url: str) -> None:
        self.kind = kind
        self.amqp_url = amqp_url
        self.databases = databases
        self.publisher = databases.make(f"publisher_{uuid.uuid4().hex}")
        self.outbox = Outbox(self.publisher)
        self._relays: list[Relay] = []
        self.bus = self.new_bus()
        self.consuming: list[Bus] = []

    def new_bus(self) -> Bus:
        return MemoryBus() if self.kind == "memory" else RabbitBus(self.amqp_url)

    def consumer(
        self,
        handle: Callable[[Event], None] | None = None,
        *,
        kinds: Sequence[type[Event]] = (Poked,),
        on_signal: SignalHandler | None = None,
        service: str | None = None,
        database: Database | None = None,
    ) -> Consumer:
        """A service that consumes from now on; `handle` runs before the effect is written and may raise."""
        name = service or f"svc-{uuid.uuid4().hex[:8]}"
        made = Consumer(name, database or self.databases.make(f"consumer_{uuid.uuid4().hex}"))

        def work(event: Any) -> None:
            about = UUID(event.subject())
            made.seen.append(about)
            if handle is not None:
                handle(event)
            made.database.execute("INSERT INTO effects (poke_id) VALUES (%s)", (about,))

        dispatcher = Dispatcher(
            name,
            made.database,
            dict.fromkeys(kinds, work),
            retry_delays_ms=DELAYS_MS,
            max_attempts=MAX_ATTEMPTS,
        )
        bus = self.bus if self.kind == "memory" else self.new_bus()
        self.consuming.append(bus)
        bus.consume(dispatcher, made.database, on_signal)
        self.ready(bus)
        return made

    @staticmethod
    def ready(bus: Bus) -> None:
        """Wait until the bus can be used."""

        def usable() -> bool:
            try:
                bus.check()
            except Unavailable:
                return False
            return True

        eventually(usable)

    def relay(self, *, listen: bool = False) -> Relay:
        made = Relay(self.publisher, self.bus, service="publisher", listen=listen)
        self._relays.append(made)
        if not listen:
            self.outbox.wake = made.wake
        made.start()
        return made

    def emit(self, count: int = 1, kind: type[Any] = Poked) -> list[UUID]:
        """Events in one transaction; their ids."""
        ids = [uuid7() for _ in range(count)]
        with self.publisher.transaction():
            for one in ids:
                self.outbox.emit(kind(one))
        return ids

    def unpublished(self) -> int:
        with self.publisher.reading():
            row = self.publisher.row("SELECT count(*) FROM outbox WHERE published_at IS NULL")
        assert row is not None
        return int(row[0])

    def dead(self, consumer: Consumer) -> list[str]:
        """Why deliveries of this consumer were given up."""
        if self.kind == "memory":
            with consumer.database.reading():
                return [row[0] for row in consumer.database.rows("SELECT error FROM deliveries WHERE due_at IS NULL")]
        reasons = []
        connection = pika.BlockingConnection(pika.URLParameters(self.amqp_url))
        channel = connection.channel()
        while True:
            method, properties, _body = channel.basic_get(f"{consumer.service}.dead")
            if method is None:
                break
            headers: Mapping[str, Any] = properties.headers or {}
            reasons.append(str(headers["reason"]))
        connection.close()  # what was not acknowledged goes back
        return reasons

    def close(self) -> None:
        for relay in self._relays:
            relay.stop()
        for bus in (*self.consuming, self.bus):
            bus.stop()
