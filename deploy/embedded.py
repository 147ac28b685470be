"""The embedded host: the whole platform in one process, on an embedded PostgreSQL, for `make run` and tests."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import structlog

from chassis import logs
from chassis.bus import Bus, MemoryBus
from chassis.config import ConfigError
from chassis.db import create_database, migrate
from chassis.rabbit import RabbitBus
from chassis.service import Service, Worker
from chassis.upstream import Network, WsgiTransport
from deploy import catalogue
from deploy.home import DEFAULT_PORT, DEMO_EMAIL, Home
from deploy.http_server import HttpServer
from deploy.postgres import EmbeddedPostgres
from deploy.seed import demo_media, seed

if TYPE_CHECKING:
    from deploy.demo_media.showing import DemoMedia

log = structlog.get_logger("embedded")

STREAM_THREADS = 500
REQUEST_THREADS = 24
DRAIN_S = 5.0
"""How long a stop waits for requests, and then for jobs in hand: a lease brings an unfinished one back."""
POOL_SIZE = 16
"""Connections per service: five pools, each relay and listener included, stay below the server's 200."""


class Embedded:
    """All five services in this process. `start` returns when everything serves; `stop` ends it cleanly."""

    def __init__(self, env: Mapping[str, str], *, host: str = "127.0.0.1") -> None:
        self._env = dict(env)
        self._host = host
        self.port = _port(env)
        self.home = Home.of(env)
        self._postgres: EmbeddedPostgres | None = None
        self._bus: Bus | None = None
        self._services: dict[str, Service] = {}
        self._workers: list[Worker] = []
        self._server: HttpServer | None = None
        self._demo_media: DemoMedia | None = None
        self.database = ""
        self.bus = ""

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self.port}"

    @property
    def engine(self) -> str:
        """What answers for the companions, as people read it."""
        if self._env.get("LLM_BASE_URL_PRIMARY"):
            return f"model {self._env.get('LLM_MODEL_PRIMARY', '')} (offline engine not used)".replace("  ", " ")
        return "offline companion engine (set LLM_BASE_URL_PRIMARY for a model)"

    @property
    def media(self) -> str:
        """Where media lies and what looks at it, as people read it."""
        bucket, folder = self._env.get("AWS_S3_BUCKET"), self._env.get("MEDIA_FOLDER") or str(self.home.media_folder)
        store = f"S3 bucket {bucket}" if bucket else f"files in {folder}"
        return f"{store}, checked by {self._env.get('MEDIA_CLASSIFIER') or 'nudenet'}"

    def start(self) -> None:
        """Start database, services and server. Raises ConfigError, PostgresError or OSError that say what is wrong."""
        listener = self._listen()
        try:
            url = self._start_database()
            network = Network(transports={name: WsgiTransport(self._app_of(name)) for name in catalogue.NAMES})
            for name in catalogue.NAMES:
                env = {"DATABASE_POOL": str(POOL_SIZE), **self.home.environment(self._env, name, url)}
                self._services[name] = catalogue.create(name, env, network)
            with ThreadPoolExecutor(len(self._services)) as pool:
                list(pool.map(_migrate, self._services.values()))
            self._start_workers()
            seed(self._services, self.home.secrets()["demo_password"])
            self._demo_media = demo_media(self._services, self._env)
            self._services["gateway"].start_web()
            self._serve(listener)
            if self._demo_media is not None:
                self._demo_media.start()
        except BaseException:
            listener.close()
            self.stop()
            raise

    def stop(self) -> None:
        """End streams, requests, workers, bus and database, in that order."""
        if self._demo_media is not None:
            self._demo_media.stop(DRAIN_S)
            self._demo_media = None
        gateway = self._services.get("gateway")
        if gateway is not None:
            gateway.stop_web()
        if self._server is not None:
            self._server.stop(DRAIN_S)
            self._server = None
        with ThreadPoolExecutor(max(1, len(self._workers))) as pool:
            list(pool.map(lambda worker: worker.stop(DRAIN_S), self._workers))
        self._workers = []
        if self._bus is not None:
            self._bus.stop()
            self._bus = None
        for service in self._services.values():
            service.database.close()
        if self._postgres is not None:
            self._postgres.stop()
            self._postgres = None

    def service(self, name: str) -> Service:
        return self._services[name]

    def _app_of(self, name: str) -> Callable[[], Any]:
        return lambda: self._services[name].app

    def _start_database(self) -> str:
        given = self._env.get("DATABASE_URL")
        if given:
            self.database = "PostgreSQL of DATABASE_URL"
            return given
        self._postgres = EmbeddedPostgres(self.home.postgres_folder)
        self._postgres.start()
        self.database = f"{self._postgres.version()}, embedded, data in {self.home.folder}"
        return self._postgres.uri("duet")

    def _start_workers(self) -> None:
        url = next(iter(self._services.values())).basis.config.bus_url
        if url == "memory:":
            self._bus, self.bus = MemoryBus(), "in process"
        else:
            self._bus, self.bus = RabbitBus(url), "RabbitMQ of BUS_URL"
        # Consumers first, relays after: an event of an earlier run must find all of its consumers.
        self._workers = [Worker(service, self._bus, listen=False) for service in self._services.values()]
        for worker in self._workers:
            worker.consume()
        for worker in self._workers:
            worker.start()

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self.port))
        except OSError as error:
            listener.close()
            raise ConfigError(
                f"PORT {self.port} is in use or not allowed ({error.strerror}); set another one"
            ) from None
        self.port = listener.getsockname()[1]
        self._env["PORT"] = str(self.port)
        return listener

    def _serve(self, listener: socket.socket) -> None:
        self._server = HttpServer(self._services["gateway"].app, listener, threads=REQUEST_THREADS + STREAM_THREADS)


def _port(env: Mapping[str, str]) -> int:
    raw = env.get("PORT") or str(DEFAULT_PORT)
    if not raw.isdecimal() or int(raw) > 65535:
        raise ConfigError(f"PORT must be a port number, not {raw!r}")
    return int(raw)


def _migrate(service: Service) -> None:
    create_database(service.basis.config.dsn)
    migrate(service.basis.config.dsn, service.migrations)


def run(env: Mapping[str, str]) -> None:
    """`duet run`: start, say where, wait for Ctrl-C or SIGTERM, stop."""
    began = time.monotonic()
    host = Embedded(env)
    host.home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: asked.set())
    with host.home.log_file.open("a", buffering=1) as log_file:
        logs.configure(env.get("LOG_LEVEL") or "info", log_file)
        print("Starting Duet …", flush=True)
        host.start()
        print(_greeting(host, time.monotonic() - began), flush=True)
        asked.wait()
        print("\nStopping …", flush=True)
        host.stop()
    print("Stopped.", flush=True)


def _greeting(host: Embedded, seconds: float) -> str:
    chat = "duet chat" if host.port == DEFAULT_PORT else f"duet chat --url {host.url}"
    rows = {
        "Open": host.url,
        "API": f"{host.url}/docs",
        "Sign in": f"{DEMO_EMAIL} / {host.home.secrets()['demo_password']}",
        "Talk": f"{chat}   (in another terminal: .venv/bin/{chat})",
        "Engine": host.engine,
        "Media": host.media,
        "Bus": host.bus,
        "Database": host.database,
        "Logs": str(host.home.log_file),
    }
    lines = [f"  {name:<9} {value}" for name, value in rows.items()]
    return "\n".join(["", f"Duet is running (after {seconds:.1f} s).", "", *lines, "", "Ctrl-C stops it."])
