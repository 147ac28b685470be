"""A neighbour as use cases see it: JSON in, JSON out, and where the neighbours are."""

from __future__ import annotations

import http.client
import json as jsonlib
import time
from collections.abc import Mapping
from typing import Any

import structlog

from chassis import context
from chassis.auth import HEADER, Signer
from chassis.context import DEADLINE_HEADER, REQUEST_ID_HEADER, TRACE_HEADER, Work
from chassis.db import inside_transaction
from chassis.errors import Internal, Unavailable, from_problem
from chassis.upstream.breaker import Breaker
from chassis.upstream.http import HttpTransport
from chassis.upstream.transport import Headers, Transport

log = structlog.get_logger("upstream")

DEFAULT_TIMEOUT_S = 5.0
MAX_ANSWER_BYTES = 16 * 1024 * 1024
RATE_LIMIT_FIELDS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


class Upstream:
    """One neighbour; its refusals come out as the DomainError that it meant."""

    def __init__(self, callee: str, transport: Transport, signer: Signer) -> None:
        self.callee = callee
        self.transport = transport
        self.breaker = Breaker()
        self._signer = signer

    def call(
        self, method: str, path: str, json: Any = None, *, idempotent: bool = True, timeout: float = DEFAULT_TIMEOUT_S
    ) -> Any:
        """Call an internal route on our own behalf. Raises the neighbour's refusal, or Unavailable when the outcome
        is unknown. `timeout` in seconds for all tries together, cut to what is left of the caller's deadline."""
        if inside_transaction():
            raise RuntimeError(f"a call to {self.callee} inside an open transaction")
        work = context.current()
        deadline = time.monotonic() + work.remaining(timeout)
        body = None if json is None else jsonlib.dumps(json, separators=(",", ":")).encode()
        for _attempt in range(2 if idempotent else 1):
            left = deadline - time.monotonic()
            if left <= 0:
                raise Unavailable("The request took too long.")
            if not self.breaker.allow():
                raise Unavailable()
            try:
                status, headers, answer = self._exchange(method, path, self._headers(work, left, body), body, left)
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.breaker.failed()
                log.warning("upstream_failed", callee=self.callee, path=_shape(path), error=type(error).__name__)
                continue
            if status >= 500:
                self.breaker.failed()
                log.warning("upstream_error", callee=self.callee, path=_shape(path), status=status)
                continue
            self.breaker.succeeded()
            if 300 <= status < 400 or status in (401, 405) or (status == 403 and _code(answer) == "forbidden"):
                log.error("upstream_refused_us", callee=self.callee, path=_shape(path), status=status)
                raise Internal()
            if status >= 400:
                raise from_problem(status, answer, retry_after=_retry_after(headers), headers=_limits(headers))
            return answer
        raise Unavailable()

    def _headers(self, work: Work, left: float, body: bytes | None) -> Headers:
        headers = [
            (HEADER, self._signer.service_token(self.callee)),
            (REQUEST_ID_HEADER, work.request_id),
            (TRACE_HEADER, work.traceparent),
            (DEADLINE_HEADER, str(int(left * 1000))),
        ]
        return headers if body is None else [*headers, ("Content-Type", "application/json")]

    def _exchange(
        self, method: str, path: str, headers: Headers, body: bytes | None, timeout: float
    ) -> tuple[int, Headers, Any]:
        reply = self.transport.open(method, path, headers, body, timeout)
        try:
            raw = bytearray()
            for chunk in reply.stream:
                raw += chunk
                if len(raw) > MAX_ANSWER_BYTES:
                    raise ValueError("the answer is too large")
        finally:
            reply.close()
        try:
            return reply.status, reply.headers, jsonlib.loads(raw) if raw else None
        except RecursionError:
            raise ValueError("the answer is nested too deeply") from None


def _code(answer: Any) -> str:
    return str(answer.get("code")) if isinstance(answer, dict) else ""


def _retry_after(headers: Headers) -> int | None:
    value = next((value for name, value in headers if name.lower() == "retry-after"), "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 7 else None


def _limits(headers: Headers) -> dict[str, str]:
    """The RateLimit fields of an answer: whoever is refused in the end is told them, too."""
    fields = {field.lower(): field for field in RATE_LIMIT_FIELDS}
    given = ((fields.get(name.lower()), value) for name, value in headers)
    return {name: value for name, value in given if name and value.isascii() and value.isdecimal()}


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

    def transport(self, name: str) -> Transport:
        """Raises KeyError with the setting's meaning when nobody said where the neighbour is."""
        if name not in self._transports:
            raise KeyError(f"the address of {name} is not set")
        return self._transports[name]

    def upstream(self, name: str, signer: Signer) -> Upstream:
        return Upstream(name, self.transport(name), signer)
