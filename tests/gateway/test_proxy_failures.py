"""How routing tells that a service refuses, fails, breaks off or is away."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from flask import Response

from chassis.testing import eventually, problem
from chassis.upstream import Network
from deploy.ports import free_port
from tests.gateway.edge import Edge, serving, unbuffered
from tests.gateway.edge_services import ID, SIGNED_IN, Services, call, connect


@pytest.fixture
def edge(routing_edge: Edge) -> Edge:
    return routing_edge


TOO_LARGE = (
    b"HTTP/1.1 413 Too Large\r\nContent-Type: application/problem+json\r\nContent-Length: 20\r\n\r\n"
    b'{"code":"too-large"}'
)


class Unreliable:
    """A service on a bare socket that does to each request what it is told: `answer`, `hang up`, `cut`, `refuse`."""

    def __init__(self, *deeds: str, port: int = 0) -> None:
        self._deeds = list(deeds)
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", port))
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


def test_a_service_that_is_away_is_told_as_unavailable_and_found_again(database_url: str) -> None:
    port = free_port()
    edge = Edge(database_url, Network({"chat-svc": f"http://127.0.0.1:{port}"}))
    for _ in range(7):
        answer = call(edge, "GET", "/v1/conversations")
        assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"] == "1"
    back = Unreliable("answer", port=port)
    eventually(lambda: call(edge, "GET", "/v1/conversations").status_code == 200)
    assert len(back.requests) == 1
    edge.close()
    back.close()
