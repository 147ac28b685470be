"""The server of the embedded host, at its socket: what it refuses before any service sees it."""

import json
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from deploy.http_server import HttpServer

Exchange = Callable[[bytes], list[tuple[int, dict[str, str], bytes]]]


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    """Sends bytes on a connection of its own; the answers (status, headers, body) until the server closes it."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]

    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    server = HttpServer(app, listener, threads=2)

    def send(sent: bytes) -> list[tuple[int, dict[str, str], bytes]]:
        with socket.create_connection(address, timeout=60) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            raw = b"".join(iter(lambda: connection.recv(65_536), b""))
        return list(_answers(raw))

    yield send
    server.stop(1.0)


def _answers(raw: bytes) -> Iterator[tuple[int, dict[str, str], bytes]]:
    while raw:
        head, _blank, raw = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
        length = int(headers["content-length"])
        yield int(first.split(" ")[1]), headers, raw[:length]
        raw = raw[length:]


def request(*headers: str, body: bytes = b"", start: str = "POST / HTTP/1.1") -> bytes:
    return "\r\n".join([start, *headers, "", ""]).encode("latin-1") + body


HOST = "Host: duet.test"
CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request(HOST, "Content-Length: 2", "Content-Length: 3", body=b"abc"), 400),
        (request(HOST, "Content-Length: 3", "Content-Length: 3", body=b"abc"), 400),
        (request(HOST, "Content-Length: +3", body=b"abc"), 400),
        (request(HOST, "Content-Length: -1"), 400),
        (request(HOST, f"Content-Length: {10**30}"), 413),
        (request(HOST, CHUNKED, "Content-Length: 5", body=b"0\r\n\r\n"), 400),
        (request(HOST, "Content-Length: 5", CHUNKED, body=b"0\r\n\r\n"), 400),
        (request(HOST, CHUNKED, body=b"ZZ\r\nabc\r\n0\r\n\r\n"), 400),
        (request(HOST, "Transfer-Encoding: gzip", body=b"abc"), 400),
        (request(HOST, "Transfer-Encoding: xchunked", body=b"3\r\nabc\r\n0\r\n\r\n"), 400),
        (request(CHUNKED, body=b"3\r\nabc\r\n0\r\n\r\n", start="POST / HTTP/1.0"), 400),
        (request("Content-Length: 0"), 400),
        (request(HOST, "Host: evil.test", "Content-Length: 0"), 400),
        (request(HOST, "X-Folded : a"), 400),
        (request(HOST, "X-Nul: a\x00b"), 400),
        (request(HOST, "X-Return: a\rb"), 400),
        (request(HOST, start="get / HTTP/1.1"), 400),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    ],
)
def test_what_the_server_refuses_is_one_problem_and_ends_the_connection(
    exchange: Exchange, sent: bytes, status: int
) -> None:
    ((told, headers, body),) = exchange(sent + request(HOST, start="GET /smuggled HTTP/1.1"))
    assert told == status
    assert headers["content-type"] == "application/problem+json"
    problem = json.loads(body)
    code = {400: "malformed", 413: "too-large"}[status]
    assert (problem["type"], problem["status"], problem["code"]) == (f"/problems/{code}", status, code)
    assert problem["request_id"] == headers["x-request-id"]
    assert headers["connection"] == "close"


def test_requests_on_one_connection_are_answered_in_turn(exchange: Exchange) -> None:
    chunked = request(HOST, CHUNKED, body=b"3\r\nabc\r\n0\r\n\r\n")
    plain = request(HOST, "Content-Length: 2", "Connection: close", body=b"de")
    assert [(status, body) for status, _headers, body in exchange(chunked + plain)] == [(200, b"abc"), (200, b"de")]
