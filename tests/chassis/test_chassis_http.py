"""The HTTP client of the hot path: connections kept, nothing leaked, nothing half passed off as whole."""

import http.client
import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from scripted_server import FAILURES, OK, Answer, Scripted, hang_up, say

from chassis.testing import eventually
from chassis.upstream import HttpTransport


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 None\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_every_whole_answer_leaves_the_connection_usable(serve: Callable[[Answer], Scripted], answer: bytes) -> None:
    server = serve(say(answer))
    transport = HttpTransport(server.url)
    for _ in range(4):
        reply = transport.open("GET", "/", (), None, 30.0)
        b"".join(reply.stream)
        reply.close()
    transport.close()
    assert len(server.connections) == 1


def test_failures_leak_no_sockets(serve: Callable[[Answer], Scripted]) -> None:
    def fds() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    server = serve(hang_up)
    transport = HttpTransport(server.url)
    before = fds()
    for _ in range(30):
        with pytest.raises((OSError, http.client.HTTPException)):
            transport.open("GET", "/", (), None, 30.0)
        server.connections.pop().close()
    transport.close()
    assert eventually(fds, until=lambda n: n <= before + 1) <= before + 1


def test_a_streamed_body_without_a_length_goes_out_in_chunks(serve: Callable[[Answer], Scripted]) -> None:
    server = serve(say(OK))
    transport = HttpTransport(server.url)
    reply = transport.open("POST", "/", (), io.BytesIO(b"x" * 100_000), 30.0)
    assert b"".join(reply.stream) == b"{}"
    reply.close()
    transport.close()
    (request,) = server.requests
    head, _mark, body = request.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert body.count(b"x") == 100_000
    assert body.startswith(b"10000\r\n")
    assert body.endswith(b"0\r\n\r\n")


def test_a_body_that_ends_early_is_never_passed_off_as_whole(serve: Callable[[Answer], Scripted]) -> None:
    server = serve(say(OK))
    transport = HttpTransport(server.url)
    with pytest.raises(ConnectionError):
        transport.open("POST", "/", (("Content-Length", "10"),), io.BytesIO(b"short"), 30.0)
    transport.close()


def test_an_answer_that_ends_early_is_never_passed_off_as_whole(serve: Callable[[Answer], Scripted]) -> None:
    server = serve(FAILURES["half an answer"])
    transport = HttpTransport(server.url)
    reply = transport.open("GET", "/", (), None, 30.0)
    with pytest.raises(http.client.IncompleteRead):
        b"".join(reply.stream)
    reply.close()
    transport.close()


def test_a_slow_reader_of_an_answer_is_not_the_neighbours_fault(serve: Callable[[Answer], Scripted]) -> None:
    body = b"x" * 3_000_000
    server = serve(say(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + body))
    transport = HttpTransport(server.url)
    reply = transport.open("GET", "/", (), None, 5.0)
    got = 0
    for n, chunk in enumerate(reply.stream):
        got += len(chunk)
        if n < 3:
            time.sleep(2.0)
    reply.close()
    transport.close()
    assert got == len(body)


def test_a_header_with_a_line_break_is_not_sent(serve: Callable[[Answer], Scripted]) -> None:
    server = serve(say(OK))
    transport = HttpTransport(server.url)
    with pytest.raises(ValueError):
        transport.open("GET", "/", (("X-Test", "a\r\nX-Other: b"),), None, 30.0)
    with pytest.raises(http.client.InvalidURL):
        transport.open("GET", "/a b", (), None, 30.0)
    transport.close()
    assert server.requests == []
