"""media-svc alone, on its own database and folder, between strict stand-ins for its neighbours."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.testing import Keys, environment, network_of, prepare
from media_svc import adapters
from media_svc.app import create_service
from media_svc.config import Config
from media_svc.ports import Ports
from tests.media_svc.companion_media_kit import Shelf
from tests.media_svc.media_stand_ins import Ai, Chat, Media, Quota
from tests.media_svc.plain_decoder import PlainDecoder
from tests.stubs.classifier import ClassifierServer

Build = Callable[..., Media]


@pytest.fixture
def database_url(emptied_database_url: str) -> str:
    return emptied_database_url


@pytest.fixture
def classifier() -> Iterator[ClassifierServer]:
    """A classifier on a script; without one it judges by colour."""
    with ClassifierServer() as server:
        yield server
    assert server.violations == []


@pytest.fixture
def build(database_url: str, tmp_path: Path, classifier: ClassifierServer) -> Iterator[Build]:
    """Makes the service with its settings; `refit` may put something around what it uses and does not own."""
    made: list[Media] = []

    def build(refit: Callable[[Ports], Ports] = lambda ports: ports, **settings: str) -> Media:
        keys = Keys()
        chat, ai, quota = (kind(keys, database_url) for kind in (Chat, Ai, Quota))
        own = {"MEDIA_FOLDER": str(tmp_path / "media"), **classifier.environment(), **settings}
        env = environment("media-svc", database_url, keys, **own)
        ports = refit(adapters.connect(Config.from_env(env)))
        network = network_of(chat=chat.app, ai=ai.app, quota=quota.app)
        service = create_service(env, network, ports=ports)
        prepare(service)
        media = Media(service, keys, ports, tmp_path / "media", chat, ai, quota)
        made.append(media)
        return media

    yield build
    for media in made:
        media.service.database.close()
        assert media.chat.faults + media.ai.faults + media.quota.faults == []


@pytest.fixture
def media(build: Build) -> Media:
    return build()


@pytest.fixture
def decoder() -> PlainDecoder:
    return PlainDecoder()


@pytest.fixture
def quick(build: Build, decoder: PlainDecoder) -> Media:
    """The service with a decoder that decodes nothing, for tests of everything around it."""
    return build(lambda ports: replace(ports, decoder=decoder))


@pytest.fixture
def shelf(media: Media) -> Shelf:
    return Shelf(media)
