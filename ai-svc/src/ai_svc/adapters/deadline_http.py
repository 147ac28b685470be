"""One HTTP request whose every byte, in both directions, has to pass before a deadline.

`requests` and urllib3 limit the silence between two bytes: a server that drips one byte a second holds them for ever.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

CONNECT_S = 3.0
IDLE_S = 6.0
CHUNK = 16 * 1024


class _Clock:
    """What is left until the deadline; after the first byte of the body no more than `IDLE_S` at a time."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self.flowing = False

    def left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return min(left, IDLE_S) if self.flowing else left


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, clock: _Clock) -> None:
        self._sock = sock
        self._clock = clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed says any buffer
        self._sock.settimeout(self._clock.left())
        return self._sock.recv_into(buffer)


class _TimedSocket:
    """As much of a socket as http.client uses. Closing is left to whoever opened it."""

    def __init__(self, sock: socket.socket, clock: _Clock) -> None:
        self._sock = sock
        self._clock = clock

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock, self._clock))

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._clock.left())
        self._sock.sendall(data)

    def close(self) -> None:
        """The response goes on reading after http.client has closed its connection."""


class Exchange:
    """An answer: its status, and its body as it comes."""

    def __init__(self, response: http.client.HTTPResponse, clock: _Clock) -> None:
        self.status = response.status
        self._response = response
        self._clock = clock

    def chunks(self) -> Iterator[bytes]:
        """Raises TimeoutError, OSError, HTTPException."""
        while chunk := self._response.read1(CHUNK):
            self._clock.flowing = True
            yield chunk


@contextmanager
def post(
    url: str, headers: Mapping[str, str], body: bytes, seconds: float, tls: ssl.SSLContext | None
) -> Iterator[Exchange]:
    """POST `body`; all of it, with the reading of the answer, within `seconds`. `tls`: for https.

    Raises TimeoutError, OSError, HTTPException.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    clock = _Clock(seconds)
    sock = _connect(host, parts.port or (443 if tls else 80), clock)
    try:
        if tls is not None:
            sock.settimeout(clock.left())
            sock = tls.wrap_socket(sock, server_hostname=host)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = http.client.HTTPConnection(host, parts.port or (443 if tls else 80))
        connection.default_port = 443 if tls else 80
        connection.sock = _TimedSocket(sock, clock)
        connection.request("POST", parts.path, body, {**headers, "Connection": "close", "Accept-Encoding": "identity"})
        response = connection.getresponse()
        try:
            yield Exchange(response, clock)
        finally:
            response.close()
    finally:
        sock.close()


def _connect(host: str, port: int, clock: _Clock) -> socket.socket:
    """Like socket.create_connection, whose timeout counts anew for each address of the host."""
    failure: OSError = ConnectionError("the host has no address")
    for family, kind, protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(CONNECT_S, clock.left()))
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
            continue
        return sock
    raise failure
