"""The worker process of one service: relays its outbox to RabbitMQ, consumes its events, runs its jobs."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Mapping

from chassis import logs
from chassis.config import ConfigError
from chassis.rabbit import RabbitBus
from chassis.service import Worker
from deploy import catalogue
from deploy.http_server import HttpServer

DRAIN_S = 25.0
"""Longer than a reply may take, so that a stop interrupts none."""


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
        listener = socket.create_server((env.get("HOST") or "0.0.0.0", int(port)))  # noqa: S104 - a container's port
        server = HttpServer(service.app, listener, threads=2)
    asked.wait()
    if server is not None:
        server.stop(DRAIN_S)
    worker.stop(DRAIN_S)
    bus.stop()
    service.database.close()
