"""What holds for each service alone: health, readiness while a dependency is away, documents, a graceful stop."""

import http.client
import json
import socket
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from chassis.config import NEIGHBOURS
from chassis.testing import eventually
from tests.chat_svc.media_stand_in import RULES

SERVICES = tuple(NEIGHBOURS)


def rules_are_known(container: Any) -> None:
    """All that a service asks a neighbour by itself: chat-svc keeps the rules of media at hand."""
    if container.service == "chat-svc":
        container.neighbours["media-svc"].expect("GET", "/internal/media/rules", None, lambda _body: (200, RULES))


@pytest.fixture(scope="module", params=SERVICES)
def container(request: pytest.FixtureRequest, contain: Callable[..., Any]) -> Any:
    return contain(request.param, expect=rules_are_known)


def test_it_is_healthy_ready_and_documented_and_counts_its_requests(container: Any) -> None:
    assert requests.get(f"{container.url}/healthz", timeout=30).json() == {"status": "ok", "service": container.service}
    ready = requests.get(f"{container.url}/readyz", timeout=30)
    assert ready.status_code == 200
    assert ready.json()["checks"]["database"] == "ok"
    document = requests.get(f"{container.url}/openapi.json", timeout=30).json()
    assert document["openapi"].startswith("3.1")
    assert "duet_outbox_unpublished" in requests.get(f"{container.url}/metrics", timeout=30).text
    assert container.processes.readiness(container.worker)[1]["checks"]["bus"] == "ok"


def test_it_is_alive_but_not_ready_while_a_dependency_is_away_and_recovers_by_itself(container: Any) -> None:
    def state(name: str) -> dict[str, Any]:
        status, body = container.processes.readiness(name)
        return {"status": status, **dict(body.get("checks", {}))}

    container.database.refuse()
    away = eventually(lambda: state(container.web), until=lambda s: s["status"] == 503, within=60)
    assert away["database"] == "unavailable"
    assert requests.get(f"{container.url}/healthz", timeout=30).status_code == 200
    container.database.accept()
    eventually(lambda: state(container.web)["status"] == 200, within=60)
    eventually(lambda: state(container.worker)["status"] == 200, within=60)

    container.broker.refuse()
    eventually(lambda: state(container.worker), until=lambda s: s.get("bus") == "unavailable", within=60)
    assert state(container.web)["status"] == 200, "web processes do not depend on the broker"
    container.broker.accept()
    eventually(lambda: state(container.worker)["status"] == 200, within=60)


UNREADABLE = {
    "two lengths": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "two ways to tell the length": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown encoding": "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
    "two hosts": "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "NUL in a header": "GET / HTTP/1.1\r\nHost: x\r\nX-Nul: a\x00b\r\n\r\n",
    "a long address": f"GET /{'a' * 4_200} HTTP/1.1\r\nHost: x\r\n\r\n",
    "no HTTP": "\x16\x03\x01\r\n\r\n",
}


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_its_server_cannot_read_is_refused_with_a_problem(container: Any, sent: str) -> None:
    status, problem = answer_to(container, sent)
    assert (status, problem["status"], problem["code"]) == (400, 400, "malformed")


def answer_to(container: Any, sent: str) -> tuple[int, dict[str, Any]]:
    """The first answer to bytes on a connection that is closed after it."""
    with socket.create_connection(("127.0.0.1", urlsplit(container.url).port), timeout=60) as connection:
        connection.sendall(sent.encode("latin-1"))
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.getheader("Content-Type") == "application/problem+json"
        assert answer.getheader("X-Request-Id")
        return answer.status, json.loads(answer.read())


def test_it_stops_gracefully_under_load(container: Any) -> None:
    stopping = threading.Event()
    strange: list[str] = []
    answered: list[int] = []

    def press() -> None:
        while not stopping.is_set():
            try:
                answer = requests.get(f"{container.url}/readyz", headers={"Connection": "close"}, timeout=30)
            except requests.ConnectionError:
                if answered and not stopping.is_set():
                    return  # nobody accepts any more
                continue
            except requests.RequestException as error:
                strange.append(repr(error))
                return
            if answer.status_code != 200:
                strange.append(f"{answer.status_code} {answer.text}")
            answered.append(answer.status_code)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(answered) > 50)
    statuses = [container.processes.terminate(container.web)]
    stopping.set()
    for thread in threads:
        thread.join()
    statuses.append(container.processes.terminate(container.worker))
    traces = {}
    for name in (container.web, container.worker):
        before, trace, after = container.processes.log(name).partition("Traceback")
        if trace:
            traces[name] = before[-1_000:] + trace + after[:3_000]
    assert (statuses, strange, traces) == ([0, 0], [], {})
