"""Word between the processes of the gateway through NOTIFY: quick, and perhaps lost; the log is the truth."""

from __future__ import annotations

import json
import random
import select
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg2
import structlog
from psycopg2.extensions import connection as PgConnection

from chassis.db import Database
from gateway.stream.hub import Hub

log = structlog.get_logger("stream")

CHANNEL = "duet_stream"
MAX_PAYLOAD_BYTES = 7_900
COLLECT_S = 0.03
SIGNALS_WAITING = 2_000
LOOK_EVERY_S = 0.5
PROBE_AFTER_S = 5.0
Word = tuple[Any, ...]
"""`["user", id]`, `["session", id]` or `["signal", user id, event, data]`."""


class NotifyAnnouncer:
    """The `Announcer` of hosts with several processes.

    Callers only leave word; one thread sends it on an autocommit connection: at once what wakes or closes streams,
    after 30 ms of collecting what is only a signal. A NOTIFY inside their transactions would have commits wait for
    each other. What wakes or closes is repeated until it was sent.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._condition = threading.Condition()
        self._words: dict[Word, None] = {}
        self._signals: list[Word] = []
        self._thread: threading.Thread | None = None
        self._closing = False

    def wake(self, user_ids: Sequence[str]) -> None:
        self._leave([("user", user_id) for user_id in user_ids])

    def close_sessions(self, session_ids: Sequence[str]) -> None:
        self._leave([("session", session_id) for session_id in session_ids])

    def signal(self, user_id: str, event: str, data: Mapping[str, Any]) -> None:
        with self._condition:
            if len(self._signals) < SIGNALS_WAITING:
                self._signals.append(("signal", user_id, event, data))
                self._start()

    def close(self) -> None:
        """Send what is left, wait at most 2 s for it."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join(2.0)

    def _leave(self, words: Sequence[Word]) -> None:
        with self._condition:
            self._words.update(dict.fromkeys(words))
            self._start()

    def _start(self) -> None:
        # Only when there is something to say: threads do not survive the fork of a web process.
        if self._thread is None or not self._thread.is_alive():
            self._closing = False
            self._thread = threading.Thread(target=self._run, name="stream-notify", daemon=True)
            self._thread.start()
        self._condition.notify()

    def _run(self) -> None:
        conn: PgConnection | None = None
        failures = 0
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._closing or self._words or self._signals)
                if not failures:
                    self._condition.wait_for(lambda: self._closing or self._words, COLLECT_S)
                words, self._words = self._words, {}
                signals, self._signals = self._signals, []
                if not words and not signals and self._closing:
                    break
            try:
                if conn is None or conn.closed:
                    conn = self._database.listen_connection()
                with conn.cursor() as cursor:
                    for payload in payloads([*signals, *words]):
                        cursor.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
                failures = 0
            except psycopg2.Error as error:
                log.warning("stream_notify_lost", error=type(error).__name__)
                failures += 1
                if conn is not None:
                    conn.close()
                with self._condition:
                    if self._closing:
                        break
                    self._words = {**words, **self._words}
                    self._condition.wait_for(lambda: self._closing, _backoff(failures))
        if conn is not None:
            conn.close()


def payloads(words: Sequence[Word]) -> Iterator[str]:
    """The words as JSON lists that NOTIFY can carry; a word too long for one is dropped."""
    parts: list[str] = []
    size = 2
    for word in words:
        part = json.dumps(word, separators=(",", ":"))
        if len(part) + 2 > MAX_PAYLOAD_BYTES:
            continue
        if size + len(part) + 1 > MAX_PAYLOAD_BYTES:
            yield f"[{','.join(parts)}]"
            parts, size = [], 2
        parts.append(part)
        size += len(part) + 1
    if parts:
        yield f"[{','.join(parts)}]"


class Listener:
    """Hears the word of other processes for the hub of this one.

    Its connection comes back by itself; as word may have been lost meanwhile, everybody is woken then and reads the
    log. Works with threads as well as with gevent's greenlets.
    """

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database = database
        self._hub = hub
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="stream-listen", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(LOOK_EVERY_S + 1.0)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                conn = self._database.listen_connection()
                try:
                    with conn.cursor() as cursor:
                        cursor.execute(f"LISTEN {CHANNEL}")
                    failures = 0
                    self._hub.wake_all()
                    self._hear(conn)
                finally:
                    conn.close()
            except (psycopg2.Error, OSError) as error:
                log.warning("stream_listen_lost", error=type(error).__name__)
                failures += 1
                self._stopping.wait(_backoff(failures))

    def _hear(self, conn: PgConnection) -> None:
        poller = select.poll()
        poller.register(conn.fileno(), select.POLLIN)
        quiet = 0.0
        while not self._stopping.is_set():
            if poller.poll(LOOK_EVERY_S * 1000):
                quiet = 0.0
                conn.poll()
                while conn.notifies:
                    self._pass_on(conn.notifies.pop(0).payload)
                if conn.closed:
                    raise psycopg2.OperationalError("the connection was closed")
                continue
            quiet += LOOK_EVERY_S
            if quiet >= PROBE_AFTER_S:
                quiet = 0.0
                with conn.cursor() as cursor:
                    cursor.execute("SELECT 1")

    def _pass_on(self, payload: str) -> None:
        for word in json.loads(payload):
            match word:
                case ["user", user_id]:
                    self._hub.wake([user_id])
                case ["session", session_id]:
                    self._hub.close_sessions([session_id])
                case ["signal", user_id, event, data]:
                    self._hub.signal(user_id, event, data)


def _backoff(failures: int) -> float:
    """Seconds: 0.1–0.2 after the first failure, doubling up to 3–6."""
    return float(min(3.0, 0.1 * 2 ** (failures - 1)) * (1 + random.random()))  # noqa: S311 - spreads load, hides nothing
