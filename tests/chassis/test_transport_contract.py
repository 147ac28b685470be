"""What both ways to a neighbour promise, by the same tests: over HTTP and in this process."""

import http.client
import io
import json
import threading
from collections.abc import Iterator
from typing import IO, Any

import pytest
from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from chassis import auth, context
from chassis.auth import Verifier
from chassis.config import Common
from chassis.db import Database
from chassis.errors import DomainError, Internal, Invalid, NotFound, PaymentRequired, RateLimited, Unavailable
from chassis.metrics import Metrics
from chassis.testing import Keys, environment
from chassis.upstream import HttpTransport, Transport, Upstream, WsgiTransport
from chassis.web.app import by_identity_header, create_app
from chassis.web.strictjson import Blueprint

PATHS = [
    "/echo",
    "/echo?a=b%20c&d=%C3%A4&e",
    "/echo/%C3%A4",
    "/echo/a%2Fb",
    "/echo/a%3Fb?c=%3F",
    "/echo/;x=1,2",
    "/echo?",
]


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


class Served:
    """A WSGI app over HTTP/1.1 with kept-alive connections, each on a thread."""

    def __init__(self, app: Any) -> None:
        class Handler(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_request(self, *_: Any) -> None:
                """Nothing to standard error."""

        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
        self.server.daemon_threads = True  # type: ignore[attr-defined]  # of the threaded server
        self.url = f"http://127.0.0.1:{self.server.port}"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@pytest.fixture(params=["http", "wsgi"])
def way(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Makes a transport to a WSGI app."""
    opened: list[Any] = []

    def make(app: Any) -> Transport:
        if request.param == "wsgi":
            return WsgiTransport(lambda: app)
        served = Served(app)
        transport = HttpTransport(served.url)
        opened.extend((transport, served))
        return transport

    yield make
    for one in opened:
        one.close()


def ask(
    transport: Transport,
    method: str,
    path: str,
    body: bytes | IO[bytes] | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> tuple[int, dict[str, str], bytes]:
    reply = transport.open(method, path, headers, body, 5.0)
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
    wanted = {
        "/echo/%C3%A4": "/echo/ä", "/echo/a%2Fb": "/echo/a/b", "/echo/a%3Fb?c=%3F": "/echo/a?b", "/echo/;x=1,2": "/echo/;x=1,2",
    }  # fmt: skip
    assert told["path"] == wanted.get(path, "/echo")
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
    reply = way(echo_app()).open("GET", "/echo", (), None, 5.0)
    b"".join(reply.stream)
    reply.close()
    assert [value for name, value in reply.headers if name.lower() == "x-twice"] == ["1", "2"]
    assert not {name.lower() for name, _value in reply.headers} & {"connection", "transfer-encoding", "keep-alive"}


BODY = bytes(range(256)) * 2000


@pytest.mark.parametrize("told", [True, False])
def test_a_streamed_body_arrives_whole_with_its_length_told_or_not(way: Any, told: bool) -> None:
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/octet-stream"),)
    if told:
        headers = (*headers, ("Content-Length", str(len(BODY))))
    transport = way(echo_app())
    if not told and isinstance(transport, HttpTransport):
        pytest.skip("this test's server reads no chunked bodies; the raw exchange has a test of its own")
    status, _headers, raw = ask(transport, "POST", "/echo", io.BytesIO(BODY), headers)
    assert status == 200
    assert (json.loads(raw)["length"], json.loads(raw)["sum"]) == (len(BODY), sum(BODY))
    assert json.loads(raw)["type"] == "application/octet-stream"


def test_a_body_of_bytes_arrives_whole(way: Any) -> None:
    _status, _headers, raw = ask(way(echo_app()), "PUT", "/echo", BODY)
    assert json.loads(raw)["sum"] == sum(BODY)


def test_an_answer_is_read_in_pieces_and_may_be_left_unread(way: Any) -> None:
    transport = way(echo_app())
    reply = transport.open("GET", "/stream/2000", (), None, 5.0)
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


# The same through Upstream, with a real service app at the other end.

REFUSALS: dict[str, DomainError] = {
    "quota": PaymentRequired("Nothing is left.", code="quota-exhausted"),
    "fields": Invalid("Wrong.", errors={"a": ["Missing."]}),
    "rate": RateLimited("Slower.", retry_after=7),
    "away": Unavailable(),
    "defect": Internal(),
}


def service_app(keys: Keys) -> Flask:
    bp = Blueprint("inside", "inside")

    @bp.get("/internal/told")
    @auth.callers("chat-svc")
    def told() -> dict[str, Any]:
        work = context.current()
        return {"request_id": work.request_id, "trace": work.traceparent, "left": work.remaining(60.0)}

    @bp.get("/internal/refusal/<kind>")
    @auth.callers("chat-svc")
    def refusal(kind: str) -> dict[str, Any]:
        raise REFUSALS[kind]

    @bp.get("/internal/not-yours")
    @auth.callers("ai-svc")
    def not_yours() -> dict[str, Any]:
        return {}

    @bp.get("/internal/large")
    @auth.callers("chat-svc")
    def large() -> Response:
        return Response((b"x" * 1_000_000 for _ in range(20)), content_type="application/json")

    @bp.get("/internal/html")
    @auth.callers("chat-svc")
    def html() -> Response:
        return Response("<p>hello", content_type="text/html")

    config = Common.from_env(environment("quota-svc", "postgresql:///none", keys), "quota-svc")
    nowhere = Database("host=127.0.0.1 port=1 dbname=none", pool_size=2, application="test")
    return create_app(
        config,
        title="Test",
        blueprints=[bp],
        authenticate=by_identity_header(Verifier("quota-svc", config.public_keys)),
        metrics=Metrics(nowhere),
        checks={},
    )


@pytest.fixture
def quota(way: Any, keys: Keys) -> Upstream:
    return Upstream("quota-svc", way(service_app(keys)), keys.signer("chat-svc"))


def test_request_id_and_trace_travel_and_the_deadline_shrinks(quota: Upstream) -> None:
    with context.working("chat-svc", "the-request", seconds=3.0) as work:
        told = quota.call("GET", "/internal/told", timeout=5.0)
        assert (told["request_id"], told["trace"]) == ("the-request", work.traceparent)
        assert 2.0 < told["left"] < 3.0
        assert quota.call("GET", "/internal/told", timeout=1.0)["left"] <= 1.0
        assert context.current() is work


def test_no_call_goes_out_when_the_time_is_up(quota: Upstream) -> None:
    with context.working("chat-svc", seconds=0.0), pytest.raises(Unavailable):
        quota.call("GET", "/internal/told")


@pytest.mark.parametrize("kind", ["quota", "fields", "rate"])
def test_a_refusal_comes_out_as_the_neighbour_meant_it(quota: Upstream, kind: str) -> None:
    meant = REFUSALS[kind]
    with pytest.raises(type(meant)) as caught:
        quota.call("GET", f"/internal/refusal/{kind}")
    told = caught.value
    assert (told.status, told.code, told.detail) == (meant.status, meant.code, meant.detail)
    assert (told.errors, told.retry_after) == (meant.errors, meant.retry_after)
    assert not quota.breaker.is_open


@pytest.mark.parametrize(
    "path", ["/internal/refusal/away", "/internal/refusal/defect", "/internal/large", "/internal/html"]
)
def test_a_failure_an_endless_answer_and_one_that_is_no_json_are_unavailable(quota: Upstream, path: str) -> None:
    with pytest.raises(Unavailable):
        quota.call("GET", path)
    quota.breaker.succeeded()
    assert quota.call("GET", "/internal/told")["left"] <= 5.0


def test_a_route_that_is_not_ours_to_call_is_a_defect_of_ours(quota: Upstream) -> None:
    with pytest.raises(Internal):
        quota.call("GET", "/internal/not-yours")
    with pytest.raises(NotFound):
        quota.call("GET", "/internal/no-such-route")
