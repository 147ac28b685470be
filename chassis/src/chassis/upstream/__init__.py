"""Calls to neighbours: signed, within the remaining deadline, retried once where harmless, behind a breaker."""

from chassis.upstream.breaker import Breaker
from chassis.upstream.call import DEFAULT_TIMEOUT_S, MAX_ANSWER_BYTES, Network, Upstream
from chassis.upstream.http import CHUNK, CONNECT_TIMEOUT_S, HttpTransport
from chassis.upstream.transport import Headers, Reply, Transport
from chassis.upstream.wsgi import WsgiTransport

__all__ = [
    "CHUNK", "CONNECT_TIMEOUT_S", "DEFAULT_TIMEOUT_S", "MAX_ANSWER_BYTES", "Breaker", "Headers", "HttpTransport",
    "Network", "Reply", "Transport", "Upstream", "WsgiTransport",
]  # fmt: skip
