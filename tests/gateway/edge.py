"""The edge of the gateway for tests: its stream and routing in an app of their own, on a real server, with strict
stand-ins for the neighbours."""

from __future__ import annotations

import http.client
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import waitress
from flask import Flask, Request, g, jsonify, request
from waitress import wasyncore
from werkzeug.serving import WSGIRequestHandler, make_server

import gateway
from chassis.auth import ANONYMOUS, GATEWAY, HEADER, Identity, Verifier
from chassis.config import NEIGHBOURS, Common
from chassis.db import create_database, migrate
from chassis.envelope import Event, seal
from chassis.errors import Unauthenticated
from chassis.inbox import Dispatcher, Done
from chassis.service import Basis
from chassis.testing import Keys, environment
from chassis.upstream import HttpTransport, Network, WsgiTransport
from chassis.web.app import create_app
from gateway import proxy
from gateway.consumers import handlers
from gateway.routes import docs, stream
from gateway.stream import Live
from gateway.stream.bodies import Bodies
from gateway.stream.feed import EventIds, Feed
from gateway.usecases.stream import StreamLog

MIGRATIONS = Path(gateway.__file__).parent / "migrations"


@dataclass(frozen=True)
class Session:
    """What the gateway's sign-in leaves in `g.session`."""

    session_id: str
    user_id: str
    version: str = "1"


class Edge:
    """Stream, routing and documents without accounts: `Bearer <user id>/<session id>` signs anybody in."""

    def __init__(
        self,
        database_url: str,
        network: Network,
        *,
        bus_url: str = "memory:",
        keys: Keys | None = None,
        streams: int = 500,
    ) -> None:
        self.keys = keys or Keys()
        env = environment("gateway", database_url, self.keys, BUS_URL=bus_url)
        config = Common.from_env(env, "gateway")
        create_database(config.dsn)
        migrate(config.dsn, MIGRATIONS)
        self.basis = Basis.build(config, network)
        self.database = self.basis.database
        self.live = Live.build(self.database, bus_url, streams)
        self.log = StreamLog(self.database, self.live.announcer)
        self.ids = EventIds(b"test-key")
        self.ended: set[str] = set()
        self.session_is_open: Callable[[Session], bool] = lambda session: session.session_id not in self.ended
        feed = Feed(
            self.log,
            Bodies(network, self.basis.signer),
            self.live.hub,
            self.ids,
            lambda session: self.session_is_open(session),
        )
        documents = docs.Documents(network, lambda: self.app.extensions["duet_api"].spec.to_dict())
        self.app = create_app(
            config,
            title="Edge",
            blueprints=[stream.blueprint(feed), docs.blueprint(documents), proxy.blueprint(network, self.basis.signer)],
            authenticate=self._authenticate,
            metrics=self.basis.metrics,
            checks={},
            serve_openapi=False,
        )
        self._dispatcher = Dispatcher("gateway", self.database, handlers(self.log))

    def _authenticate(self, incoming: Request) -> Identity | None:
        g.session = None
        scheme, _space, token = incoming.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return Identity(ANONYMOUS, ANONYMOUS, "-", GATEWAY)
        user_id, _slash, session_id = token.partition("/")
        if session_id in self.ended:
            raise Unauthenticated()
        g.session = Session(session_id, user_id)
        return Identity(user_id, "user", session_id, GATEWAY)

    def deliver(self, event: Event, *, times: int = 1) -> None:
        """Bring an event as the bus would."""
        raw = seal(event, request_id="test", traceparent="").to_bytes()
        for _ in range(times):
            outcome = self._dispatcher.dispatch(raw)
            assert isinstance(outcome, Done), outcome

    def close(self) -> None:
        self.live.stop()
        for name in NEIGHBOURS:
            with suppress(KeyError):
                transport = self.basis.network.transport(name)
                if isinstance(transport, HttpTransport):
                    transport.close()
        self.database.close()


@contextmanager
def serving(edge: Edge) -> Iterator[str]:
    """The edge on the server of the one-process host, on a free port; its address."""
    server = waitress.create_server(edge.app, host="127.0.0.1", port=0, threads=40, connection_limit=1000)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        edge.live.stop()
        # On the server's own thread: it ends when none of its sockets is left, perhaps before the trigger was pulled.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        thread.join(10.0)
        server.task_dispatcher.shutdown()


@contextmanager
def unbuffered(app: Any) -> Iterator[str]:
    """Any WSGI app on a server that hands bodies on as they come, a thread per connection; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10.0)
        server.server_close()


class _Quiet(WSGIRequestHandler):
    """Keeps connections, and logs nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class Neighbours:
    """chat-svc and quota-svc as the stream sees them: strict about who calls and what is asked."""

    def __init__(self, keys: Keys) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.away = False
        self.hidden: set[tuple[str, int]] = set()
        self.companions: dict[str, str] = {}
        self.chat = self._app("chat-svc", keys)
        self.quota = self._app("quota-svc", keys)
        self.chat.post("/internal/messages:batch")(self._messages)
        self.chat.post("/internal/conversations:batch")(self._conversations)
        self.quota.post("/internal/standing")(self._standing)
        self.network = Network(
            transports={
                "chat-svc": WsgiTransport(lambda: self.chat),
                "quota-svc": WsgiTransport(lambda: self.quota),
            }
        )

    def _app(self, name: str, keys: Keys) -> Flask:
        app = Flask(name)
        verifier = Verifier(name, json.loads(keys.jwks)["keys"])

        @app.before_request
        def check() -> Any:
            identity = verifier.verify(request.headers[HEADER])
            assert (identity.issuer, identity.role) == ("gateway", "service")
            if self.away:
                return jsonify(code="unavailable", detail="away"), 503
            return None

        return app

    def _messages(self) -> Any:
        body = request.get_json()
        assert set(body) == {"viewer", "refs"}
        assert 0 < len(body["refs"]) <= 200
        self.asked.append(("messages", body))
        return jsonify(items=[self.message(body["viewer"], ref["conversation_id"], ref["seq"]) for ref in body["refs"]])

    def message(self, viewer: str, conversation_id: str, seq: int) -> dict[str, Any] | None:
        if (conversation_id, seq) in self.hidden:
            return None
        return {"conversation_id": conversation_id, "seq": seq, "text": f"text {seq}", "for": viewer}

    def _conversations(self) -> Any:
        body = request.get_json()
        assert set(body) == {"viewer", "ids"}
        assert 0 < len(body["ids"]) <= 100
        self.asked.append(("conversations", body))
        return jsonify(
            items=[
                {"id": one, "companion_id": self.companions.setdefault(one, str(uuid.uuid4())), "free_remaining": None,
                 "premium_active": False}
                for one in body["ids"]
            ]
        )  # fmt: skip

    def _standing(self) -> Any:
        body = request.get_json()
        assert set(body) == {"user_id", "companion_ids"}
        assert len(body["companion_ids"]) <= 100
        self.asked.append(("standing", body))
        return jsonify(
            premium_active=True,
            premium_until="2027-01-01T00:00:00.000Z",
            quotas={one: {"text": 9, "media": 2, "audio": 3} for one in body["companion_ids"]},
        )


@dataclass(frozen=True)
class Received:
    """One event as a client gets it."""

    event: str
    id: str | None
    data: Any


class StreamClient:
    """Reads a stream as a browser would, over HTTP."""

    def __init__(
        self, url: str, user_id: Any, session_id: str = "s1", *, last_event_id: str | None = None, timeout: float = 10.0
    ) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
        headers = {"Authorization": f"Bearer {user_id}/{session_id}"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        self._connection.request("GET", "/v1/stream", headers=headers)
        self.response = self._connection.getresponse()
        self.status = self.response.status
        self.last_id: str | None = None
        self.comments = 0

    def next(self) -> Received | None:
        """The next event; None where the stream has ended. Comments are counted and skipped."""
        fields: dict[str, str] = {}
        while True:
            line = self.response.readline()
            if not line:
                return None
            text = line.decode().rstrip("\n")
            if text.startswith(":"):
                self.comments += 1
            elif text:
                name, _colon, value = text.partition(": ")
                fields[name] = value
            elif "event" in fields:
                self.last_id = fields.get("id", self.last_id)
                return Received(fields["event"], fields.get("id"), json.loads(fields["data"]))
            else:
                fields = {}

    def take(self, count: int) -> list[Received]:
        found = []
        for _ in range(count):
            one = self.next()
            assert one is not None, f"the stream ended after {found}"
            found.append(one)
        return found

    def until(self, event: str) -> list[Received]:
        """Everything up to and with the first event of that name."""
        found: list[Received] = []
        while not found or found[-1].event != event:
            found += self.take(1)
        return found

    def close(self) -> None:
        self.response.close()
        self._connection.close()

    def __enter__(self) -> StreamClient:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
