"""The edge of the gateway for tests: its stream and routing in an app of their own, on a real server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import waitress
from flask import Request, g
from waitress import wasyncore
from werkzeug.serving import WSGIRequestHandler, make_server

import gateway
from chassis.auth import ANONYMOUS, GATEWAY, Identity
from chassis.config import NEIGHBOURS, Common
from chassis.db import create_database, migrate
from chassis.envelope import Event, seal
from chassis.errors import Unauthenticated
from chassis.inbox import Dispatcher, Done
from chassis.service import Basis
from chassis.testing import Keys, environment
from chassis.upstream import HttpTransport, Network
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
        documents_s: float = 60.0,
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
        self.feed = Feed(
            self.log,
            Bodies(network, self.basis.signer),
            self.live.hub,
            self.ids,
            lambda session: self.session_is_open(session),
        )
        documents = docs.Documents(network, lambda: self.app.extensions["duet_api"].spec.to_dict(), documents_s)
        self.app = create_app(
            config,
            title="Edge",
            blueprints=[
                stream.blueprint(self.feed),
                docs.blueprint(documents),
                proxy.blueprint(network, self.basis.signer),
            ],
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
