"""Makes the Flask app that every service's routes hang in."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from flask import Flask, Request, Response, g, request
from flask_smorest import Api
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from chassis import auth, context, errors
from chassis.auth import Identity, Verifier
from chassis.config import Common
from chassis.context import DEADLINE_HEADER, REQUEST_ID_HEADER, TRACE_HEADER, Work
from chassis.db import is_unreachable
from chassis.ids import UUID7_PATTERN
from chassis.metrics import CONTENT_TYPE, Metrics
from chassis.web.schemas import Problem
from chassis.web.strictjson import Blueprint, StrictProvider

log = structlog.get_logger("http")

MAX_BODY_BYTES = 1024 * 1024
MAX_DEADLINE_MS = 30_000
PROBLEM_TYPE = "application/problem+json"
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
Authenticate = Callable[[Request], Identity | None]
"""Finds out who is calling; None for nobody. Raises Unauthenticated for a credential that is no good."""


class Uuid7Converter(BaseConverter):
    """A path id made by a server; anything else is a 404."""

    regex = UUID7_PATTERN


class _Api(Api):
    """flask-smorest with our error format in the documents, and our handlers instead of its own."""

    ERROR_SCHEMA = Problem

    def _register_responses(self) -> None:
        """Errors are documented as problems, which flask-smorest takes for plain JSON."""
        self.DEFAULT_RESPONSE_CONTENT_TYPE: str = PROBLEM_TYPE
        super()._register_responses()
        # The class's own value is back in force.
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def _register_error_handlers(self) -> None:
        """Ours are registered by `create_app`."""


def by_identity_header(verifier: Verifier) -> Authenticate:
    """Services trust nothing but the signed identity header."""

    def authenticate(incoming: Request) -> Identity | None:
        token = incoming.headers.get(auth.HEADER)
        return verifier.verify(token) if token else None

    return authenticate


def create_app(
    config: Common,
    *,
    title: str,
    blueprints: Sequence[Blueprint],
    authenticate: Authenticate,
    metrics: Metrics,
    checks: Mapping[str, Callable[[], None]],
    details: Mapping[str, object] | None = None,
    serve_openapi: bool = True,
) -> Flask:
    """The app of a service. `checks`: name → a call that raises when that dependency is away. `details`: what /readyz
    tells besides, whether ready or not.

    Every route must state its access (chassis.auth); one that does not is refused here.
    """
    app = Flask(__name__, static_folder=None)
    app.json = StrictProvider(app)
    app.url_map.converters["uuid7"] = Uuid7Converter
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.config.update(
        API_TITLE=title,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/" if serve_openapi else None,
        OPENAPI_JSON_PATH="openapi.json",
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        PROPAGATE_EXCEPTIONS=False,
    )
    _register_errors(app)
    _register_surroundings(app, config.service, authenticate, metrics)
    api = _Api(app)
    api.register_converter(Uuid7Converter, lambda _converter: {"type": "string", "format": "uuid"})
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.extensions["duet_api"] = api
    if serve_openapi:
        view = app.view_functions["api-docs.openapi_json"]
        app.view_functions["api-docs.openapi_json"] = auth.public(view)
    _register_health(app, config.service, metrics, checks, details)
    silent = [
        rule.rule for rule in app.url_map.iter_rules() if auth.access_of(app.view_functions[rule.endpoint]) is None
    ]
    if silent:
        raise RuntimeError(f"routes without a stated access: {silent}")
    return app


def _register_surroundings(app: Flask, service: str, authenticate: Authenticate, metrics: Metrics) -> None:
    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        work = Work(
            context.clean_request_id(request.headers.get(REQUEST_ID_HEADER)),
            context.clean_traceparent(request.headers.get(TRACE_HEADER)),
            service,
        )
        g.work_token = context.begin(work)
        if request.url_rule is None:
            return
        g.identity = authenticate(request)
        # Only another service may say how long we have: a client could make our calls to neighbours fail at will.
        if g.identity is not None and g.identity.issuer != service:
            context.begin(replace(work, deadline=_deadline(request)))

    @app.after_request
    def record(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        route = request.url_rule.rule if request.url_rule is not None else "-"
        response.headers[REQUEST_ID_HEADER] = context.current().request_id
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if route not in ("/healthz", "/readyz", "/metrics"):
            method = request.method if request.method in METHODS else "other"
            metrics.requests.labels(method, route, str(response.status_code)).inc()
            metrics.seconds.labels(method, route).observe(seconds)
            identity = g.get("identity")
            log.info(
                "http_request", method=method, route=route, status=response.status_code,
                ms=round(seconds * 1000, 1), caller=identity.subject if identity else None,
            )  # fmt: skip
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        token = g.pop("work_token", None)
        if token is not None:
            context.end(token)


def _deadline(incoming: Request) -> float | None:
    """When the caller stops waiting, on the monotonic clock."""
    raw = incoming.headers.get(DEADLINE_HEADER, "")
    if not raw.isdecimal() or len(raw) >= 10:
        return None
    return time.monotonic() + min(int(raw), MAX_DEADLINE_MS) / 1000


def problem_response(error: errors.DomainError) -> Response:
    """An error as application/problem+json."""
    response = Response(
        json.dumps(error.to_problem(context.current().request_id)),
        error.status,
        content_type=PROBLEM_TYPE,
    )
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        # RFC 9110, 15.5.2: it comes with every 401.
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers.update(error.headers)
    return response


def _register_errors(app: Flask) -> None:
    @app.errorhandler(errors.DomainError)
    def refused(error: errors.DomainError) -> Response:
        if error.status >= 500:
            log.warning("http_unavailable", code=error.code, cause=type(error.__cause__).__name__)
        return problem_response(error)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        return problem_response(_from_http(error))

    @app.errorhandler(Exception)
    def defect(error: Exception) -> Response:
        if is_unreachable(error):
            log.warning("http_database_away", error=type(error).__name__)
            return problem_response(errors.Unavailable())
        log.error("http_defect", exc_info=error)
        return problem_response(errors.Internal("Something went wrong on our side."))


_DETAILS = {
    400: "The request is malformed.",
    405: "This method is not allowed here.",
    413: "The body is too large.",
    415: "This content type is not supported.",
}


def _from_http(error: HTTPException) -> errors.DomainError:
    status = error.code or 500
    messages = getattr(error, "data", {}).get("messages")
    kind = errors.of_status(status)
    if status == 422:
        return errors.Invalid("Some fields are not valid.", errors=_flatten(messages or {}))
    headers = {}
    if status == 405 and (allowed := getattr(error, "valid_methods", None)):
        headers["Allow"] = ", ".join(sorted(allowed))
    if kind.status != status:
        kind = errors.Malformed if status < 500 else errors.Internal
    return kind(_DETAILS.get(status, ""), headers=headers)


def _flatten(messages: Mapping[str, Any]) -> dict[str, list[str]]:
    """webargs' {location: {field: [text] | {index: …}}} → {field: [text]}, nested fields joined by dots."""
    found: dict[str, list[str]] = {}

    def add(path: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                inside = f"{path}.{key}" if path else str(key)
                add(path if path and key == "_schema" else inside, inner)
        else:
            texts = value if isinstance(value, list) else [value]
            found.setdefault(path or "body", []).extend(str(text) for text in texts)

    for fields in messages.values():
        add("", fields if isinstance(fields, Mapping) else {"body": fields})
    return {("body" if name == "_schema" else name): texts for name, texts in found.items()}


def _register_health(
    app: Flask,
    service: str,
    metrics: Metrics,
    checks: Mapping[str, Callable[[], None]],
    details: Mapping[str, object] | None,
) -> None:
    @app.get("/healthz")
    @auth.public
    def healthz() -> dict[str, str]:
        return {"status": "ok", "service": service}

    @app.get("/readyz")
    @auth.public
    def readyz() -> tuple[dict[str, object], int, dict[str, str]]:
        states = {}
        for name, check in checks.items():
            try:
                check()
                states[name] = "ok"
            except Exception as error:  # noqa: BLE001 - whatever it is, the service is not ready
                log.warning("not_ready", check=name, error=type(error).__name__)
                states[name] = "unavailable"
        ready = all(state == "ok" for state in states.values())
        body: dict[str, object] = {"status": "ready" if ready else "unavailable", "service": service, "checks": states}
        if details:
            body["details"] = details
        return body, 200 if ready else 503, {} if ready else {"Retry-After": "1"}

    @app.get("/metrics")
    @auth.public
    def expose() -> Response:
        return Response(metrics.expose(), content_type=CONTENT_TYPE)
