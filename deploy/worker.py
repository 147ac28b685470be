"""The worker process of one service: relays its outbox to RabbitMQ, consumes its events, runs its jobs."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping

from waitress.server import create_server

from chassis import logs
from chassis.config import ConfigError
from chassis.rabbit import RabbitBus
from chassis.service import Worker
from deploy import catalogue


def run(name: str, env: Mapping[str, str]) -> None:
    """Run until SIGTERM or SIGINT; then finish the steps in hand and leave.

    WORKER_PORT, where set, serves health, readiness (with the bus) and metrics.
    """
    logs.configure(env.get("LOG_LEVEL") or "info")
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: asked.set())
    service = catalogue.create(name, env)
    url = service.basis.config.bus_url
    if url == "memory:":
        raise ConfigError("BUS_URL must be amqp://… for a worker process")
    bus = RabbitBus(url)
    worker = Worker(service, bus, listen=True)
    worker.start()
    server = None
    port = env.get("WORKER_PORT")
    if port:
        server = create_server(
            service.app,
            host=env.get("HOST") or "0.0.0.0",  # noqa: S104 - a container's port
            port=int(port),
            threads=2,
            ident="duet",
        )
        threading.Thread(target=server.run, name="worker-http", daemon=True).start()
    asked.wait()
    if server is not None:
        server.close()
    worker.stop()
    bus.stop()
    service.database.close()
