"""One client's stream, frame by frame: the log from a position on, signals, heartbeats (CHAT-6)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from chassis import context
from chassis.errors import DomainError, Unauthenticated, Unavailable
from gateway.queries.stream import Entry, Slice
from gateway.stream.bodies import Bodies, Body
from gateway.stream.hub import Client, Hub
from gateway.usecases.stream import StreamLog

log = structlog.get_logger("stream")

HEARTBEAT_S = 15.0
RETRY_S = (0.2, 0.5, 1.0, 2.0, 4.0)
RECONNECT_MS = 1_000
_EVENT_ID = re.compile(r"(0|[1-9][0-9]{0,17})-([0-9a-f]{12})")


class EventIds:
    """Ids as clients see them: the position in the user's log, and a tag that no other user's ids have."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, user_id: str, position: int) -> str:
        return f"{position}-{self._tag(user_id)}"

    def open(self, user_id: str, text: str) -> int | None:
        """The position, or None for an id that was never this user's."""
        found = _EVENT_ID.fullmatch(text.strip())
        if found is None or not hmac.compare_digest(found[2], self._tag(user_id)):
            return None
        return int(found[1])

    def _tag(self, user_id: str) -> str:
        return hmac.new(self._key, user_id.encode(), hashlib.sha256).hexdigest()[:12]


@dataclass(frozen=True)
class Opened:
    """A stream that was let in: its frames, and `close`, which must be called when it ends."""

    frames: Iterator[bytes]
    close: Callable[[], None]


class Feed:
    """Opens streams. `session_is_open` tells whether a session of ours is what it was when the stream was opened
    (not ended, banned, or with another role); it may raise Unavailable. `heartbeat_s`: at most so long is a stream
    silent."""

    def __init__(
        self,
        log: StreamLog,
        bodies: Bodies,
        hub: Hub,
        ids: EventIds,
        session_is_open: Callable[[Any], bool],
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self.heartbeat_s = heartbeat_s
        self._log = log
        self._bodies = bodies
        self._hub = hub
        self._ids = ids
        self._session_is_open = session_is_open

    def open(self, session: Any, last_event_id: str | None) -> Opened:
        """A stream for the owner of `session` (`.session_id`, `.user_id`), going on after `last_event_id`.

        Raises Unavailable when there are too many streams, Unauthenticated when the session has just ended.
        """
        user_id = str(session.user_id)
        client = self._hub.connect(user_id, str(session.session_id))
        try:
            # The session may have ended after it was read and before `connect`: nobody would have told us.
            if not self._session_is_open(session):
                raise Unauthenticated()
            position, reset = self._position(user_id, last_event_id)
        except BaseException:
            self._hub.disconnect(client)
            raise
        work = context.current()
        frames = self._frames(client, session, position, reset, work.request_id)
        return Opened(frames, lambda: self._hub.disconnect(client))

    def _position(self, user_id: str, last_event_id: str | None) -> tuple[int, str | None]:
        """Where to go on, and why the client has to fetch anew if it must."""
        owner = UUID(user_id)
        if not last_event_id:
            return self._log.last(owner), None
        asked = self._ids.open(user_id, last_event_id)
        if asked is None:
            return self._log.last(owner), "unknown"
        following = self._log.after(owner, asked)
        return (following.last, "too-old") if following.lost else (asked, None)

    def _frames(
        self, client: Client, session: Any, position: int, reset: str | None, request_id: str
    ) -> Iterator[bytes]:
        def frame(event: str, data: Mapping[str, Any], number: int | None = None) -> bytes:
            return encode(event, data, None if number is None else self._ids.seal(client.user_id, number))

        yield f"retry: {RECONNECT_MS}\n".encode() + frame("ready", {}, position)
        if reset is not None:
            yield frame("reset", {"reason": reset}, position)
        beat = time.monotonic() + self.heartbeat_s
        unread, failures = True, 0
        while not client.is_closed():
            pause = beat - time.monotonic()
            if unread:
                try:
                    with context.working("gateway", request_id):
                        following, bodies = self._read(client.user_id, position)
                    failures = 0
                except DomainError as error:
                    # Order is kept: nothing is skipped, the same entries are asked for again.
                    log.info("stream_waits", error=error.code, failures=failures)
                    pause = min(pause, RETRY_S[min(failures, len(RETRY_S) - 1)])
                    failures += 1
                else:
                    if following.lost:
                        position = following.last
                        yield frame("reset", {"reason": "too-old"}, position)
                    for entry, body in bodies:
                        if client.is_closed():
                            return
                        position = entry.id
                        if body is not None:
                            yield frame(entry.event, body, position)
                    unread = position < following.last
                    if unread:
                        pause = 0.0
            news = client.wait(pause)
            if news.closed:
                return
            for event, data in news.signals:
                yield frame(event, data)
            unread = unread or news.log
            if news.session or time.monotonic() >= beat:
                if not self._still_open(session):
                    return
                yield b": still here\n\n"
                beat = time.monotonic() + self.heartbeat_s
                # A wake-up may have been lost; the log never lies.
                unread = True

    def _read(self, user_id: str, position: int) -> tuple[Slice, list[tuple[Entry, Body | None]]]:
        """What follows the position, and its entries with their bodies; none of them where some are lost."""
        following = self._log.after(UUID(user_id), position)
        if following.lost or not following.entries:
            return following, []
        bodies = self._bodies.fetch(user_id, following.entries)
        return following, list(zip(following.entries, bodies, strict=True))

    def _still_open(self, session: Any) -> bool:
        try:
            return self._session_is_open(session)
        except Unavailable:
            # Nobody can tell just now; it will be asked again.
            return True


def encode(event: str, data: Mapping[str, Any], event_id: str | None) -> bytes:
    """One server-sent event; the data is ASCII JSON on a single line."""
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
