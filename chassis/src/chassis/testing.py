"""For tests of any service: its environment, its database, signed callers, its events, stand-ins for neighbours."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from flask.testing import FlaskClient
from psycopg2.extensions import make_dsn, parse_dsn
from werkzeug.test import TestResponse

from chassis.auth import GATEWAY, HEADER, Signer, generate_keys
from chassis.config import NEIGHBOURS
from chassis.context import clean_traceparent, new_request_id
from chassis.db import create_database, migrate
from chassis.envelope import Event, seal
from chassis.inbox import Dispatcher, Outcome
from chassis.service import Service
from chassis.upstream import Network, WsgiTransport

SERVICES = tuple(NEIGHBOURS)
T = TypeVar("T")


class Keys:
    """A key for each service, and the public document all of them get."""

    def __init__(self) -> None:
        self.pems, self.jwks = generate_keys(SERVICES)

    def signer(self, service: str) -> Signer:
        return Signer(service, self.pems[service])


def environment(service: str, database_url: str, keys: Keys, **more: str) -> dict[str, str]:
    """A complete environment of one service for tests; `more` overrides it."""
    return {
        "DUET_ENV": "test",
        "DATABASE_URL": database_url,
        "BUS_URL": "memory:",
        "SERVICE_KEY": keys.pems[service],
        "SERVICE_PUBLIC_KEYS": keys.jwks,
        "SECRET_KEY": "test-secret-test-secret-test-secret",
        "SITE_URL": "http://duet.test",
        "DUET_BOT_CHECK": "off",
        "LOG_LEVEL": "error",
        **more,
    }


def network_of(**apps: Any) -> Network:
    """Neighbours as WSGI apps: `network_of(quota=app)` stands in for quota-svc."""
    names = {name.removesuffix("-svc"): name for name in SERVICES}
    return Network(transports={names[short]: WsgiTransport(_always(app)) for short, app in apps.items()})


def _always(app: Any) -> Callable[[], Any]:
    return lambda: app


def prepare(service: Service) -> None:
    """Create the service's database with its tables: a copy of one that was migrated once on this server."""
    dsn = service.basis.config.dsn
    scripts = b"".join(path.read_bytes() for path in sorted(service.migrations.glob("*.py")))
    template = f"migrated_{service.name}_{hashlib.sha256(scripts).hexdigest()[:12]}"
    template_dsn = make_dsn(**{**parse_dsn(dsn), "dbname": template})
    if create_database(template_dsn):
        migrate(template_dsn, service.migrations)
    create_database(dsn, template)


class Caller:
    """Calls a service's app as somebody, with the signed identity the real caller would bring."""

    def __init__(self, service: Service, signer: Signer, subject: str, role: str, session_id: str = "-") -> None:
        self._client: FlaskClient = service.app.test_client()
        self._headers = {HEADER: signer.token(service.name, subject=subject, role=role, session_id=session_id)}

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        headers = {**self._headers, **options.pop("headers", {})}
        return self._client.open(path, method=method, json=json, headers=headers, **options)


class Harness:
    """One service under test, alone: callers of every kind, its outbox, and events brought to it."""

    def __init__(self, service: Service, keys: Keys) -> None:
        self.service = service
        self.keys = keys
        self._gateway = keys.signer(GATEWAY)

    def user(self, user_id: UUID | str, role: str = "user") -> Caller:
        return Caller(self.service, self._gateway, str(user_id), role, "test-session")

    def anonymous(self) -> Caller:
        return Caller(self.service, self._gateway, "anonymous", "anonymous")

    def neighbour(self, name: str) -> Caller:
        return Caller(self.service, self.keys.signer(name), name, "service")

    def stranger(self) -> FlaskClient:
        """Somebody without any identity: a direct call to the service's port."""
        return self.service.app.test_client()

    def emitted(self, kind: type[Event] | None = None) -> list[dict[str, Any]]:
        """The data of the events in the outbox, oldest first."""
        with self.service.database.reading():
            rows = self.service.database.rows("SELECT type, body FROM outbox ORDER BY id")
        return [json.loads(bytes(body))["data"] for name, body in rows if kind is None or name == kind.TYPE]

    def deliver(self, event: Event, *, times: int = 1) -> list[Outcome]:
        """Bring an event to the service as a bus would, the same envelope as often as asked."""
        dispatcher = Dispatcher(self.service.name, self.service.database, self.service.handlers)
        raw = seal(event, request_id=new_request_id(), traceparent=clean_traceparent(None)).to_bytes()
        return [dispatcher.dispatch(raw) for _ in range(times)]

    def run_loop(self, name: str) -> bool:
        """One step of the loop with that name (with or without the service's prefix)."""
        (loop,) = (one for one in self.service.loops if one.name in (name, f"{self.service.name}-{name}"))
        return loop.run_once()


def eventually(
    probe: Callable[[], T], *, until: Callable[[T], bool] = bool, within: float = 30.0, every: float = 0.02
) -> T:
    """Ask `probe` until its answer satisfies `until`; fails with the last answer after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        answer = probe()
        if until(answer):
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"still {answer!r} after {within} s")
        time.sleep(every)


def problem(response: Any) -> Mapping[str, Any]:
    """The problem body of an error answer. Raises AssertionError where it is none."""
    kind = response.headers["Content-Type"]
    if not kind.startswith("application/problem+json"):
        raise AssertionError(f"{response.status_code} {kind} is no problem+json")
    body: Mapping[str, Any] = response.get_json() if hasattr(response, "get_json") else response.json()
    if body["type"] != f"/problems/{body['code']}" or body["status"] != response.status_code:
        raise AssertionError(f"{response.status_code} and {body} do not belong together")
    return body
