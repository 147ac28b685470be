"""A foreign HTTP server on a script: each request is held against what was agreed, then answered as a test says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Violation(Exception):
    """The request is not as agreed."""


class ScriptedHandler(BaseHTTPRequestHandler):
    """Checks a request, then lets the server's next behaviour answer it."""

    protocol_version = "HTTP/1.1"
    server: _Server
    asked: Any

    def read_request(self, body: bytes) -> Any:
        """What is asked, as tests look at it. Raises Violation."""
        raise NotImplementedError

    def do_POST(self) -> None:
        stub = self.server.stub
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            self.asked = self.read_request(body)
        except Violation as violation:
            stub.violations.append(str(violation))
            self.send_error(418, "not as agreed")
            return
        with stub.lock:
            stub.requests.append(self.asked)
            behaviour = stub.script.pop(0) if stub.script else stub.otherwise
        try:
            behaviour(self)
        except OSError:
            self.close_connection = True

    def abort(self) -> None:
        """Cut the connection as if the server had died."""
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True
    stub: ScriptedServer


class ScriptedServer:
    """Answers with the behaviours of `script` in order, then with `otherwise`. Use as a context manager."""

    def __init__(self, handler: type[ScriptedHandler], otherwise: Callable[[Any], None]) -> None:
        self.script: list[Callable[[Any], None]] = []
        self.otherwise = otherwise
        self.requests: list[Any] = []
        self.violations: list[str] = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.stub = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
