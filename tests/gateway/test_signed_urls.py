"""Objects through the gateway: `/store` and `/cdn` go to media-svc with nothing but what their URL says."""

from __future__ import annotations

import hashlib
import socket
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from flask import Response

from chassis.testing import Keys
from gateway.proxy.body import MAX_UPLOAD_BYTES
from tests.gateway.edge import Edge, unbuffered
from tests.gateway.edge_services import ID, Services, connect
from tests.gateway.gateway_harness import GatewayHarness, browser

OBJECT = f"/cdn/chat/{ID}/{ID}/full.jpg"
INCOMING = f"/store/incoming/{ID}"
CHUNK = bytes(range(256)) * 256


@pytest.fixture
def services(keys: Keys) -> Services:
    return Services(keys)


@pytest.fixture
def whole_gateway(make_gateway: Callable[..., GatewayHarness], services: Services) -> GatewayHarness:
    """The gateway with its accounts; a session may ask twice at once, and media-svc notes what it gets."""
    return make_gateway(media_app=services.app("media-svc"), RATE_LIMIT_FACTOR="0.004", SITE_URL="http://duet.example")


def test_no_session_cookie_token_or_origin_is_looked_at_or_passed_on(
    whole_gateway: GatewayHarness, services: Services
) -> None:
    person = whole_gateway.register()
    client, _csrf = browser(whole_gateway, person, Origin="http://duet.example")
    elsewhere = {"Origin": "https://elsewhere.example"}
    for headers in (elsewhere, {"Authorization": "Bearer expired"}, {"Authorization": "Basic eDp5"}):
        for method, path in (("PUT", INCOMING), ("GET", OBJECT), ("HEAD", OBJECT), ("OPTIONS", OBJECT)):
            assert client.open(path, method=method, headers=headers, data=b"x").status_code == 200
            seen = services.seen[-1]
            assert (seen.service, seen.method, seen.target) == ("media-svc", method, path)
            assert (seen.identity.subject, seen.identity.role) == ("anonymous", "anonymous")
            assert not {"cookie", "authorization", "x-csrf-token"} & set(seen.headers)


def test_a_page_of_fifty_pictures_is_not_too_many_requests(whole_gateway: GatewayHarness, services: Services) -> None:
    person = whole_gateway.register()
    assert {person("GET", OBJECT).status_code for _ in range(200)} == {200}
    assert len(services.seen) == 200


ASKED = {
    "Range": "bytes=100-199", "If-None-Match": '"e"', "If-Range": '"e"',
    "If-Modified-Since": "Fri, 20 Nov 2026 07:00:00 GMT",
}  # fmt: skip
TOLD = {
    "Content-Type": "video/mp4", "Content-Range": "bytes 100-199/5000", "Content-Length": "100", "ETag": '"e"',
    "Accept-Ranges": "bytes", "Cache-Control": "max-age=300, s-maxage=30", "Content-Disposition": "inline",
    "Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff",
    "Last-Modified": "Fri, 20 Nov 2026 07:00:00 GMT", "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip
OF_304 = ("ETag", "Cache-Control", "Content-Security-Policy", "X-Content-Type-Options")


@pytest.mark.parametrize("status", [206, 304, 403, 412, 416])
def test_ranges_validators_and_caching_pass_in_both_directions(
    routing_edge: Edge, services: Services, status: int
) -> None:
    body = b"" if status == 304 else b"x" * 100
    told = {name: TOLD[name] for name in (OF_304 if status == 304 else TOLD)}
    services.answer = lambda: Response(iter([body] if body else []), status, told)
    with unbuffered(routing_edge.app) as url, closing(connect(url)) as connection:
        for method in ("GET", "HEAD"):
            connection.request(method, f"{OBJECT}?Expires=1&Signature=a~b-c__&Key-Pair-Id=K", headers=ASKED)
            answer = connection.getresponse()
            got = answer.read()
            assert (answer.status, got) == (status, b"" if method == "HEAD" else body)
            assert {name: answer.headers[name] for name in told} == told
            seen = services.seen[-1]
            assert {name: seen.headers[name.lower()] for name in ASKED} == ASKED
            assert seen.target == f"{OBJECT}?Expires=1&Signature=a~b-c__&Key-Pair-Id=K"


def test_what_an_upload_signs_arrives_as_it_was_sent(routing_edge: Edge, services: Services) -> None:
    headers = {"Content-Type": "image/jpeg", "If-None-Match": "*", "Expect": "100-continue", "Connection": "close"}
    with unbuffered(routing_edge.app) as url:
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) as client:
            head = "".join(f"{name}: {value}\r\n" for name, value in {**headers, "Content-Length": "5"}.items())
            client.sendall(f"PUT {INCOMING}?sig=1 HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
            assert client.recv(100).startswith(b"HTTP/1.1 100")
            client.sendall(b"hello")
            answer = b""
            while chunk := client.recv(4096):
                answer += chunk
    assert b" 200 OK" in answer
    (seen,) = services.seen
    assert (seen.size, seen.headers["content-length"], seen.headers["content-type"]) == (5, "5", "image/jpeg")
    assert seen.headers["if-none-match"] == "*"


def test_fifty_megabytes_pass_without_being_held_and_one_byte_more_is_for_the_owner_to_refuse(
    routing_edge: Edge, services: Services
) -> None:
    with unbuffered(routing_edge.app) as url, closing(connect(url)) as connection:
        tracemalloc.start()
        try:
            for size in (MAX_UPLOAD_BYTES, MAX_UPLOAD_BYTES + 1):
                pieces = (CHUNK[: min(len(CHUNK), size - at)] for at in range(0, size, len(CHUNK)))
                connection.request("PUT", INCOMING, pieces, {"Content-Length": str(size)})
                answer = connection.getresponse()
                answer.read()
                assert (answer.status, services.seen[-1].size) == (200, size)
            services.answer = lambda: Response((CHUNK for _ in range(800)), content_type="video/mp4")
            connection.request("GET", OBJECT)
            answer, digest = connection.getresponse(), hashlib.sha256()
            while chunk := answer.read(64 * 1024):
                digest.update(chunk)
                services.measure()
        finally:
            tracemalloc.stop()
    assert digest.hexdigest() == hashlib.sha256(CHUNK * 800).hexdigest()
    assert 0 < services.held < 2 * 1024 * 1024
