"""A lean HTTP/1.1 client for the hot path: kept-alive connections and one time limit over the whole exchange."""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import urlsplit

from chassis.sockets import is_readable
from chassis.upstream.transport import OF_ONE_CONNECTION, Headers, Reply

CONNECT_TIMEOUT_S = 1.0
CHUNK = 64 * 1024


class _Budget:
    """The seconds that may still be spent waiting for the neighbour; our own pauses do not count."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    def arm(self, sock: socket.socket) -> float:
        """Give the socket what is left; returns when that was. Raises TimeoutError when it is nothing."""
        if self.left <= 0:
            raise TimeoutError("the time for this call is used up")
        sock.settimeout(self.left)
        return time.monotonic()

    def charge(self, since: float) -> None:
        self.left -= time.monotonic() - since


class _NotTaken(ConnectionError):
    """The neighbour stopped reading our request."""


class _Metered(io.RawIOBase):
    """A socket's raw reader that gives each read only what is left of the budget: a slow drip ends in time, too."""

    def __init__(self, raw: Any, sock: socket.socket, budget: _Budget) -> None:
        self._raw = raw
        self._sock = sock
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        since = self._budget.arm(self._sock)
        try:
            count: int | None = self._raw.readinto(buffer)
        finally:
            self._budget.charge(since)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, budget: _Budget, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Metered(self.fp.detach(), sock, budget))


class HttpTransport:
    """Connections to one neighbour, reused last in, first out, and dropped when gone stale. For any thread."""

    def __init__(self, base_url: str, *, keep: int = 64) -> None:
        parts = urlsplit(base_url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._secure = parts.scheme == "https"
        self._idle: list[http.client.HTTPConnection] = []
        self._keep = keep
        self._lock = threading.Lock()

    def open(self, method: str, path: str, headers: Headers, body: bytes | IO[bytes] | None, timeout: float) -> Reply:
        budget = _Budget(timeout)
        connection = self._take(budget)
        taken = True
        try:
            try:
                self._send(connection, method, path, headers, body, budget)
            except _NotTaken:
                # Perhaps it has said why: a body that is too large is refused before it is read.
                taken = False
            connection.response_class = lambda sock, *args, **kwargs: _Response(  # type: ignore[assignment]  # a factory does as well
                sock, budget, *args, **kwargs
            )
            response = connection.getresponse()
            response.will_close = response.will_close or not taken
        except BaseException:
            connection.close()
            raise
        return self._reply(connection, response)

    def close(self) -> None:
        """Close the connections that nobody uses at the moment."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _send(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        headers: Headers,
        body: bytes | IO[bytes] | None,
        budget: _Budget,
    ) -> None:
        names = {name.lower(): value for name, value in headers}
        connection.putrequest(method, path, skip_host="host" in names, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        length = names.get("content-length")
        if body is None or isinstance(body, bytes):
            if body is not None and length is None:
                connection.putheader("Content-Length", str(len(body)))
            self._metered(connection, budget, connection.endheaders, body)
            return
        if length is None:
            connection.putheader("Transfer-Encoding", "chunked")
        self._metered(connection, budget, connection.endheaders)
        if length is None:
            while chunk := body.read(CHUNK):
                frame = b"%x\r\n%b\r\n" % (len(chunk), chunk)
                self._metered(connection, budget, connection.send, frame)
            self._metered(connection, budget, connection.send, b"0\r\n\r\n")
            return
        left = int(length)
        while left > 0:
            chunk = body.read(min(CHUNK, left))
            if not chunk:
                raise ConnectionError("the request body ended early")
            self._metered(connection, budget, connection.send, chunk)
            left -= len(chunk)

    @staticmethod
    def _metered(connection: http.client.HTTPConnection, budget: _Budget, send: Any, *what: Any) -> None:
        since = budget.arm(connection.sock)
        try:
            send(*what)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise _NotTaken("the request was not taken") from error
        finally:
            budget.charge(since)

    def _reply(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> Reply:
        ended = False
        closed = False

        def stream() -> Iterator[bytes]:
            nonlocal ended
            while chunk := response.read1(CHUNK):
                yield chunk
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
            ended = True

        def close() -> None:
            nonlocal closed
            if closed:
                return
            closed = True
            whole = (ended or response.length == 0) and not response.will_close
            response.close()
            if whole:
                with self._lock:
                    if len(self._idle) < self._keep:
                        self._idle.append(connection)
                        return
            connection.close()

        headers = [(name, value) for name, value in response.getheaders() if name.lower() not in OF_ONE_CONNECTION]
        return Reply(response.status, headers, stream(), close)

    def _take(self, budget: _Budget) -> http.client.HTTPConnection:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._connect(budget)
            # Readable while idle means closed by the other side (or garbage): not to be used again.
            if connection.sock is not None and not is_readable(connection.sock.fileno()):
                return connection
            connection.close()

    def _connect(self, budget: _Budget) -> http.client.HTTPConnection:
        if budget.left <= 0:
            raise TimeoutError("the time for this call is used up")
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=min(CONNECT_TIMEOUT_S, budget.left))
        since = time.monotonic()
        try:
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            connection.close()
            raise
        budget.charge(since)
        return connection
