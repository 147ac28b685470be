"""Logs: one JSON object per event, with the request id and without any content."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from chassis import context

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def _add_work(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    work = context.current()
    if work.service:
        event.setdefault("service", work.service)
        event.setdefault("request_id", work.request_id)
    return event


def _name_exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where an exception came from, never its message: messages may hold what people wrote."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        frames = []
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}:{code.co_name}")
            trace = trace.tb_next
        event["exception"] = type(error).__name__
        if error.__cause__ is not None:
            event["cause"] = type(error.__cause__).__name__
        event["frames"] = frames[-8:]
    return event


class _PlaceOnly(logging.Formatter):
    """Of libraries' own log lines only where they came from and of what kind an exception was, never their texts or
    those of an exception: they may hold what people wrote."""

    def format(self, record: logging.LogRecord) -> str:
        told = {"level": record.levelname, "logger": record.name}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            told["exception"] = type(error).__name__
        return json.dumps(told)


def configure(level: str, stream: TextIO | None = None) -> None:
    """Set the process's logging up: JSON lines of `level` and above to `stream` (stderr)."""
    out = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_work,
            _name_exception,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    libraries = logging.StreamHandler(out)
    libraries.setFormatter(_PlaceOnly())
    logging.basicConfig(level=logging.WARNING, handlers=[libraries], force=True)
