"""Server-sent events: the hub of open streams in this process, and how processes tell each other about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from chassis.bus import SignalHandler
from chassis.db import Database
from gateway.ports import Announcer
from gateway.stream.hub import Hub
from gateway.stream.notify import Listener, NotifyAnnouncer

log = structlog.get_logger("stream")

STREAM_SHARE = 4
"""No user holds more than one in so many of the streams that a process has."""
SIGNALS = ("reply.started", "reply.progress", "reply.delta")


@dataclass(frozen=True)
class Live:
    """The live half of the stream: `announcer` for use cases and the worker, `start` / `stop` for web processes."""

    hub: Hub
    announcer: Announcer
    _listener: Listener | None
    _notifier: NotifyAnnouncer | None

    @classmethod
    def build(cls, database: Database, bus_url: str, max_streams: int) -> Live:
        """With the in-process bus there is one process, whose hub is told directly; else NOTIFY goes between them."""
        hub = Hub(max_streams, per_user=max(1, max_streams // STREAM_SHARE))
        if bus_url == "memory:":
            return cls(hub, hub, None, None)
        notifier = NotifyAnnouncer(database)
        return cls(hub, notifier, Listener(database, hub), notifier)

    def start(self) -> None:
        """Take streams and hear from other processes; in each web process, after the fork."""
        self.hub.open()
        if self._listener is not None:
            self._listener.start()

    def stop(self) -> None:
        """End all streams at once."""
        self.hub.close()
        if self._listener is not None:
            self._listener.stop()
        if self._notifier is not None:
            self._notifier.close()


def on_signal(announcer: Announcer) -> SignalHandler:
    """What the gateway's worker does with the signals of its neighbours: it passes them on to the user's streams."""

    def receive(signal: Mapping[str, Any]) -> None:
        user_id, event, data = signal.get("user_id"), signal.get("event"), signal.get("data")
        if isinstance(user_id, str) and event in SIGNALS and isinstance(data, dict):
            announcer.signal(user_id, str(event), data)
        else:
            log.warning("signal_not_understood")

    return receive
