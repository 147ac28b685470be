"""Passes a request on to the service that owns its path and the answer back, both as streams."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, cast

import structlog
from flask import Request, Response, g

from chassis import auth, context
from chassis.auth import ANONYMOUS, Identity, Signer
from chassis.context import DEADLINE_HEADER, REQUEST_ID_HEADER, TRACE_HEADER
from chassis.errors import DomainError, Internal, Malformed, NotFound, Unauthenticated, Unavailable
from chassis.upstream import Breaker, Headers, Network, Reply
from gateway.proxy.body import MAX_BODY_BYTES, MAX_UPLOAD_BYTES, AheadBody, body_of
from gateway.proxy.table import Path, has_signed_url, is_public, owner_of, read_path, read_query

log = structlog.get_logger("proxy")

TIMEOUT_S = 20.0
MAX_HEADER_BYTES = 32 * 1024
MAX_PROBLEM_BYTES = 64 * 1024
HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
     "transfer-encoding", "upgrade")
)  # fmt: skip
NOT_PASSED_ON = HOP_BY_HOP | frozenset(
    ("authorization", "cookie", "content-length", "expect", "forwarded", "host", "x-csrf-token", "x-real-ip",
     "x-request-id", "traceparent", "tracestate", "baggage")
)  # fmt: skip
NOT_PASSED_BACK = HOP_BY_HOP | frozenset(
    ("date", "server", "set-cookie", "set-cookie2", "x-powered-by", "x-request-id")
)
_OWN_PREFIXES = ("x-duet-", "x-forwarded-")
_BODILESS = (204, 304)


class Forwarder:
    """The way to the services: a transport and a breaker each."""

    def __init__(self, network: Network, signer: Signer) -> None:
        self._network = network
        self._signer = signer
        self._breakers: dict[str, Breaker] = {}

    def forward(self, incoming: Request) -> Response:
        """The owner's answer. Raises NotFound where nobody owns the path, Unauthenticated, or Unavailable."""
        path = read_path(incoming.environ)
        service = owner_of(path)
        if service is None:
            raise NotFound()
        identity = self._identity(incoming.method, path, service)
        left = context.current().remaining(TIMEOUT_S)
        if left <= 0:
            raise Unavailable("The request took too long.")
        given = passed_on(incoming.headers.items())
        body = body_of(incoming, MAX_UPLOAD_BYTES if has_signed_url(path) else MAX_BODY_BYTES)
        if body:
            # Reading it may have taken longer than an identity lives.
            identity = self._identity(incoming.method, path, service)
        headers = [*given, *_own_headers(incoming, identity, left)]
        if isinstance(body, AheadBody) and incoming.content_length:
            headers.append(("Content-Length", str(incoming.content_length)))
        target = path.text + read_query(incoming.environ)
        reply = self._open(service, incoming.method, target, headers, cast(IO[bytes] | bytes | None, body), left)
        if reply.status >= 500:
            raise _told_by(service, reply)
        answer_headers = passed_back(reply.headers)
        if incoming.method == "HEAD" or reply.status in _BODILESS:
            # The server never asks for a body here, so nothing would close the reply later.
            reply.close()
            return _answer(None, reply.status, answer_headers)
        response = _answer(_whole(service, reply), reply.status, answer_headers)
        response.call_on_close(reply.close)
        return response

    def _identity(self, method: str, path: Path, audience: str) -> str:
        identity = g.get("identity")
        if isinstance(identity, Identity) and identity.is_user:
            session = g.get("session")
            return self._signer.token(
                audience,
                subject=identity.subject,
                role=identity.role,
                session_id=identity.session_id,
                version=str(session.version) if session is not None else "",
            )
        if not is_public(method, path):
            raise Unauthenticated()
        return self._signer.token(audience, subject=ANONYMOUS, role=ANONYMOUS)

    def _open(
        self, service: str, method: str, target: str, headers: Headers, body: bytes | IO[bytes] | None, left: float
    ) -> Reply:
        breaker = self._breakers.setdefault(service, Breaker())
        transport = self._network.transport(service)
        # Only what may be repeated, and only where the connection (a kept one, most likely) died without an answer.
        tries = 2 if method in ("GET", "HEAD") and body is None else 1
        for attempt in range(1, tries + 1):
            if not breaker.allow():
                raise Unavailable()
            try:
                # A second more than the service was given, so that its own refusal arrives.
                reply = transport.open(method, target, headers, body, left + 1.0)
            except (OSError, http.client.HTTPException) as error:
                breaker.failed()
                log.warning("proxy_failed", callee=service, error=type(error).__name__, attempt=attempt)
                died = isinstance(error, ConnectionResetError | BrokenPipeError | http.client.BadStatusLine)
                if attempt == tries or not died:
                    raise Unavailable() from error
                continue
            # A service that tells us in our own words what is away behind it is not away itself: nobody else may be
            # kept from what it can still do.
            if reply.status >= 500 and not _is_problem(reply):
                breaker.failed()
            else:
                breaker.succeeded()
            return reply
        raise Unavailable()


def passed_on(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The client's headers that reach a service: nothing about identity, the way here or this one connection.

    Raises Malformed for more than 32 KiB of them.
    """
    given = list(headers)
    if sum(len(name) + len(value) for name, value in given) > MAX_HEADER_BYTES:
        raise Malformed("The headers are too large.")
    return _without(given, NOT_PASSED_ON)


def passed_back(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """A service's headers that reach the client."""
    return _without(list(headers), NOT_PASSED_BACK)


def _without(headers: list[tuple[str, str]], unwanted: frozenset[str]) -> list[tuple[str, str]]:
    named = {
        token.strip().lower() for name, value in headers if name.lower() == "connection" for token in value.split(",")
    }
    # A client must not have us drop what a request needs by naming it here.
    named -= {"content-type", "content-encoding", "content-length"}
    return [
        (name, value)
        for name, value in headers
        if name.lower() not in unwanted and name.lower() not in named and not name.lower().startswith(_OWN_PREFIXES)
    ]


def _own_headers(incoming: Request, identity: str, left: float) -> list[tuple[str, str]]:
    work = context.current()
    return [
        (auth.HEADER, identity),
        (REQUEST_ID_HEADER, work.request_id),
        (TRACE_HEADER, work.traceparent),
        (DEADLINE_HEADER, str(int(left * 1000))),
        ("X-Forwarded-For", incoming.remote_addr or ""),
        ("X-Forwarded-Proto", incoming.scheme),
    ]


def _answer(body: Iterator[bytes] | None, status: int, headers: Headers) -> Response:
    """An answer with these headers and none that the framework would add."""
    response = Response(body, status)
    response.automatically_set_content_length = False
    response.headers.clear()
    response.headers.extend(headers)
    return response


def _whole(service: str, reply: Reply) -> Iterator[bytes]:
    """The body. Raises where it ends too early, so that the client's connection ends broken instead of complete."""
    length = reply.header("content-length")
    sent = 0
    try:
        for chunk in reply.stream:
            sent += len(chunk)
            yield chunk
        if length is not None and sent < int(length):
            raise ConnectionError("the answer ended early")
    except (OSError, http.client.HTTPException) as error:
        log.warning("proxy_cut", callee=service, error=type(error).__name__)
        raise


def _told_by(service: str, reply: Reply) -> DomainError:
    """A service's failure as our own: its code and sentence where it says `unavailable`, never anything else."""
    try:
        problem = _problem_in(reply)
    finally:
        reply.close()
    log.warning("proxy_error", callee=service, status=reply.status)
    if reply.status == 500 or reply.status == 501:
        return Internal("Something went wrong on our side.")
    retry_after = reply.header("retry-after") or "1"
    seconds = int(retry_after) if retry_after.isdecimal() else 1
    if reply.status == 503 and problem is not None:
        return Unavailable(str(problem.get("detail") or ""), code=str(problem["code"]), retry_after=seconds)
    return Unavailable(retry_after=seconds)


def _is_problem(reply: Reply) -> bool:
    return (reply.header("content-type") or "").startswith("application/problem+json")


def _problem_in(reply: Reply) -> Mapping[str, Any] | None:
    if not _is_problem(reply):
        return None
    raw = bytearray()
    try:
        for chunk in reply.stream:
            raw += chunk
            if len(raw) > MAX_PROBLEM_BYTES:
                return None
        problem = json.loads(raw)
    except (OSError, ValueError, http.client.HTTPException):
        return None
    return problem if isinstance(problem, dict) and isinstance(problem.get("code"), str) else None
