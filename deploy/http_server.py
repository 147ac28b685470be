"""waitress in a thread, with a stop that lets answers in hand finish and does not wait for idle connections."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.server import create_server
from waitress.task import ErrorTask

from deploy.refusals import refusal

LOOP_S = 0.5


class _Parser(HTTPRequestParser):
    """Refuses what another server might read as a different request (RFC 9112, 3.2 and 6.1)."""

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except TransferEncodingNotImplemented as error:
            raise ParsingError("transfer encoding") from error
        if "TRANSFER_ENCODING" in self.headers:
            raise ParsingError("a transfer encoding before HTTP/1.1")
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("two ways to tell the length")
        host = self.headers.get("HOST")
        if "," in (host or "") or (host is None and self.version == "1.1"):
            raise ParsingError("not one host")


class _Refusal(ErrorTask):
    """What the server itself refuses, told like every other error."""

    def execute(self) -> None:
        # Here `request` is the parser that met the error.
        status = self.request.error.code  # type: ignore[attr-defined]  # its type stubs say otherwise
        self.status, self.response_headers, body = refusal(status)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):
    """A connection with our parser and our refusals."""

    parser_class = _Parser
    error_task_class = _Refusal

    def handle_close(self) -> None:
        if self.request is not None:
            # What came of a body whose sender has gone may wait in a file.
            self.request.close()
        super().handle_close()


class HttpServer:
    """Serves a WSGI app on a bound socket. `threads` bounds requests at once, open streams included."""

    def __init__(self, app: Any, listener: socket.socket, *, threads: int) -> None:
        self._server: Any = create_server(
            app,
            sockets=[listener],
            threads=threads,
            connection_limit=4000,
            backlog=1024,
            asyncore_use_poll=True,
            channel_timeout=75,
            max_request_body_size=200 * 1024 * 1024,
            ident="duet",
            clear_untrusted_proxy_headers=False,
        )
        self._server.channel_class = _Channel  # type: ignore[union-attr]  # one socket makes no MultiSocketServer
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Accept nothing more, let requests finish for up to `timeout` seconds, then close every connection."""
        server = self._server
        # Sockets belong to the loop's thread: it closes the listening one.
        server.trigger.pull_trigger(lambda: wasyncore.dispatcher.close(server))
        server.task_dispatcher.shutdown(timeout=timeout)
        deadline = time.monotonic() + 1.0
        while any(channel.total_outbufs_len for channel in list(server.active_channels.values())):
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
        self._ended.set()
        server.trigger.pull_trigger()
        self._thread.join(LOOP_S * 4)
        wasyncore.close_all(server._map, ignore_all=True)

    def _run(self) -> None:
        while not self._ended.is_set():
            wasyncore.loop(timeout=LOOP_S, use_poll=True, map=self._server._map, count=1)
