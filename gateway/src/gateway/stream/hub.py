"""The open streams of this process: who is connected, and who has to look again. It blocks nobody and holds no data."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.errors import Unavailable

SIGNALS_KEPT = 256
"""How many signals wait for a slow client; further ones are dropped."""


@dataclass(frozen=True)
class News:
    """Why a stream was woken. `log`: the user's log may have grown; `session`: it must be checked again."""

    closed: bool
    log: bool
    session: bool
    signals: Sequence[tuple[str, Mapping[str, Any]]]


class Client:
    """One open stream. Its own thread or greenlet waits here; everybody else only leaves word and goes on."""

    def __init__(self, user_id: str, session_id: str) -> None:
        self.user_id = user_id
        self.session_id = session_id
        self._closed = False
        self._condition = threading.Condition()
        self._log = False
        self._session = False
        self._signals: deque[tuple[str, Mapping[str, Any]]] = deque()

    def is_closed(self) -> bool:
        return self._closed

    def wait(self, seconds: float) -> News:
        """What has happened since the last call; waits for it for at most `seconds`."""
        with self._condition:
            self._condition.wait_for(self._woken, max(0.0, seconds))
            news = News(self._closed, self._log, self._session, tuple(self._signals))
            self._log = self._session = False
            self._signals.clear()
            return news

    def wake(self, *, session: bool = False) -> None:
        with self._condition:
            self._log = True
            self._session = self._session or session
            self._condition.notify()

    def push(self, event: str, data: Mapping[str, Any]) -> None:
        with self._condition:
            if len(self._signals) < SIGNALS_KEPT:
                self._signals.append((event, data))
                self._condition.notify()

    def close(self) -> None:
        with self._condition:
            self._closed = True
            self._condition.notify()

    def _woken(self) -> bool:
        return self._closed or self._log or self._session or bool(self._signals)


class Hub:
    """All open streams of this process. It is the `Announcer` of a host that is one process."""

    def __init__(self, max_streams: int, *, per_user: int) -> None:
        self._max_streams = max_streams
        self._per_user = per_user
        self._lock = threading.Lock()
        self._clients: dict[str, list[Client]] = {}
        self._count = 0
        self._closing = False

    def connect(self, user_id: str, session_id: str) -> Client:
        """A new stream of a user. Raises Unavailable when there are too many, or the process is about to end.

        Of a user with too many the oldest one ends: most likely nobody reads it any more, which only shows when
        something is written to it. So nobody can take the streams of all others.
        """
        client = Client(user_id, session_id)
        with self._lock:
            mine = self._clients.get(user_id, [])
            replaces = len(mine) >= self._per_user
            if self._closing or (self._count >= self._max_streams and not replaces):
                raise Unavailable("There are too many open streams at the moment.", retry_after=5)
            oldest = mine.pop(0) if replaces else None
            self._count += not replaces
            self._clients.setdefault(user_id, mine).append(client)
        if oldest is not None:
            oldest.close()
        return client

    def disconnect(self, client: Client) -> None:
        """Forget a stream; a second time it does nothing."""
        with self._lock:
            clients = self._clients.get(client.user_id, [])
            if client in clients:
                clients.remove(client)
                self._count -= 1
                if not clients:
                    del self._clients[client.user_id]

    def open_streams(self) -> int:
        return self._count

    def wake(self, user_ids: Sequence[str]) -> None:
        for user_id in user_ids:
            for client in self._of(user_id):
                client.wake()

    def signal(self, user_id: str, event: str, data: Mapping[str, Any]) -> None:
        for client in self._of(user_id):
            client.push(event, data)

    def close_sessions(self, session_ids: Sequence[str]) -> None:
        ending = set(session_ids)
        for client in self._all():
            if client.session_id in ending:
                client.close()

    def wake_all(self) -> None:
        """Word may have been lost: everybody reads his log and has his session checked."""
        for client in self._all():
            client.wake(session=True)

    def open(self) -> None:
        """Take streams (again)."""
        self._closing = False

    def close(self) -> None:
        """End all streams and take no more."""
        with self._lock:
            self._closing = True
        for client in self._all():
            client.close()

    def _of(self, user_id: str) -> list[Client]:
        with self._lock:
            return list(self._clients.get(user_id, ()))

    def _all(self) -> list[Client]:
        with self._lock:
            return [client for clients in self._clients.values() for client in clients]
