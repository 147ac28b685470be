"""Bodies on their way to a service and back: of every length, in chunks, as they come, and never held."""

from __future__ import annotations

import hashlib
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from flask import Response

from tests.gateway.edge import Edge, serving, unbuffered
from tests.gateway.edge_services import ID, SIGNED_IN, Services, connect

BIG = 20 * 1024 * 1024
CHUNK = bytes(range(256)) * 256


@pytest.fixture
def edge(routing_edge: Edge) -> Edge:
    return routing_edge


def test_bodies_pass_with_a_length_and_in_chunks_and_empty(edge: Edge, services: Services) -> None:
    services.answer = lambda: Response(iter([b"a", b"b" * 70_000, b"c"]))
    with serving(edge) as url, closing(connect(url)) as connection:
        for body, size in ((b"x" * 300_000, 300_000), (iter([b"x" * 100] * 30), 3_000), (b"", 0), (None, 0)):
            connection.request("POST", "/v1/conversations", body, {**SIGNED_IN, "Content-Type": "text/plain"})
            answer = connection.getresponse()
            assert (answer.status, len(answer.read())) == (200, 70_002)
            assert services.seen[-1].size == size
            assert services.seen[-1].digest == hashlib.sha256(b"x" * size).hexdigest()
        connection.request("GET", "/v1/conversations", headers=SIGNED_IN)
        assert len(connection.getresponse().read()) == 70_002
        assert services.seen[-1].headers.get("content-type") is None


def test_answers_without_a_body_have_none_and_their_connection_goes_on(edge: Edge, services: Services) -> None:
    with serving(edge) as url, closing(connect(url)) as connection:
        for method, status, headers in (
            ("HEAD", 200, {"Content-Length": "1234", "Content-Type": "text/plain"}),
            ("DELETE", 204, {}),
            ("GET", 304, {"ETag": '"1"'}),
        ):
            services.answer = lambda status=status, headers=headers: Response(iter(()), status, headers)
            connection.request(method, "/v1/conversations", headers=SIGNED_IN)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (status, b"")
            if method == "HEAD":
                assert answer.headers["Content-Length"] == "1234"


def test_a_client_that_expects_to_be_continued_is(edge: Edge, services: Services) -> None:
    with serving(edge) as url:
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) as client:
            client.sendall(
                b"POST /v1/conversations HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n"
                + f"Authorization: {SIGNED_IN['Authorization']}\r\nConnection: close\r\n\r\n".encode()
            )
            assert client.recv(100).startswith(b"HTTP/1.1 100")
            client.sendall(b"hello")
            answer = b""
            while chunk := client.recv(4096):
                answer += chunk
    assert b"HTTP/1.1 200 OK" in answer
    assert services.seen[0].size == 5
    assert "expect" not in services.seen[0].headers


def test_20_megabytes_pass_both_ways_without_being_held(edge: Edge, services: Services) -> None:
    services.answer = lambda: Response((CHUNK for _ in range(BIG // len(CHUNK))), content_type="text/plain")
    with unbuffered(edge.app) as url, closing(connect(url)) as connection:
        tracemalloc.start()
        try:
            for headers in ({"Content-Length": str(BIG)}, {}):
                body = (CHUNK for _ in range(BIG // len(CHUNK)))
                connection.request("PUT", f"/v1/uploads/{ID}", body, {**SIGNED_IN, **headers})
                answer = connection.getresponse()
                got = 0
                while chunk := answer.read(64 * 1024):
                    got += len(chunk)
                    services.measure()
                assert (got, services.seen[-1].size) == (BIG, BIG)
                assert services.seen[-1].headers.get("content-length") == headers.get("Content-Length")
        finally:
            tracemalloc.stop()
    expected = hashlib.sha256(CHUNK * (BIG // len(CHUNK))).hexdigest()
    assert {one.digest for one in services.seen} == {expected}
    assert 0 < services.held < 2 * 1024 * 1024


def test_an_answer_arrives_while_the_service_still_writes(edge: Edge, services: Services) -> None:
    go_on = threading.Event()

    def slowly() -> Iterator[bytes]:
        yield b"first"
        assert go_on.wait(60)
        yield b"second"

    services.answer = lambda: Response(slowly())
    with unbuffered(edge.app) as url, closing(connect(url)) as connection:
        connection.request("GET", "/v1/conversations", headers=SIGNED_IN)
        answer = connection.getresponse()
        assert answer.read1() == b"first"
        go_on.set()
        assert answer.read() == b"second"
