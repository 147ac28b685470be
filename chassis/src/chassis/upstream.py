"""Calls to neighbours: signed, within the remaining deadline, retried once where harmless, behind a breaker."""

from __future__ import annotations

import http.client
import io
import json as jsonlib
import select
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Protocol
from urllib.parse import urlsplit

import structlog
from werkzeug.test import EnvironBuilder, run_wsgi_app

from chassis import context
from chassis.auth import HEADER, Signer
from chassis.context import DEADLINE_HEADER, REQUEST_ID_HEADER, TRACE_HEADER
from chassis.db import inside_transaction
from chassis.errors import Internal, Unavailable, from_problem

log = structlog.get_logger("upstream")

DEFAULT_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 1.0
MAX_ANSWER_BYTES = 16 * 1024 * 1024
CHUNK = 64 * 1024
_ENTITY = ("content-type", "content-length")
Headers = Sequence[tuple[str, str]]


@dataclass
class Reply:
    """An answer whose body is still to be read. `close` must be called; reading to the end is not required."""

    status: int
    headers: Headers
    stream: Iterable[bytes]
    close: Callable[[], None]


class Transport(Protocol):
    """One neighbour that can be called. Raises OSError or HTTPException when it can't."""

    def open(
        self, method: str, path: str, headers: Headers, body: bytes | IO[bytes] | None, timeout: float
    ) -> Reply: ...


class HttpTransport:
    """A lean kept-alive HTTP/1.1 client: connections are reused last in, first out, and dropped when gone stale."""

    def __init__(self, base_url: str, *, keep: int = 64) -> None:
        parts = urlsplit(base_url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._secure = parts.scheme == "https"
        self._idle: list[http.client.HTTPConnection] = []
        self._keep = keep
        self._lock = threading.Lock()

    def open(self, method: str, path: str, headers: Headers, body: bytes | IO[bytes] | None, timeout: float) -> Reply:
        connection = self._take(timeout)
        try:
            connection.putrequest(method, path, skip_host=False, skip_accept_encoding=True)
            length = None
            for name, value in headers:
                connection.putheader(name, value)
                if name.lower() == "content-length":
                    length = value
            if isinstance(body, bytes):
                if length is None:
                    connection.putheader("Content-Length", str(len(body)))
                connection.endheaders(body)
            elif body is None:
                connection.endheaders()
            elif length is not None:
                connection.endheaders()
                self._send_exactly(connection, body, int(length))
            else:
                connection.putheader("Transfer-Encoding", "chunked")
                connection.endheaders(_chunks(body), encode_chunked=True)
            response = connection.getresponse()
        except BaseException:
            connection.close()
            raise
        return self._reply(connection, response)

    def _reply(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> Reply:
        def stream() -> Iterator[bytes]:
            while chunk := response.read1(CHUNK):
                yield chunk

        def close() -> None:
            if response.isclosed() and not response.will_close:
                with self._lock:
                    if len(self._idle) < self._keep:
                        self._idle.append(connection)
                        return
            response.close()
            connection.close()

        return Reply(response.status, response.getheaders(), stream(), close)

    @staticmethod
    def _send_exactly(connection: http.client.HTTPConnection, body: IO[bytes], length: int) -> None:
        left = length
        while left > 0:
            chunk = body.read(min(CHUNK, left))
            if not chunk:
                raise ConnectionError("the request body ended early")
            connection.send(chunk)
            left -= len(chunk)

    def _take(self, timeout: float) -> http.client.HTTPConnection:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._connect(timeout)
            # Readable while idle means closed by the other side (or garbage): not to be used again.
            if connection.sock is not None and not select.select([connection.sock], [], [], 0)[0]:
                connection.sock.settimeout(timeout)
                return connection
            connection.close()

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=min(CONNECT_TIMEOUT_S, timeout))
        connection.connect()
        if connection.sock is None:
            raise ConnectionError("no socket")
        connection.sock.settimeout(timeout)
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def _chunks(body: IO[bytes]) -> Iterator[bytes]:
    while chunk := body.read(CHUNK):
        yield chunk


class WsgiTransport:
    """Calls a neighbour that lives in this process, on the caller's thread, through its WSGI app: the same bytes."""

    def __init__(self, find_app: Callable[[], Any]) -> None:
        self._find_app = find_app

    def open(self, method: str, path: str, headers: Headers, body: bytes | IO[bytes] | None, timeout: float) -> Reply:
        fields = {name.lower(): value for name, value in headers}
        # Body, type and length go straight into the environ: the builder would seek in the stream to measure it.
        builder = EnvironBuilder(path=path, method=method, headers=[h for h in headers if h[0].lower() not in _ENTITY])
        try:
            environ = builder.get_environ()
        finally:
            builder.close()
        environ["wsgi.input"] = io.BytesIO(body or b"") if body is None or isinstance(body, bytes) else body
        if "content-type" in fields:
            environ["CONTENT_TYPE"] = fields["content-type"]
        if "content-length" in fields:
            environ["CONTENT_LENGTH"] = fields["content-length"]
        elif isinstance(body, bytes):
            environ["CONTENT_LENGTH"] = str(len(body))
        elif body is not None:
            environ["wsgi.input_terminated"] = True
        chunks, status, answer_headers = run_wsgi_app(self._find_app(), environ, buffered=False)
        close = getattr(chunks, "close", lambda: None)
        return Reply(int(status.split(" ", 1)[0]), list(answer_headers.items()), chunks, close)


class Breaker:
    """Opens after `threshold` failures in a row and lets one trial through every `cooldown` seconds until one works."""

    def __init__(self, *, threshold: int = 5, cooldown: float = 2.0) -> None:
        self._threshold = threshold
        self._cooldown = cooldown
        self._failures = 0
        self._retry_at = 0.0
        self._lock = threading.Lock()

    def allow(self) -> bool:
        """Whether a call may go out now."""
        with self._lock:
            if self._failures < self._threshold:
                return True
            now = time.monotonic()
            if now < self._retry_at:
                return False
            self._retry_at = now + self._cooldown
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= self._threshold:
                self._retry_at = time.monotonic() + self._cooldown

    @property
    def is_open(self) -> bool:
        return self._failures >= self._threshold


class Upstream:
    """One neighbour as use cases see it: JSON in, JSON out, refusals as the DomainError that the neighbour meant."""

    def __init__(self, callee: str, transport: Transport, signer: Signer) -> None:
        self.callee = callee
        self.transport = transport
        self.breaker = Breaker()
        self._signer = signer

    def call(
        self, method: str, path: str, json: Any = None, *, idempotent: bool = True, timeout: float = DEFAULT_TIMEOUT_S
    ) -> Any:
        """Call an internal route on our own behalf. Raises the neighbour's refusal, or Unavailable when the outcome
        is unknown. `timeout` in seconds, cut to what is left of the caller's deadline."""
        if inside_transaction():
            raise RuntimeError(f"a call to {self.callee} inside an open transaction")
        work = context.current()
        body = None if json is None else jsonlib.dumps(json, separators=(",", ":")).encode()
        for attempt in (1, 2) if idempotent else (2,):
            left = work.remaining(timeout)
            if left <= 0:
                raise Unavailable("The request took too long.")
            if not self.breaker.allow():
                raise Unavailable()
            headers = [
                (HEADER, self._signer.service_token(self.callee)),
                (REQUEST_ID_HEADER, work.request_id),
                (TRACE_HEADER, work.traceparent),
                (DEADLINE_HEADER, str(int(left * 1000))),
            ]
            if body is not None:
                headers.append(("Content-Type", "application/json"))
            try:
                status, answer = self._exchange(method, path, headers, body, left)
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.breaker.failed()
                log.warning("upstream_failed", callee=self.callee, path=_shape(path), error=type(error).__name__)
                if attempt == 2:
                    raise Unavailable() from error
                continue
            if status >= 500:
                self.breaker.failed()
                log.warning("upstream_error", callee=self.callee, path=_shape(path), status=status)
                if attempt == 2:
                    raise Unavailable()
                continue
            self.breaker.succeeded()
            if status in (401, 405) or (status == 403 and _code(answer) == "forbidden"):
                log.error("upstream_refused_us", callee=self.callee, path=_shape(path), status=status)
                raise Internal()
            if status >= 400:
                raise from_problem(status, answer)
            return answer
        raise Unavailable()

    def _exchange(
        self, method: str, path: str, headers: Headers, body: bytes | None, timeout: float
    ) -> tuple[int, Any]:
        reply = self.transport.open(method, path, headers, body, timeout)
        try:
            raw = bytearray()
            for chunk in reply.stream:
                raw += chunk
                if len(raw) > MAX_ANSWER_BYTES:
                    raise ValueError("the answer is too large")
        finally:
            reply.close()
        return reply.status, jsonlib.loads(raw) if raw else None


def _code(answer: Any) -> str:
    return str(answer.get("code")) if isinstance(answer, dict) else ""


def _shape(path: str) -> str:
    """A path without ids and query, for logs."""
    parts = path.split("?", 1)[0].split("/")
    return "/".join("…" if len(part) >= 32 else part for part in parts)


class Network:
    """Where the neighbours are: over HTTP by default; the embedded host puts its own transports in."""

    def __init__(
        self, urls: Mapping[str, str] | None = None, transports: Mapping[str, Transport] | None = None
    ) -> None:
        self._transports: dict[str, Transport] = dict(transports or {})
        for name, url in (urls or {}).items():
            self._transports.setdefault(name, HttpTransport(url))

    def add(self, name: str, transport: Transport) -> None:
        self._transports[name] = transport

    def transport(self, name: str) -> Transport:
        """Raises KeyError with the setting's meaning when nobody said where the neighbour is."""
        if name not in self._transports:
            raise KeyError(f"the address of {name} is not set")
        return self._transports[name]

    def upstream(self, name: str, signer: Signer) -> Upstream:
        return Upstream(name, self.transport(name), signer)
