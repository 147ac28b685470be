"""What travels with one piece of work through HTTP and events: request id, trace, deadline."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass

REQUEST_ID_HEADER = "X-Request-Id"
DEADLINE_HEADER = "X-Duet-Deadline-Ms"
TRACE_HEADER = "traceparent"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_TRACE = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True)
class Work:
    """The surroundings of the work at hand. `deadline` is on the monotonic clock, in seconds; None = no limit."""

    request_id: str
    traceparent: str
    service: str
    deadline: float | None = None

    def remaining(self, at_most: float) -> float:
        """Seconds left for a call that may take `at_most`; never negative."""
        if self.deadline is None:
            return at_most
        return max(0.0, min(at_most, self.deadline - time.monotonic()))


_work: ContextVar[Work | None] = ContextVar("duet_work", default=None)


def new_request_id() -> str:
    """24 hexadecimal digits by chance."""
    return secrets.token_hex(12)


def clean_request_id(given: str | None) -> str:
    """The client's request id where it is harmless to log and echo, else a new one."""
    return given if given and _REQUEST_ID.fullmatch(given) else new_request_id()


def clean_traceparent(given: str | None) -> str:
    """The caller's W3C traceparent, or a new root."""
    if given and _TRACE.fullmatch(given):
        return given
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def current() -> Work:
    """The work at hand; a fresh, unlimited one where nobody opened any (timers, the command line)."""
    return _work.get() or Work(new_request_id(), clean_traceparent(None), "")


def begin(work: Work) -> Token[Work | None]:
    """Make `work` the work at hand; the token is for `end`."""
    return _work.set(work)


def end(token: Token[Work | None]) -> None:
    """Go back to what was at hand before `begin`."""
    _work.reset(token)


@contextmanager
def working(
    service: str, request_id: str | None = None, traceparent: str | None = None, seconds: float | None = None
) -> Iterator[Work]:
    """Open the surroundings for a delivery, a job step or a timer."""
    work = Work(
        clean_request_id(request_id),
        clean_traceparent(traceparent),
        service,
        None if seconds is None else time.monotonic() + seconds,
    )
    token = _work.set(work)
    try:
        yield work
    finally:
        _work.reset(token)
