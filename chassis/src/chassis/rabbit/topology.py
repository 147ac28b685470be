"""Exchanges, queues and bindings, and how every connection is set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pika
from pika.adapters.blocking_connection import BlockingChannel

from chassis.inbox import RETRY_DELAYS_MS

EXCHANGE = "duet.events"
SIGNALS = "duet.signals"
DELIVERY_LIMIT = 20
HEARTBEAT_S = 60
"""A consumer that sits in one handler for longer than this is taken for dead."""
_QUORUM = {"x-queue-type": "quorum"}
_DEAD_LETTER = {
    "x-dead-letter-exchange": "",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


def parameters(url: str) -> pika.URLParameters:
    """How we connect to the broker at `url`; a heartbeat in its query is kept."""
    params = pika.URLParameters(url)
    if params.heartbeat is None:
        params.heartbeat = HEARTBEAT_S
    params.blocked_connection_timeout = 30
    params.socket_timeout = 5
    params.stack_timeout = 10
    params.connection_attempts = 1
    return params


def declare(
    channel: BlockingChannel, service: str, types: Sequence[str], delays_ms: Sequence[int] = RETRY_DELAYS_MS
) -> None:
    """Declare the exchange, the service's queues and its bindings. Idempotent; other arguments than before fail."""
    channel.exchange_declare(EXCHANGE, "topic", durable=True)
    channel.exchange_declare(SIGNALS, "fanout", durable=False)
    if not types:
        return
    channel.queue_declare(f"{service}.dead", durable=True, arguments=_QUORUM)
    for delay in delays_ms:
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
