"""A neighbour's stand-in over real HTTP: strict about who calls, what is asked and which fields it carries."""

import json
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from chassis.auth import HEADER, Verifier
from chassis.errors import DomainError
from deploy.http_server import HttpServer

Answer = Callable[..., tuple[int, Any]]
"""Gets the JSON body (and the path's groups as keywords); gives status and JSON."""


@dataclass(frozen=True)
class Call:
    """One request the stand-in got."""

    method: str
    path: str
    body: Any
    caller: str


class StandIn:
    """Answers only what it was told to expect; everything else is a 500 and remembered in `unexpected`."""

    def __init__(self, name: str, jwks: str) -> None:
        self.name = name
        self.calls: list[Call] = []
        self.unexpected: list[str] = []
        self._routes: list[tuple[str, re.Pattern[str], frozenset[str] | None, Answer]] = []
        self._verifier = Verifier(name, json.loads(jwks)["keys"])
        app = Flask(name)
        app.add_url_rule("/", "any", self._handle, defaults={"path": ""}, methods=["GET", "POST", "PUT", "DELETE"])
        app.add_url_rule("/<path:path>", "any", self._handle, methods=["GET", "POST", "PUT", "DELETE"])
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._closed = False
        self._server = HttpServer(app, listener, threads=8)

    def expect(self, method: str, path: str, fields: set[str] | None, answer: Answer) -> None:
        """Answer `method` on paths matching the regex `path`, whose body has exactly `fields` (None: no body)."""
        wanted = None if fields is None else frozenset(fields)
        self._routes.insert(0, (method, re.compile(path), wanted, answer))

    def bodies(self, method: str, path: str) -> list[Any]:
        """The bodies of the calls to a path (regex), in order."""
        return [c.body for c in self.calls if c.method == method and re.fullmatch(path, c.path)]

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._server.stop(5)

    def _handle(self, path: str) -> Response:
        if path == "openapi.json":
            return _json(200, {"openapi": "3.1.0", "info": {"title": self.name, "version": "v1"}, "paths": {}})
        try:
            caller = self._verifier.verify(request.headers.get(HEADER, ""))
        except DomainError:
            return self._refuse(f"{request.method} /{path} without a valid identity for {self.name}")
        body = json.loads(request.get_data()) if request.get_data() else None
        self.calls.append(Call(request.method, f"/{path}", body, caller.issuer))
        for method, pattern, fields, answer in self._routes:
            match = pattern.fullmatch(f"/{path}")
            if method != request.method or match is None:
                continue
            if (None if fields is None else set(fields)) != (set(body) if isinstance(body, Mapping) else None):
                return self._refuse(f"{method} /{path} with {body!r}, not with the fields {fields}")
            return _json(*answer(body, **match.groupdict()))
        return self._refuse(f"{request.method} /{path} was not expected")

    def _refuse(self, why: str) -> Response:
        self.unexpected.append(why)
        return _json(500, {"code": "internal", "detail": why})


def _json(status: int, body: Any) -> Response:
    kind = "application/problem+json" if status >= 400 else "application/json"
    return Response(b"" if body is None else json.dumps(body), status, content_type=kind)


def problem_body(status: int, code: str) -> tuple[int, dict[str, Any]]:
    """A refusal as a service tells it."""
    body = {
        "type": f"/problems/{code}",
        "title": code,
        "status": status,
        "detail": code,
        "code": code,
        "request_id": "x",
    }
    return status, body
