"""RabbitMQ through pika: confirmed publishing in flight, quorum queues with retry and dead letters, signals.

Only this package knows pika. One connection per thread.
"""

from chassis.rabbit.bus import RabbitBus
from chassis.rabbit.topology import EXCHANGE, SIGNALS, declare, declare_topology, parameters

__all__ = ["EXCHANGE", "SIGNALS", "RabbitBus", "declare", "declare_topology", "parameters"]
