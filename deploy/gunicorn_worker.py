"""What gunicorn's workers do differently here: their refusals are problems, and an unreadable body is no defect."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from gunicorn.http import errors
from gunicorn.util import write_nonblock

from deploy.refusals import refusal

log = structlog.get_logger("gunicorn")

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
STATUSES = {errors.LimitRequestLine: 414, errors.LimitRequestHeaders: 431}
OUR_FAULTS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName, errors.ConfigurationProblem)


class Refusing:
    """A mixin for worker classes: the answer to a request that cannot be parsed, or whose application failed."""

    def handle_error(self, _request: Any, client: Any, _address: Any, error: BaseException) -> None:
        """Answer and close; gunicorn calls it with the connection at hand."""
        if isinstance(error, errors.ParseException) and not isinstance(error, OUR_FAULTS):
            log.info("http_unreadable", error=type(error).__name__)
            status = STATUSES.get(type(error), 400)
        else:
            log.error("http_defect", exc_info=error)
            status = 500
        line, headers, body = refusal(status)
        head = [f"HTTP/1.1 {line}", *(f"{name}: {value}" for name, value in headers)]
        head += ["Connection: close", f"Content-Length: {len(body)}", "", ""]
        try:
            write_nonblock(client, "\r\n".join(head).encode("latin-1") + body)
        except OSError as gone:
            log.info("http_refusal_not_sent", error=type(gone).__name__)


def readable_bodies(app: WsgiApp) -> WsgiApp:
    """The app, to which a body that is not what HTTP says of bodies looks like one that was cut short (OSError)."""

    def wrapped(request: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request["wsgi.input"] = _Body(request["wsgi.input"])
        return app(request, start_response)

    return wrapped


class _Body(io.RawIOBase):
    """gunicorn's body, whose own errors are no OSErrors."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self._source.read(len(buffer))
        except errors.ParseException as error:
            raise OSError("the body is malformed") from error
        buffer[: len(chunk)] = chunk
        return len(chunk)
