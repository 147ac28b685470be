"""The whole platform in one process, for tests that go through the gateway."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.client import Client
from tests.platform.embedded_host import Host


@pytest.fixture(scope="session")
def start_host(server_folder: Path) -> Iterator[Callable[..., Host]]:
    """Starts hosts with settings of the test's choice; all are stopped at the end of the run."""
    hosts: list[Host] = []

    def start(**settings: str) -> Host:
        host = Host(server_folder / f"host-{len(hosts)}", settings)
        hosts.append(host)
        return host.start()

    yield start
    for host in hosts:
        if host.process is not None:
            host.interrupt()


@pytest.fixture(scope="session")
def platform(start_host: Callable[..., Host]) -> Host:
    """One host for all tests that need nothing special: bot check off, rate limits off, offline engine."""
    return start_host(DUET_BOT_CHECK="off", RATE_LIMIT_FACTOR="0")


@pytest.fixture
def newcomer(platform: Host) -> Client:
    return platform.newcomer()
