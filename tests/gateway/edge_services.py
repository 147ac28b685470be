"""What tests of routing share: every service as an app that notes what reaches it, and requests signed in."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.test import TestResponse

from chassis.auth import HEADER, Identity, Verifier
from chassis.ids import uuid7
from chassis.testing import SERVICES, Keys
from chassis.upstream import HttpTransport, Network, WsgiTransport
from tests.gateway.edge import Edge, unbuffered

ID = "01a1f86c-ece3-7363-b24e-1657633b7eea"
NEIGHBOURS = [name for name in SERVICES if name != "gateway"]
USER = str(uuid7())
SIGNED_IN = {"Authorization": f"Bearer {USER}/s1"}


@dataclass
class Seen:
    """A request as it reached a service."""

    service: str
    identity: Identity
    headers: dict[str, str]
    target: str
    method: str
    size: int
    digest: str


@dataclass
class Services:
    """Every neighbour as an app that notes what it gets and answers as told."""

    keys: Keys
    seen: list[Seen] = field(default_factory=list)
    answer: Callable[[], Any] = lambda: {"ok": True}
    held: int = 0

    def measure(self) -> None:
        """Note how much memory is in use at the moment, where that is traced."""
        self.held = max(self.held, tracemalloc.get_traced_memory()[0])

    def app(self, name: str) -> Flask:
        app = Flask(name, static_folder=None)
        verifier = Verifier(name, json.loads(self.keys.jwks)["keys"])

        @app.route("/", defaults={"rest": ""}, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
        @app.route("/<path:rest>", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
        def note(rest: str) -> Any:
            digest, size = hashlib.sha256(), 0
            while chunk := request.stream.read(64 * 1024):
                digest.update(chunk)
                self.measure()
                size += len(chunk)
            headers = {key.lower(): value for key, value in request.headers.items()}
            target = request.environ["REQUEST_URI"]
            identity = verifier.verify(request.headers[HEADER])
            self.seen.append(Seen(name, identity, headers, target, request.method, size, digest.hexdigest()))
            return self.answer()

        return app


class _Below(HttpTransport):
    """A service below a path of a server."""

    def __init__(self, address: str, name: str) -> None:
        super().__init__(address)
        self._name = name

    def open(self, method: str, path: str, *rest: Any) -> Any:
        return super().open(method, f"/{self._name}{path}", *rest)


@contextmanager
def network_over(kind: str, services: Services) -> Iterator[Network]:
    """The neighbours over HTTP, or in this process as in the one-process host."""
    apps = {name: services.app(name) for name in NEIGHBOURS}
    if kind == "in process":
        yield Network(transports={name: WsgiTransport(lambda app=app: app) for name, app in apps.items()})
        return

    def by_port(environ: dict[str, Any], start_response: Any) -> Any:
        # One server is enough for four: the first word of the host's path says which app it is.
        name, _slash, rest = environ["REQUEST_URI"].lstrip("/").partition("/")
        environ["REQUEST_URI"] = environ["RAW_URI"] = "/" + rest
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(f"/{name}")
        return apps[name](environ, start_response)

    with unbuffered(by_port) as address:
        yield Network(transports={name: _Below(address, name) for name in NEIGHBOURS})


def call(edge: Edge, method: str, path: str, **options: Any) -> TestResponse:
    """Ask the edge itself, without a server, as a signed-in user."""
    headers = {**SIGNED_IN, **options.pop("headers", {})}
    return edge.app.test_client().open(path, method=method, headers=headers, buffered=True, **options)


def connect(url: str) -> http.client.HTTPConnection:
    """A connection to a server of the edge."""
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)


def raw_request(url: str, head: str) -> tuple[int, dict[str, str], bytes]:
    """Send a request that no client library would, signed in; status, headers and body of the answer."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) as client:
        client.sendall(f"{head}Authorization: {SIGNED_IN['Authorization']}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while chunk := client.recv(65536):
            answer += chunk
    top, _blank, body = answer.partition(b"\r\n\r\n")
    lines = top.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines[1:])}
    return int(lines[0].split()[1]), headers, body
