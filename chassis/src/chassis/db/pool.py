"""A pool of PostgreSQL connections whose callers wait for a free one, and which never hands out a dead one knowingly.

Not playhouse's: that one connects while it holds its lock, so that with the server frozen every thread waits for the
connect timeouts of all others, and a waiter that misses the moment of a return sleeps on for a second.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

import peewee
import psycopg2
import psycopg2.extras
from psycopg2.extensions import connection as PgConnection

from chassis.sockets import is_readable

PING_AFTER_IDLE_S = 1.0


class Pool(peewee.PostgresqlDatabase):
    """At most `max_connections`; who finds none free waits up to `timeout` seconds, then peewee.OperationalError."""

    def __init__(self, name: str, *, max_connections: int, timeout: float, **params: Any) -> None:
        self._max = max_connections
        self._timeout = timeout
        self._in_use = 0
        self._idle: list[tuple[PgConnection, float]] = []
        self._kept: set[int] = set()  # of the connections in use, those that go back to the idle ones
        self._changed = threading.Condition()
        super().__init__(name, autoconnect=False, **params)
        # Peewee would hold its lock over every connect; all that it guards here is kept per thread.
        self._lock = contextlib.nullcontext()

    def close_idle(self) -> None:
        """Close the connections that nobody uses; those in use close when they are given back."""
        with self._changed:
            idle, self._idle = self._idle, []
            self._kept.clear()
        for conn, _since in idle:
            conn.close()

    def dispose(self) -> None:
        """Forget all connections without closing any: after a fork they are the parent's."""
        super().dispose()
        self._changed = threading.Condition()
        self._in_use = 0
        self._idle = []
        self._kept = set()

    def _connect(self) -> PgConnection:
        conn, since = self._reserve()
        try:
            while conn is not None and not self._is_alive(conn, since):
                conn.close()
                with self._changed:
                    conn, since = self._idle.pop() if self._idle else (None, 0.0)
            if conn is None:
                conn = super()._connect()  # type: ignore[misc]  # the published types leave it out
                psycopg2.extras.register_uuid(conn_or_curs=conn)
        except BaseException:
            with self._changed:
                self._in_use -= 1
                self._changed.notify()
            raise
        with self._changed:
            self._kept.add(id(conn))
        return conn

    def _reserve(self) -> tuple[PgConnection | None, float]:
        """Take a place; with it comes an idle connection, or None where a new one is to be made."""
        deadline = time.monotonic() + self._timeout
        with self._changed:
            while not self._idle and self._in_use >= self._max:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise peewee.OperationalError(f"no free connection within {self._timeout:g} s")
                self._changed.wait(left)
            self._in_use += 1
            return self._idle.pop() if self._idle else (None, 0.0)

    def _close(self, conn: PgConnection) -> None:
        reusable = not conn.closed and self._adapter.is_connection_reusable(conn)  # type: ignore[attr-defined]  # as above
        with self._changed:
            self._in_use -= 1
            reusable = reusable and id(conn) in self._kept
            self._kept.discard(id(conn))
            if reusable:
                self._idle.append((conn, time.monotonic()))
            self._changed.notify()
        if not reusable:
            conn.close()

    def _is_alive(self, conn: PgConnection, since: float) -> bool:
        if conn.closed:
            return False
        if is_readable(conn.fileno()):  # a server that has something to say to an idle connection says goodbye
            return False
        if time.monotonic() - since < PING_AFTER_IDLE_S:
            return True
        try:
            with conn.cursor() as cursor:
                cursor.execute("SELECT 1")
        except psycopg2.Error:
            return False
        return True
