"""What both ways to a neighbour promise, by the same tests: over HTTP and in this process."""

import http.client
import io
import json
from typing import IO, Any

import pytest
from flask import Flask, Response, request

from chassis.upstream import Transport, WsgiTransport

PATHS = {
    "/echo": "/echo",
    "/echo?": "/echo",
    "/echo?a=b%20c&d=%C3%A4&e": "/echo",
    "/echo/%C3%A4": "/echo/ä",
    "/echo/a%2Fb": "/echo/a/b",
    "/echo/a%3Fb?c=%3F": "/echo/a?b",
    "/echo/;x=1,2": "/echo/;x=1,2",
}
"""What is sent, and what the app reads as its path."""
BODY = bytes(range(256)) * 2000


def echo_app() -> Flask:
    """Tells what it was asked."""
    app = Flask("echo")

    @app.route("/echo", methods=["GET", "HEAD", "POST", "PUT", "DELETE"])
    @app.route("/echo/<path:rest>", methods=["GET", "HEAD", "POST", "PUT", "DELETE"])
    def echo(rest: str = "") -> Response:
        body = request.get_data()
        told = {
            "method": request.method,
            "path": request.path,
            "query": request.query_string.decode("latin-1"),
            "type": request.headers.get("Content-Type"),
            "length": len(body),
            "sum": sum(body),
            "x": request.headers.get("X-Test"),
            "many": request.headers.get("X-Many"),
        }
        answer = Response(json.dumps(told), content_type="application/json")
        answer.headers.add("X-Twice", "1")
        answer.headers.add("X-Twice", "2")
        return answer

    @app.get("/status/<int:status>")
    def status(status: int) -> Response:
        return Response(b"" if status in (204, 304) else b"told", status)

    @app.get("/stream/<int:count>")
    def stream(count: int) -> Response:
        return Response((bytes([n % 256]) * 1000 for n in range(count)), content_type="application/octet-stream")

    @app.get("/sized/<int:size>")
    def sized(size: int) -> Response:
        return Response(b"x" * size)

    return app


def ask(
    transport: Transport,
    method: str,
    path: str,
    body: bytes | IO[bytes] | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> tuple[int, dict[str, str], bytes]:
    reply = transport.open(method, path, headers, body, 60.0)
    try:
        raw = b"".join(reply.stream)
    finally:
        reply.close()
    return reply.status, {name.lower(): value for name, value in reply.headers}, raw


@pytest.mark.parametrize("path", PATHS)
def test_path_and_query_arrive_as_they_were_sent(way: Any, path: str) -> None:
    status, _headers, raw = ask(way(echo_app()), "GET", path)
    assert status == 200
    told = json.loads(raw)
    assert told["path"] == PATHS[path]
    assert told["query"] == path.partition("?")[2]


def test_two_slashes_do_not_name_a_host(way: Any) -> None:
    status, _headers, _raw = ask(way(echo_app()), "GET", "//evil.example/echo")
    assert status in (308, 404)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
def test_methods_and_headers_arrive(way: Any, method: str) -> None:
    sent = (("X-Test", "ä".encode().decode("latin-1")), ("X-Many", "1"), ("X-Many", "2"))
    status, headers, raw = ask(way(echo_app()), method, "/echo", b"" if method in ("POST", "PUT") else None, sent)
    assert status == 200
    assert headers["content-type"] == "application/json"
    if method == "HEAD":
        assert raw == b""
        return
    told = json.loads(raw)
    assert (told["method"], told["length"], told["type"]) == (method, 0, None)
    assert told["many"].replace(" ", "") == "1,2"


def test_headers_that_come_twice_stay_two(way: Any) -> None:
    reply = way(echo_app()).open("GET", "/echo", (), None, 60.0)
    b"".join(reply.stream)
    reply.close()
    assert [value for name, value in reply.headers if name.lower() == "x-twice"] == ["1", "2"]
    assert not {name.lower() for name, _value in reply.headers} & {"connection", "transfer-encoding", "keep-alive"}


def test_a_streamed_body_arrives_whole(way: Any) -> None:
    headers = (("Content-Type", "application/octet-stream"), ("Content-Length", str(len(BODY))))
    status, _headers, raw = ask(way(echo_app()), "POST", "/echo", io.BytesIO(BODY), headers)
    assert status == 200
    assert (json.loads(raw)["length"], json.loads(raw)["sum"]) == (len(BODY), sum(BODY))
    assert json.loads(raw)["type"] == "application/octet-stream"


def test_a_streamed_body_without_a_length_arrives_whole_in_this_process() -> None:
    # Over HTTP it goes out in chunks, which these tests' server does not read: test_chassis_http has that.
    app = echo_app()
    _status, _headers, raw = ask(WsgiTransport(lambda: app), "POST", "/echo", io.BytesIO(BODY))
    assert json.loads(raw)["sum"] == sum(BODY)


def test_a_body_of_bytes_arrives_whole(way: Any) -> None:
    _status, _headers, raw = ask(way(echo_app()), "PUT", "/echo", BODY)
    assert json.loads(raw)["sum"] == sum(BODY)


def test_an_answer_is_read_in_pieces_and_may_be_left_unread(way: Any) -> None:
    transport = way(echo_app())
    reply = transport.open("GET", "/stream/2000", (), None, 60.0)
    first = next(iter(reply.stream))
    assert 0 < len(first) < 2_000_000
    reply.close()
    reply.close()
    status, _headers, raw = ask(transport, "GET", "/stream/50")
    assert (status, len(raw)) == (200, 50_000)


@pytest.mark.parametrize("status", [200, 204, 404, 409, 500, 503])
def test_every_status_comes_back_and_the_next_call_works(way: Any, status: int) -> None:
    transport = way(echo_app())
    for _ in range(3):
        assert ask(transport, "GET", f"/status/{status}")[0] == status


def test_an_app_that_breaks_is_a_connection_that_breaks_or_an_error(way: Any) -> None:
    def broken(_environ: Any, _start: Any) -> Any:
        raise RuntimeError("a defect")

    transport = way(broken)
    try:
        status = ask(transport, "GET", "/")[0]
    except (OSError, http.client.HTTPException):
        return
    assert status == 500
