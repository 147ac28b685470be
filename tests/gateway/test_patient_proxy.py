"""What some clients do must not cost others: slow and broken bodies, and sends whose quota nobody can tell."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, Response, request

from chassis.ids import uuid7
from chassis.testing import eventually
from chassis.upstream import Network
from tests.gateway.edge import Edge, unbuffered

SIGNED_IN = f"Authorization: Bearer {uuid7()}/s1\r\n"


@dataclass
class Chat:
    """chat-svc as far as routing goes: notes when a request reaches it, and how much of a body it got."""

    began: int = 0
    sizes: list[int] = field(default_factory=list)
    posts: Response | None = None

    def app(self) -> Flask:
        app = Flask(__name__)

        @app.route("/v1/conversations", methods=["GET", "POST"])
        def note() -> Any:
            self.began += 1
            if request.method == "GET":
                return {"items": []}
            size = 0
            while chunk := request.stream.read(64 * 1024):
                size += len(chunk)
            self.sizes.append(size)
            return self.posts or {"ok": True}

        return app


@pytest.fixture
def chat() -> Chat:
    return Chat()


@pytest.fixture
def url(chat: Chat, database_url: str) -> Iterator[str]:
    """The gateway in front of it, on a server that hands bodies on as they come."""
    with unbuffered(chat.app()) as address:
        edge = Edge(database_url, Network({"chat-svc": address}))
        with unbuffered(edge.app) as own:
            yield own
        edge.close()


def begin(url: str, length: int | None, body: bytes) -> socket.socket:
    """A POST that says `length` bytes (None: chunks) and brings `body` so far."""
    parts = urlsplit(url)
    client = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60)
    told = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    client.sendall(f"POST /v1/conversations HTTP/1.1\r\nHost: x\r\n{SIGNED_IN}{told}\r\n\r\n".encode() + body)
    return client


def get(url: str) -> int:
    """The status of a GET."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) as client:
        client.sendall(f"GET /v1/conversations HTTP/1.1\r\nHost: x\r\n{SIGNED_IN}Connection: close\r\n\r\n".encode())
        return int(client.makefile("rb").readline().split()[1])


@pytest.mark.parametrize(
    ("length", "start", "rest"), [(8, b"half", b"done"), (None, b"4\r\nhalf\r\n", b"4\r\ndone\r\n0\r\n\r\n")]
)
def test_a_service_is_called_when_the_body_is_there_and_not_while_a_slow_client_sends_it(
    chat: Chat, url: str, length: int | None, start: bytes, rest: bytes
) -> None:
    slow = [begin(url, length, start) for _ in range(5)]
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        assert get(url) == 200
    assert chat.sizes == []
    gets = chat.began
    for client in slow:
        client.sendall(rest)
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        client.close()
    assert (chat.began - gets, chat.sizes) == (5, [8] * 5)


@pytest.mark.parametrize("length", [100, 5_000_000])
def test_clients_that_go_away_in_the_middle_of_a_body_do_not_make_a_service_look_dead(
    chat: Chat, url: str, length: int
) -> None:
    for _ in range(8):
        client = begin(url, length, b"x" * 50)
        if length > 1024 * 1024:  # passed on as it comes
            began = chat.began
            eventually(lambda began=began: chat.began > began)
        client.close()
    for _ in range(20):
        assert get(url) == 200


def test_a_service_that_says_what_it_cannot_do_is_still_asked_for_the_rest(chat: Chat, url: str) -> None:
    chat.posts = Response(json.dumps({"code": "unavailable"}), 503, content_type="application/problem+json")
    for _ in range(3):
        for _ in range(6):
            with begin(url, 2, b"{}") as client:
                assert client.recv(100).startswith(b"HTTP/1.1 503")
        assert get(url) == 200


def test_what_fails_in_front_of_a_service_stops_the_calls_for_a_while(chat: Chat, url: str) -> None:
    chat.posts = Response("<h1>Bad gateway</h1>", 502)
    for _ in range(5):
        with begin(url, 2, b"{}") as client:
            assert client.recv(100).startswith(b"HTTP/1.1 503")
    assert get(url) == 503
    assert chat.began == 5
