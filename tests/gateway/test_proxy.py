"""Routing to the services: who owns what, what is passed on and what is not, and how failures are told."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from edge import Edge, serving, unbuffered
from flask import Flask, Response, request
from werkzeug.test import TestResponse

from chassis.auth import HEADER, Identity, Verifier
from chassis.ids import uuid7
from chassis.testing import SERVICES, Keys, problem
from chassis.upstream import HttpTransport, Network, WsgiTransport
from gateway.proxy.forward import passed_on
from gateway.proxy.table import owner_of, read_path

ID = "01a1f86c-ece3-7363-b24e-1657633b7eea"
BIG = 20 * 1024 * 1024
CHUNK = bytes(range(256)) * 256
NEIGHBOURS = [name for name in SERVICES if name != "gateway"]


@dataclass
class Seen:
    """A request as it reached a service."""

    service: str
    identity: Identity
    headers: dict[str, str]
    target: str
    method: str
    size: int
    digest: str


@dataclass
class Services:
    """Every neighbour as an app that notes what it gets and answers as told."""

    keys: Keys
    seen: list[Seen] = field(default_factory=list)
    answer: Callable[[], Any] = lambda: {"ok": True}
    held: int = 0

    def measure(self) -> None:
        """Note how much memory is in use at the moment, where that is traced."""
        self.held = max(self.held, tracemalloc.get_traced_memory()[0])

    def app(self, name: str) -> Flask:
        app = Flask(name, static_folder=None)
        verifier = Verifier(name, json.loads(self.keys.jwks)["keys"])

        @app.route("/", defaults={"rest": ""}, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
        @app.route("/<path:rest>", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
        def note(rest: str) -> Any:
            digest, size = hashlib.sha256(), 0
            while chunk := request.stream.read(64 * 1024):
                digest.update(chunk)
                self.measure()
                size += len(chunk)
            headers = {key.lower(): value for key, value in request.headers.items()}
            target = request.environ["REQUEST_URI"]
            identity = verifier.verify(request.headers[HEADER])
            self.seen.append(Seen(name, identity, headers, target, request.method, size, digest.hexdigest()))
            return self.answer()

        return app


@pytest.fixture
def services() -> Services:
    return Services(Keys())


@contextmanager
def network_over(kind: str, services: Services) -> Iterator[Network]:
    """The neighbours over HTTP, or in this process as in the one-process host."""
    apps = {name: services.app(name) for name in NEIGHBOURS}
    if kind == "in process":
        yield Network(transports={name: WsgiTransport(lambda app=app: app) for name, app in apps.items()})
        return

    def by_port(environ: dict[str, Any], start_response: Any) -> Any:
        # One server is enough for four: the first word of the host's path says which app it is.
        name, _slash, rest = environ["REQUEST_URI"].lstrip("/").partition("/")
        environ["REQUEST_URI"] = environ["RAW_URI"] = "/" + rest
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(f"/{name}")
        return apps[name](environ, start_response)

    with unbuffered(by_port) as address:
        yield Network(transports={name: _Below(address, name) for name in NEIGHBOURS})


class _Below(HttpTransport):
    """A service below a path of a server."""

    def __init__(self, address: str, name: str) -> None:
        super().__init__(address)
        self._name = name

    def open(self, method: str, path: str, *rest: Any) -> Any:
        return super().open(method, f"/{self._name}{path}", *rest)


@pytest.fixture(params=["over HTTP", "in process"])
def edge(request: pytest.FixtureRequest, database_url: str, services: Services) -> Iterator[Edge]:
    with network_over(request.param, services) as network:
        made = Edge(database_url, network, keys=services.keys)
        yield made
        made.close()


USER = str(uuid7())
SIGNED_IN = {"Authorization": f"Bearer {USER}/s1"}


def call(edge: Edge, method: str, path: str, **options: Any) -> TestResponse:
    headers = {**SIGNED_IN, **options.pop("headers", {})}
    return edge.app.test_client().open(path, method=method, headers=headers, buffered=True, **options)


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/v1/uploads", "media-svc"),
        (f"/v1/uploads/{ID}/complete", "media-svc"),
        ("/v1/media/sign", "media-svc"),
        ("/v1/media/rules", "media-svc"),
        (f"/v1/companions/{ID}/gallery", "media-svc"),
        (f"/v1/companions/{ID}/posts/", "media-svc"),
        (f"/v1/companion-media/{ID}/like", "media-svc"),
        (f"/v1/admin/companions/{ID}/media", "media-svc"),
        (f"/v1/admin/companion-media/{ID}", "media-svc"),
        ("/v1/conversations", "chat-svc"),
        (f"/v1/conversations/{ID}/messages", "chat-svc"),
        (f"/v1/conversations/{ID}/memories", "ai-svc"),
        (f"/v1/conversations/{ID}/memories/{ID}", "ai-svc"),
        ("/v1/conversations/memories", "chat-svc"),
        (f"/v1/messages/{ID}/reports", "chat-svc"),
        ("/v1/search/messages", "chat-svc"),
        (f"/v1/blocks/{ID}", "chat-svc"),
        ("/v1/admin/reports", "chat-svc"),
        ("/v1/companions", "ai-svc"),
        (f"/v1/companions/{ID}", "ai-svc"),
        (f"/v1/companions/{ID}/galleryx", "ai-svc"),
        ("/v1/admin/companions", "ai-svc"),
        ("/v1/permits", "quota-svc"),
        ("/v1/plans", "quota-svc"),
        ("/v1/checkout/verify", "quota-svc"),
        ("/v1/payments", "quota-svc"),
        ("/v1/webhooks/stripe", "quota-svc"),
        ("/v1/wallet/transactions", "quota-svc"),
        (f"/v1/admin/wallets/{ID}/grant", "quota-svc"),
    ],
)
def test_the_longest_prefix_finds_the_owner(path: str, owner: str) -> None:
    assert owner_of(read_path({"PATH_INFO": path})) == owner


def test_every_service_gets_what_it_owns(edge: Edge, services: Services) -> None:
    paths = ["/v1/uploads", "/v1/conversations", "/v1/permits", f"/v1/conversations/{ID}/memories"]
    for path in paths:
        assert call(edge, "POST", path).status_code == 200
    assert [(one.service, one.target) for one in services.seen] == list(
        zip(["media-svc", "chat-svc", "quota-svc", "ai-svc"], paths, strict=True)
    )


UNOWNED = [
    "/v1", "/v1/", "/v1/nothing", "/v1/me", "/v1/auth/login", "/v1/admin", "/v1/admin/users", "/v1/conversationsx",
    "/internal/quotas/open", "/v1/internal/standing", "/metricsx", "/conversations", "/V1/conversations",
]  # fmt: skip


def test_what_no_service_owns_reaches_none(edge: Edge, services: Services) -> None:
    for path in UNOWNED:
        assert problem(call(edge, "POST", path))["code"] == "not-found", path
    assert services.seen == []


AMBIGUOUS = [
    "//v1/conversations", "/v1//conversations", "/v1/conversations//x", "/v1/conversations//",
    "/v1/plans/../conversations", "/v1/plans/%2e%2e/conversations", "/v1/plans/%2E./x", "/v1/./plans",
    "/v1/plans/..", "/v1/plans/%2e", "/v1/plans%2f..%2fwallet", "/v1/plans%2Fx", "/v1/plans/%5c..%5cwallet",
    "/v1/plans/a%00b", "/v1/plans/a%0d%0ab", "/v1/plans/%ff", "/v1/companions/..%2f..%2finternal/companions/x",
    "/v1/companions/%2e%2e/%2e%2e/internal/companions/x",
]  # fmt: skip


def test_a_path_that_two_servers_could_read_differently_is_not_found(database_url: str, services: Services) -> None:
    with network_over("in process", services) as network:
        edge = Edge(database_url, network, keys=services.keys)
        with serving(edge) as url:
            for path in AMBIGUOUS:
                status, headers, body = raw_request(url, f"GET {path} HTTP/1.1\r\nHost: x\r\n")
                assert (status, headers["content-type"]) == (404, "application/problem+json"), (path, body)
        edge.close()
    assert services.seen == []


TARGETS = [
    f"/v1/conversations/{ID}/messages?before_seq=5&limit=%32%30&x=a%20b%26c+d&x=%C3%A9",
    "/v1/companions?q=%3Cb%3E%25",
    "/v1/companions?q=a/../b//c?d",
    "/v1/companions/a%20b%3Fc",
    "/v1/companions/%C3%A9~'(*)",
    "/v1/companions/%252e%252e",
]


def test_path_and_query_keep_their_meaning(edge: Edge, services: Services) -> None:
    for target in TARGETS:
        assert call(edge, "GET", target).status_code == 200
        assert services.seen[-1].target == target


def test_a_service_learns_who_calls_and_the_client_cannot_say_so(edge: Edge, services: Services) -> None:
    forged = services.keys.signer("gateway").token("chat-svc", subject=str(uuid7()), role="admin")
    call(edge, "GET", "/v1/conversations", headers={HEADER: forged, "X-Duet-Role": "admin"})
    identity = services.seen[0].identity
    assert identity == Identity(USER, "user", "s1", "gateway")
    assert "x-duet-role" not in services.seen[0].headers


def test_public_paths_are_open_to_everybody_and_nothing_else_is(edge: Edge, services: Services) -> None:
    client = edge.app.test_client()
    public = [
        ("GET", "/v1/plans"), ("GET", "/v1/companions"), ("HEAD", "/v1/companions"), ("GET", f"/v1/companions/{ID}"),
        ("POST", "/v1/media/sign"), ("POST", "/v1/webhooks/stripe"),
    ]  # fmt: skip
    for method, path in public:
        assert client.open(path, method=method).status_code == 200
    assert {one.identity.role for one in services.seen} == {"anonymous"}
    services.seen.clear()
    closed = [
        ("POST", "/v1/plans"), ("POST", "/v1/companions"), ("GET", f"/v1/companions/{ID}/gallery"),
        ("GET", "/v1/media/sign"), ("POST", "/v1/media/sign/x"), ("GET", "/v1/webhooks/stripe"),
        ("GET", "/v1/conversations"), ("POST", "/v1/permits"), ("OPTIONS", "/v1/wallet"),
    ]  # fmt: skip
    for method, path in closed:
        assert problem(client.open(path, method=method))["code"] == "unauthenticated", path
    assert services.seen == []


def test_what_belongs_to_this_connection_or_to_sign_in_is_not_passed_on(edge: Edge, services: Services) -> None:
    call(
        edge, "GET", "/v1/conversations",
        headers={
            "Connection": "keep-alive, X-Hop", "X-Hop": "1", "Keep-Alive": "5", "TE": "trailers", "Upgrade": "h2c",
            "Proxy-Authorization": "x", "Cookie": "duet_session=secret", "X-CSRF-Token": "c",
            "Forwarded": "for=1.2.3.4",
            "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Host": "evil", "X-Real-IP": "1.2.3.4", "X-Request-Id": "mine-1",
            "traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "Accept-Language": "de", "User-Agent": "curl",
        },
    )  # fmt: skip
    headers = services.seen[0].headers
    for name in (
        "x-hop", "keep-alive", "te", "upgrade", "proxy-authorization", "cookie", "authorization", "x-csrf-token",
        "forwarded", "x-forwarded-host", "x-real-ip",
    ):  # fmt: skip
        assert name not in headers
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-request-id"] == "mine-1"
    assert headers["traceparent"] == f"00-{'a' * 32}-{'b' * 16}-01"
    assert (headers["accept-language"], headers["user-agent"]) == ("de", "curl")
    assert 0 < int(headers["x-duet-deadline-ms"]) <= 20_000


def test_a_header_that_the_request_needs_cannot_be_named_away() -> None:
    kept = passed_on([("Connection", "content-type, x-a"), ("Content-Type", "application/json"), ("X-A", "1")])
    assert kept == [("Content-Type", "application/json")]


def test_headers_beyond_32_kib_are_refused(edge: Edge, services: Services) -> None:
    answer = call(edge, "GET", "/v1/conversations", headers={f"X-{n}": "x" * 4_000 for n in range(9)})
    assert problem(answer)["status"] == 400
    assert services.seen == []


def test_what_a_service_says_about_connection_cookies_or_itself_does_not_come_back(
    edge: Edge, services: Services
) -> None:
    services.answer = lambda: Response(
        "hello", 201, {
            "Set-Cookie": "a=b", "Server": "secret/1.0", "X-Powered-By": "secret", HEADER: "token", "X-Duet-Sid": "s",
            "Cache-Control": "private", "ETag": '"1"', "X-Request-Id": "other", "Content-Type": "text/plain",
        },
    )  # fmt: skip
    answer = call(edge, "POST", "/v1/conversations", headers={"X-Request-Id": "mine-2"})
    assert (answer.status_code, answer.text) == (201, "hello")
    for name in ("Set-Cookie", "Server", "X-Powered-By", HEADER, "X-Duet-Sid"):
        assert name not in answer.headers
    assert answer.headers["Cache-Control"] == "private"
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers.getlist("X-Request-Id") == ["mine-2"]


def test_a_refusal_of_a_service_comes_back_word_for_word(edge: Edge, services: Services) -> None:
    body = json.dumps({"type": "/problems/quota-exhausted", "status": 402, "code": "quota-exhausted", "detail": "No."})
    services.answer = lambda: Response(body, 402, content_type="application/problem+json")
    answer = call(edge, "POST", f"/v1/conversations/{ID}/messages", json={})
    assert problem(answer)["code"] == "quota-exhausted"
    assert answer.text == body


@pytest.mark.parametrize(
    ("told", "status", "code", "retry_after"),
    [
        (Response("Traceback: secret", 500, content_type="text/html"), 500, "internal", None),
        (Response('{"code":"secret"}', 500, content_type="application/problem+json"), 500, "internal", None),
        (Response("Bad Gateway secret", 502), 503, "unavailable", "1"),
        (Response("secret", 503, {"Retry-After": "7"}), 503, "unavailable", "7"),
        (
            Response('{"code":"unavailable","detail":"Later.","x":"secret"}', 503, {"Retry-After": "2"},
                     content_type="application/problem+json"),
            503, "unavailable", "2",
        ),
    ],
)  # fmt: skip
def test_the_failure_of_a_service_is_told_without_internals(
    edge: Edge, services: Services, told: Response, status: int, code: str, retry_after: str | None
) -> None:
    services.answer = lambda: told
    answer = call(edge, "POST", "/v1/conversations", json={})
    assert (answer.status_code, problem(answer)["code"]) == (status, code)
    assert answer.headers.get("Retry-After") == retry_after
    assert "secret" not in answer.text


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
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as client:
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


def test_a_service_that_refuses_a_large_body_without_reading_it_is_heard(database_url: str) -> None:
    with (
        unreliable(database_url, *["refuse"] * 4) as (edge, service),
        unbuffered(edge.app) as url,
        closing(connect(url)) as connection,
    ):
        for body in (b"x" * 5_000_000, iter([b"x" * 50_000] * 100)) * 2:
            connection.request("POST", "/v1/conversations", body, SIGNED_IN)
            answer = connection.getresponse()
            assert (answer.status, json.loads(answer.read())["code"]) == (413, "too-large")
        assert len(service.requests) == 4


def test_an_answer_arrives_while_the_service_still_writes(edge: Edge, services: Services) -> None:
    go_on = threading.Event()

    def slowly() -> Iterator[bytes]:
        yield b"first"
        assert go_on.wait(10)
        yield b"second"

    services.answer = lambda: Response(slowly())
    with unbuffered(edge.app) as url, closing(connect(url)) as connection:
        connection.request("GET", "/v1/conversations", headers=SIGNED_IN)
        answer = connection.getresponse()
        assert answer.read1() == b"first"
        go_on.set()
        assert answer.read() == b"second"


TOO_LARGE = (
    b"HTTP/1.1 413 Too Large\r\nContent-Type: application/problem+json\r\nContent-Length: 20\r\n\r\n"
    b'{"code":"too-large"}'
)


class Unreliable:
    """A service on a bare socket that does to each request what it is told: `answer`, `hang up`, `cut`, `refuse`."""

    def __init__(self, *deeds: str) -> None:
        self._deeds = list(deeds)
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self._deeds:
            connection, _address = self._listener.accept()
            with connection:
                while self._deeds and (head := connection.recv(65536)):
                    self.requests.append(head.split(b"\r\n", 1)[0])
                    deed = self._deeds.pop(0)
                    if deed == "hang up":
                        break
                    if deed == "refuse":
                        # And closes with most of the body unread, which resets the connection.
                        connection.sendall(TOO_LARGE)
                        break
                    body = b"{}" if deed == "answer" else b"{}".ljust(10)
                    connection.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                        + (body if deed == "answer" else body[:5])
                    )
                    if deed == "cut":
                        break

    def close(self) -> None:
        self._listener.close()
        self._thread.join(5.0)


@contextmanager
def unreliable(database_url: str, *deeds: str) -> Iterator[tuple[Edge, Unreliable]]:
    service = Unreliable(*deeds)
    edge = Edge(database_url, Network({"chat-svc": service.address}))
    try:
        yield edge, service
    finally:
        edge.close()
        service.close()


def test_a_get_is_tried_again_on_a_connection_that_died_and_a_post_never(database_url: str) -> None:
    with unreliable(database_url, "answer", "hang up", "answer", "hang up", "answer") as (edge, service):
        assert call(edge, "GET", "/v1/conversations").status_code == 200
        assert call(edge, "GET", "/v1/conversations").status_code == 200
        assert len(service.requests) == 3
        answer = call(edge, "POST", "/v1/conversations")
        assert problem(answer)["code"] == "unavailable"
        assert answer.headers["Retry-After"] == "1"
        assert len(service.requests) == 4
        assert call(edge, "GET", "/v1/conversations").status_code == 200


def test_a_get_is_tried_again_only_once(database_url: str) -> None:
    with unreliable(database_url, "hang up", "hang up", "answer") as (edge, service):
        assert problem(call(edge, "GET", "/v1/conversations"))["code"] == "unavailable"
        assert len(service.requests) == 2
        assert call(edge, "GET", "/v1/conversations").status_code == 200


def test_an_answer_cut_short_does_not_look_complete(database_url: str) -> None:
    with unreliable(database_url, "cut") as (edge, _service), serving(edge) as url, closing(connect(url)) as connection:
        connection.request("GET", "/v1/conversations", headers=SIGNED_IN)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            connection.getresponse().read()


def test_a_service_that_is_away_is_told_as_unavailable_and_found_again(database_url: str, services: Services) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    edge = Edge(database_url, Network(dict.fromkeys(NEIGHBOURS, f"http://127.0.0.1:{port}")), keys=services.keys)
    for _ in range(7):
        answer = call(edge, "GET", "/v1/conversations")
        assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"] == "1"
    edge.close()


def connect(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)


def raw_request(url: str, head: str) -> tuple[int, dict[str, str], bytes]:
    """Send a request that no client library would, signed in; status, headers and body of the answer."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as client:
        client.sendall(f"{head}Authorization: {SIGNED_IN['Authorization']}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while chunk := client.recv(65536):
            answer += chunk
    top, _blank, body = answer.partition(b"\r\n\r\n")
    lines = top.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines[1:])}
    return int(lines[0].split()[1]), headers, body
