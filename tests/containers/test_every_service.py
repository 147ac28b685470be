"""What holds for each service alone: health, readiness while a dependency is away, documents, a graceful stop."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests

from chassis.config import NEIGHBOURS
from chassis.testing import eventually

SERVICES = tuple(NEIGHBOURS)


@pytest.fixture(scope="module", params=SERVICES)
def container(request: pytest.FixtureRequest, contain: Callable[..., Any]) -> Any:
    return contain(request.param)


def test_it_is_healthy_ready_and_documented_and_counts_its_requests(container: Any) -> None:
    assert requests.get(f"{container.url}/healthz", timeout=5).json() == {"status": "ok", "service": container.service}
    ready = requests.get(f"{container.url}/readyz", timeout=5)
    assert ready.status_code == 200
    assert ready.json()["checks"]["database"] == "ok"
    document = requests.get(f"{container.url}/openapi.json", timeout=5).json()
    assert document["openapi"].startswith("3.1")
    assert "duet_outbox_unpublished" in requests.get(f"{container.url}/metrics", timeout=5).text
    assert container.processes.readiness(container.worker)[1]["checks"]["bus"] == "ok"


def test_it_is_alive_but_not_ready_while_a_dependency_is_away_and_recovers_by_itself(container: Any) -> None:
    def state(name: str) -> dict[str, Any]:
        status, body = container.processes.readiness(name)
        return {"status": status, **dict(body.get("checks", {}))}

    container.database.refuse()
    away = eventually(lambda: state(container.web), until=lambda s: s["status"] == 503, within=20)
    assert away["database"] == "unavailable"
    assert requests.get(f"{container.url}/healthz", timeout=5).status_code == 200
    container.database.accept()
    eventually(lambda: state(container.web)["status"] == 200, within=30)
    eventually(lambda: state(container.worker)["status"] == 200, within=30)

    container.broker.refuse()
    eventually(lambda: state(container.worker), until=lambda s: s.get("bus") == "unavailable", within=20)
    assert state(container.web)["status"] == 200, "web processes do not depend on the broker"
    container.broker.accept()
    eventually(lambda: state(container.worker)["status"] == 200, within=30)


def test_it_stops_gracefully_under_load(container: Any) -> None:
    stopping = threading.Event()
    strange: list[str] = []
    answered = []

    def press() -> None:
        while not stopping.is_set():
            try:
                answer = requests.get(f"{container.url}/readyz", headers={"Connection": "close"}, timeout=10)
            except requests.ConnectionError:
                if answered and not stopping.is_set():
                    return  # nobody accepts any more
                continue
            if answer.status_code != 200:
                strange.append(f"{answer.status_code} {answer.text}")
            answered.append(answer.status_code)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(answered) > 50, within=20)
    assert container.processes.terminate(container.web) == 0
    stopping.set()
    for thread in threads:
        thread.join()
    assert strange == []
    assert container.processes.terminate(container.worker) == 0
    assert "Traceback" not in container.processes.log(container.web)
    assert "Traceback" not in container.processes.log(container.worker)
