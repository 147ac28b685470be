"""Calls to a neighbour that lives in this process, through its WSGI app: the same bytes without a socket."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO, Any
from urllib.parse import unquote_to_bytes

import structlog
from werkzeug.test import EnvironBuilder, run_wsgi_app

from chassis.upstream.transport import OF_ONE_CONNECTION, Headers, Reply

log = structlog.get_logger("upstream")

_ENTITY = ("content-type", "content-length")


class WsgiTransport:
    """Runs the neighbour's app on the caller's thread, so that there is no pool that could starve.

    Nothing can end a call from outside here: `timeout` acts through the deadline header that the neighbour reads.
    """

    def __init__(self, find_app: Callable[[], Any]) -> None:
        self._find_app = find_app

    def open(self, method: str, path: str, headers: Headers, body: bytes | IO[bytes] | None, timeout: float) -> Reply:
        try:
            chunks, status, answer_headers = run_wsgi_app(
                self._find_app(), _environ(method, path, headers, body), buffered=False
            )
        except OSError:
            raise
        except Exception as error:
            log.error("app_failed", exc_info=error)
            raise ConnectionError("the app failed") from error
        close = getattr(chunks, "close", lambda: None)
        told = [(name, value) for name, value in answer_headers.items() if name.lower() not in OF_ONE_CONNECTION]
        return Reply(int(status.split(" ", 1)[0]), told, chunks, close)


def _environ(method: str, path: str, headers: Headers, body: bytes | IO[bytes] | None) -> dict[str, Any]:
    fields = {name.lower(): value for name, value in headers}
    builder = EnvironBuilder(method=method, headers=[h for h in headers if h[0].lower() not in _ENTITY])
    try:
        environ = builder.get_environ()
    finally:
        builder.close()
    # What a server would put there. The builder would read `//x` as a host, seek in the stream to measure it, …
    raw_path, _mark, query = path.partition("?")
    environ["PATH_INFO"] = unquote_to_bytes(raw_path).decode("latin-1")
    environ["QUERY_STRING"] = query
    environ["REQUEST_URI"] = environ["RAW_URI"] = path
    environ["wsgi.input"] = io.BytesIO(body or b"") if body is None or isinstance(body, bytes) else body
    if "content-type" in fields:
        environ["CONTENT_TYPE"] = fields["content-type"]
    if "content-length" in fields:
        environ["CONTENT_LENGTH"] = fields["content-length"]
    elif isinstance(body, bytes):
        environ["CONTENT_LENGTH"] = str(len(body))
    elif body is not None:
        environ["wsgi.input_terminated"] = True
    return environ
