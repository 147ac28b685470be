"""Routing to the services: who owns what, what is passed on and what is not."""

from __future__ import annotations

import pytest
from flask import Response

from chassis.auth import HEADER, Identity
from chassis.ids import uuid7
from chassis.testing import problem
from gateway.proxy.forward import passed_on
from gateway.proxy.table import owner_of, read_path
from tests.gateway.edge import Edge, serving
from tests.gateway.edge_services import ID, USER, Services, call, network_over, raw_request


@pytest.fixture
def edge(routing_edge: Edge) -> Edge:
    return routing_edge


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
        (f"/store/incoming/{ID}", "media-svc"),
        (f"/cdn/chat/{ID}/{ID}/full.jpg", "media-svc"),
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
    "/internal/quotas/open", "/v1/internal/standing", "/metricsx", "/conversations",
    "/stores", "/cdnx/chat", "/v1/store/x", "/v1/cdn/x", "/evidence/chat", "/V1/conversations",
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
