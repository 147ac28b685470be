"""A service is a value: its app, database, event handlers and loops. Hosts start it in whichever way they like."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from flask import Flask

from chassis.auth import Signer, Verifier
from chassis.bus import Bus, SignalHandler, Signals
from chassis.config import Common
from chassis.db import Database, pending_migrations
from chassis.envelope import Event
from chassis.errors import Unavailable
from chassis.inbox import Dispatcher, Handler
from chassis.jobs import Loop, timer
from chassis.metrics import Metrics
from chassis.outbox import Outbox, Relay
from chassis.upstream import Network

log = structlog.get_logger("service")


@dataclass
class Basis:
    """What every service is built on: one call in each `app.py` makes it from the common settings."""

    config: Common
    database: Database
    outbox: Outbox
    signals: Signals
    signer: Signer
    verifier: Verifier
    network: Network
    metrics: Metrics
    checks: dict[str, Callable[[], None]] = field(default_factory=dict)

    @classmethod
    def build(cls, config: Common, network: Network | None) -> Basis:
        database = Database(config.dsn, pool_size=config.pool_size, application=config.service)
        return cls(
            config=config,
            database=database,
            outbox=Outbox(database),
            signals=Signals(),
            signer=Signer(config.service, config.service_key),
            verifier=Verifier(config.service, config.public_keys),
            network=network or Network(config.neighbours),
            metrics=Metrics(database),
        )

    def readiness(self, migrations: Path) -> dict[str, Callable[[], None]]:
        """The checks every service has; a host may add its own to `checks` (a worker adds the bus)."""

        def migrated() -> None:
            missing = pending_migrations(self.database, migrations)
            if missing:
                raise Unavailable(f"{len(missing)} migrations are missing")

        self.checks.update(database=self.database.ping, migrations=migrated)
        return self.checks


@dataclass
class Service:
    """One service, ready to be started by a host.

    `usecases` is what the command line and the seed may do directly, beside the running platform.
    `start_web` / `stop_web` run in each web process after the fork (the gateway's stream hub lives there).
    `close_jobs` ends what the loops have started outside of this process, once they have stopped.
    """

    basis: Basis
    app: Flask
    migrations: Path
    usecases: Any = None
    handlers: Mapping[type[Event], Handler] = field(default_factory=dict)
    loops: Sequence[Loop] = ()
    on_signal: SignalHandler | None = None
    start_web: Callable[[], None] = lambda: None
    stop_web: Callable[[], None] = lambda: None
    close_jobs: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        return self.basis.config.service

    @property
    def database(self) -> Database:
        return self.basis.database


class Worker:
    """The background half of a service: relays its outbox, consumes its events, runs its loops.

    `listen`: whether other processes write to the outbox, so that their NOTIFY must be heard.
    """

    def __init__(self, service: Service, bus: Bus, *, listen: bool) -> None:
        self._service = service
        self._bus = bus
        self._consuming = False
        self._dispatcher = Dispatcher(service.name, service.database, service.handlers)
        self.relay = Relay(service.database, bus, service=service.name, listen=listen)
        self._loops = [
            *service.loops,
            timer(f"{service.name}-prune", self._prune, every_seconds=600),
        ]

    def consume(self) -> None:
        """Receive events from now on; `start` does it where it was not done before."""
        if not self._consuming:
            self._consuming = True
            self._bus.consume(self._dispatcher, self._service.database, self._service.on_signal)

    def start(self) -> None:
        service = self._service
        self.consume()
        service.basis.outbox.wake = self.relay.wake
        service.basis.signals.bus = self._bus
        service.basis.checks["bus"] = self._bus.check
        self.relay.start()
        for loop in self._loops:
            loop.start()
        log.info("worker_started", service=service.name)

    def stop(self, drain_seconds: float) -> None:
        """Let the steps in hand finish for so long, then stop relaying. The bus is stopped by whoever made it."""
        deadline = time.monotonic() + drain_seconds
        for loop in self._loops:
            loop.stop(0.0)  # none takes up new work while another one finishes
        for loop in self._loops:
            loop.stop(max(0.0, deadline - time.monotonic()))
        self._service.close_jobs()
        self.relay.stop()
        log.info("worker_stopped", service=self._service.name)

    def _prune(self) -> None:
        self.relay.prune()
        self._dispatcher.prune()
