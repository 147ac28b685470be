"""Each service alone, as its container runs it: real web and worker processes, own database, real RabbitMQ.

Neighbours are strict stand-ins. PostgreSQL and RabbitMQ are reached through proxies, so that they can go away.
With DUET_IMAGE set (and a Docker engine), the same tests start that image instead of processes.
"""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

import pika
import pytest
import requests

from chassis.auth import HEADER, Signer
from chassis.config import NEIGHBOURS
from chassis.context import clean_traceparent, new_request_id
from chassis.envelope import Event, seal
from chassis.rabbit import EXCHANGE
from deploy.postgres import EmbeddedPostgres
from deploy.processes import Processes
from deploy.services import RabbitMQ
from tests.stubs.standin import StandIn
from tests.stubs.tcp_proxy import TcpProxy, to_tcp, to_unix


class Container:
    """One service's web and worker processes, everything around them, and ways to look in."""

    def __init__(self, service: str, folder: Path, database_url: str, amqp_url: str, settings: dict[str, str]) -> None:
        self.service = service
        self.database, self.broker = _database_proxy(database_url), _broker_proxy(amqp_url)
        self._amqp_url = amqp_url
        self.database_url = database_url
        self.processes = Processes(
            folder,
            database_url=f"postgresql://postgres@127.0.0.1:{self.database.port}{urlsplit(database_url).path}",
            bus_url=_through(amqp_url, self.broker.port),
            env={
                "DUET_BOT_CHECK": "off",
                "RATE_LIMIT_FACTOR": "0",
                "LOG_LEVEL": "info",
                "MEDIA_FOLDER": str(folder / "media"),
                **settings,
            },
            services=[service],
            image=os.environ.get("DUET_IMAGE"),
        )
        self.neighbours = {name: StandIn(name, self.processes.jwks) for name in NEIGHBOURS if name != service}
        for name, stand_in in self.neighbours.items():
            self.processes.place(name, stand_in.url)
        self.web, self.worker = f"web:{service}", f"worker:{service}"
        self.url = f"http://127.0.0.1:{self.processes.ports[service]}"
        self._events: list[dict[str, Any]] = []

    def start(self) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(self._amqp_url))
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()
        self._channel.exchange_declare(EXCHANGE, "topic", durable=True)
        self._channel.queue_declare("everything", durable=True)
        self._channel.queue_bind("everything", EXCHANGE, "#")
        self.processes.start_all()

    def stop(self) -> None:
        self.processes.stop_all()
        self._connection.close()
        for stand_in in self.neighbours.values():
            stand_in.close()
        self.database.close()
        self.broker.close()

    def call(
        self, method: str, path: str, body: Any = None, *, subject: str, role: str, issuer: str = "gateway"
    ) -> requests.Response:
        """A request to the web process with a signed identity."""
        headers = self.token(subject, role, issuer)
        return requests.request(method, self.url + path, json=body, headers=headers, timeout=60)

    def token(self, subject: str, role: str, issuer: str = "gateway") -> dict[str, str]:
        """The header with a signed identity."""
        signer = Signer(issuer, self.processes.pems[issuer])
        return {HEADER: signer.token(self.service, subject=subject, role=role, session_id="session")}

    def as_service(self, issuer: str, method: str, path: str, body: Any = None) -> requests.Response:
        return self.call(method, path, body, subject=issuer, role="service", issuer=issuer)

    def publish(self, event: Event, *, times: int = 1) -> None:
        """Bring an event to the service over RabbitMQ, the same envelope as often as asked."""
        raw = seal(event, request_id=new_request_id(), traceparent=clean_traceparent(None)).to_bytes()
        for _ in range(times):
            self._channel.basic_publish(
                EXCHANGE, event.TYPE, raw, pika.BasicProperties(delivery_mode=2), mandatory=True
            )

    def publish_raw(self, kind: str, raw: bytes) -> None:
        self._channel.basic_publish(EXCHANGE, kind, raw, pika.BasicProperties(delivery_mode=2), mandatory=True)

    def depth(self, queue: str) -> int:
        """How many messages wait in a queue."""
        return int(self._channel.queue_declare(queue, passive=True).method.message_count)

    def events(self, kind: type[Event], **facts: str) -> list[dict[str, Any]]:
        """The data of the events of a type, with these facts, that went over the exchange so far."""
        while True:
            method, _properties, body = self._channel.basic_get("everything", auto_ack=True)
            if method is None:
                break
            self._events.append(json.loads(body))
        told = [event["data"] for event in self._events if event["type"] == kind.TYPE]
        return [data for data in told if facts.items() <= data.items()]


@pytest.fixture(scope="module")
def contain(
    postgres: EmbeddedPostgres, rabbitmq: RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Container]]:
    """Starts one service as its container would; at the end no stand-in may have been asked anything unexpected."""
    made: list[Container] = []

    def start(service: str, *, expect: Callable[[Container], None] = lambda _c: None, **settings: str) -> Container:
        name = f"container_{uuid.uuid4().hex}"
        postgres.create_databases([name])
        folder = tmp_path_factory.mktemp(service)
        container = Container(service, folder, postgres.uri(name), rabbitmq.new_vhost(), settings)
        made.append(container)
        expect(container)
        container.start()
        return container

    yield start
    for container in made:
        container.stop()
        for name, stand_in in container.neighbours.items():
            assert stand_in.unexpected == [], name


def _database_proxy(url: str) -> TcpProxy:
    folder = parse_qs(urlsplit(url).query)["host"][0]
    return TcpProxy(to_unix(f"{unquote(folder)}/.s.PGSQL.5432"))


def _broker_proxy(url: str) -> TcpProxy:
    parts = urlsplit(url)
    return TcpProxy(to_tcp(parts.hostname or "127.0.0.1", parts.port or 5672))


def _through(url: str, port: int) -> str:
    parts = urlsplit(url)
    credentials = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{credentials}@127.0.0.1:{port}"))
