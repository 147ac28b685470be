"""The whole platform in one process, for tests that go through the gateway."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.client import Client
from tests.platform.embedded_host import Host
from tests.platform.media_kit import KNOWN_BAD, MediaPlatform
from tests.stubs.classifier import ClassifierServer, by_colour
from tests.stubs.model_server import ModelServer, streamed


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


@pytest.fixture(scope="session")
def running_media(start_host: Callable[..., Host], server_folder: Path) -> Iterator[MediaPlatform]:
    """A host of its own for all tests of media: a scripted model, a scripted classifier over HTTP, a hash list."""
    hash_list = server_folder / "known-bad"
    hash_list.write_text(f"sha256:{hashlib.sha256(KNOWN_BAD).hexdigest()}\n")
    with ModelServer() as model, ClassifierServer() as classifier:
        settings = model.environment("PRIMARY") | classifier.environment() | {"MEDIA_HASHLIST": str(hash_list)}
        host = start_host(DUET_BOT_CHECK="off", RATE_LIMIT_FACTOR="0", **settings)
        yield MediaPlatform(host, model, classifier)
        host.interrupt()


@pytest.fixture
def media_platform(running_media: MediaPlatform) -> MediaPlatform:
    running_media.model.otherwise, running_media.classifier.otherwise = streamed(), by_colour
    running_media.model.requests.clear()
    return running_media
