"""Bodies on their way into the folder store: from outside through waitress, and handed on within the process."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from typing import Self

import psutil
import pytest

from chassis.auth import ANONYMOUS, GATEWAY, HEADER
from chassis.ids import uuid7
from chassis.upstream import WsgiTransport
from deploy.http_server import HttpServer
from media_svc.domain.keys import incoming_key
from tests.media_svc.conftest import Build
from tests.media_svc.media_stand_ins import Media

MEGABYTE = 1_048_576


@pytest.fixture
def served(build: Build) -> Iterator[tuple[Media, int]]:
    media = build()
    listener = socket.create_server(("127.0.0.1", 0))
    server = HttpServer(media.service.app, listener, threads=4)
    yield media, listener.getsockname()[1]
    server.stop(5.0)


class _Sampler:
    """The peak of this process's resident memory while a block runs."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.before = self.peak = self._process.memory_info().rss

    def _run(self) -> None:
        while not self._stop.wait(0.005):
            self.peak = max(self.peak, self._process.memory_info().rss)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def grown(self) -> int:
        return self.peak - self.before


def identity(media: Media) -> str:
    return media.keys.signer(GATEWAY).token("media-svc", subject=ANONYMOUS, role=ANONYMOUS)


def test_50_megabytes_come_in_through_waitress_in_little_memory(served: tuple[Media, int]) -> None:
    media, port = served
    key, size = incoming_key(uuid7()), 50 * MEGABYTE
    signed = media.ports.store.presign_put(key, content_type="video/mp4", size=size, seconds=60)
    head = "".join(
        f"{name}: {value}\r\n"
        for name, value in {
            **signed.headers, HEADER: identity(media), "Host": "x", "Content-Length": str(size), "Connection": "close",
        }.items()
    )  # fmt: skip
    with _Sampler() as memory, socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(f"PUT {signed.url} HTTP/1.1\r\n{head}\r\n".encode())
        for _ in range(50):
            client.sendall(b"x" * MEGABYTE)
        assert client.recv(100).startswith(b"HTTP/1.1 200")
    print(f"50 MB through waitress: {memory.grown / MEGABYTE:.1f} MB more memory at most")
    assert memory.grown < 20 * MEGABYTE
    found = media.ports.store.head(key)
    assert found is not None
    assert found.size == size


def test_50_megabytes_come_in_within_the_process_in_little_memory(media: Media) -> None:
    """The embedded host's way: the gateway hands a file on, without a socket."""
    key, size = incoming_key(uuid7()), 50 * MEGABYTE
    signed = media.ports.store.presign_put(key, content_type="video/mp4", size=size, seconds=60)
    headers = [*signed.headers.items(), (HEADER, identity(media)), ("Content-Length", str(size))]
    with tempfile.TemporaryFile() as body, _Sampler() as memory:
        body.truncate(size)
        reply = WsgiTransport(lambda: media.service.app).open("PUT", signed.url, headers, body, 30.0)
        assert reply.status == 200, b"".join(reply.stream)
        reply.close()
    print(f"50 MB within the process: {memory.grown / MEGABYTE:.1f} MB more memory at most")
    assert memory.grown < 20 * MEGABYTE


def test_a_put_needs_the_gateway_before_it(media: Media) -> None:
    signed = media.ports.store.presign_put(incoming_key(uuid7()), content_type="image/png", size=1, seconds=60)
    direct = media.stranger().put(signed.url, data=b"x", headers=dict(signed.headers))
    assert direct.status_code == 401
    answer = media.anonymous()("PUT", signed.url, data=b"x", headers=dict(signed.headers))
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_refused_put_says_why_in_a_problem(media: Media) -> None:
    signed = media.ports.store.presign_put(incoming_key(uuid7()), content_type="image/png", size=1, seconds=60)
    put = {"data": b"x", "headers": dict(signed.headers)}
    assert media.anonymous()("PUT", signed.url + "0", **put).json["code"] == "signature-invalid"
    assert media.anonymous()("PUT", signed.url, **put).status_code == 200
    again = media.anonymous()("PUT", signed.url, **put)
    assert (again.status_code, again.json["code"]) == (412, "already-stored")
