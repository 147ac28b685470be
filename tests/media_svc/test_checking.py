"""The policy check as a whole: hash list, kept verdicts, provider, and what is nobody's to see."""

import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import drawn_pictures
import pytest

from chassis.db import Database
from chassis.testing import Harness
from media_svc.adapters.hash_list import NoHashList
from media_svc.adapters.http_classifier import HttpClassifier
from media_svc.adapters.nudenet import NudeNetClassifier
from media_svc.ports import CheckUnavailable
from media_svc.usecases.checking import Checking, Judgement, coverage
from tests.media_svc.conftest import Build
from tests.stubs import classifier as stub
from tests.stubs.classifier import ClassifierServer


class Listed:
    """A hash list in memory."""

    def __init__(self, *hashes: str) -> None:
        self._hashes = hashes

    def matches(self, sha256s: Sequence[str], pdq: Sequence[str]) -> bool:
        return not set(self._hashes).isdisjoint([*sha256s, *pdq])


class Unreadable:
    """A hash list whose file is broken."""

    def matches(self, sha256s: Sequence[str], pdq: Sequence[str]) -> bool:
        raise CheckUnavailable("broken")


@pytest.fixture
def server() -> Iterator[ClassifierServer]:
    with ClassifierServer() as made:
        yield made
    assert made.violations == []


@pytest.fixture
def database(media: Harness) -> Database:
    return media.service.database


@pytest.fixture
def frames(tmp_path: Path) -> list[Path]:
    return [drawn_pictures.saved(drawn_pictures.hills(seed), tmp_path / f"{seed}.jpg") for seed in (1, 2, 3)]


def sha256() -> str:
    return uuid.uuid4().hex * 2


def checking(database: Database, server: ClassifierServer, hash_list: object = None, url: str = "") -> Checking:
    return Checking(database, HttpClassifier(url or server.url, stub.KEY, 5.0), hash_list or NoHashList())  # type: ignore[arg-type]  # whatever has `matches`


def test_a_safe_picture_is_safe(database: Database, server: ClassifierServer, frames: list[Path]) -> None:
    found = checking(database, server).judge(sha256(), sha256(), [], frames[:1])
    assert (found.flag, found.minor, found.hash_match) == ("safe", False, False)
    assert found.policy_version.startswith("http-")


def test_the_worst_frame_of_a_video_counts(database: Database, server: ClassifierServer, frames: list[Path]) -> None:
    server.script = [
        stub.judged("soft", labels=[("skin", 0.4), ("beach", 0.9)]),
        stub.judged("erotic", labels=[("skin", 0.8)]),
        stub.judged("safe"),
    ]
    found = checking(database, server).judge(sha256(), sha256(), [], frames)
    assert found.flag == "erotic"
    assert [(label.name, label.score) for label in found.labels] == [("beach", 0.9), ("skin", 0.8)]


def test_a_minor_in_any_frame_blocks_whatever_its_flag(
    database: Database, server: ClassifierServer, frames: list[Path]
) -> None:
    server.script = [stub.judged("blocked"), stub.judged("safe"), stub.judged("safe", minor=True)]
    found = checking(database, server).judge(sha256(), sha256(), [], frames)
    assert (found.flag, found.minor) == ("blocked", True)


def test_the_provider_is_asked_once_for_the_same_bytes(
    database: Database, server: ClassifierServer, frames: list[Path]
) -> None:
    server.script = [stub.judged("blocked", minor=True, labels=[("face", 0.7)])]
    digest = sha256()
    first = checking(database, server).judge(digest, sha256(), [], frames[:1])
    again = checking(database, server).judge(digest, sha256(), [], frames[:1])
    assert again == first
    assert len(server.requests) == 1


def test_other_bytes_are_asked_for_anew(database: Database, server: ClassifierServer, frames: list[Path]) -> None:
    check = checking(database, server)
    check.judge(sha256(), sha256(), [], frames[:1])
    check.judge(sha256(), sha256(), [], frames[:1])
    assert len(server.requests) == 2


def test_another_policy_version_asks_again_and_keeps_both(
    database: Database, server: ClassifierServer, frames: list[Path]
) -> None:
    digest = sha256()
    with ClassifierServer() as other:
        other.script = [stub.judged("erotic")]
        assert checking(database, server).judge(digest, sha256(), [], frames[:1]).flag == "safe"
        assert checking(database, other).judge(digest, sha256(), [], frames[:1]).flag == "erotic"
        assert checking(database, server).judge(digest, sha256(), [], frames[:1]).flag == "safe"
        assert (len(server.requests), len(other.requests)) == (1, 1)


@pytest.mark.parametrize("behaviour", [stub.outage, stub.garbage, stub.failing(500)], ids=["outage", "garbage", "500"])
def test_a_failure_is_not_kept_and_the_next_answer_counts(
    database: Database, server: ClassifierServer, frames: list[Path], behaviour: stub.Behaviour
) -> None:
    digest, check = sha256(), checking(database, server)
    server.script = [stub.judged("safe"), behaviour, stub.judged("soft")]
    with pytest.raises(CheckUnavailable):
        check.judge(digest, sha256(), [], frames[:2])
    assert check.judge(digest, sha256(), [], frames[:1]).flag == "soft"


def test_a_hash_match_is_blocked_without_asking_the_provider(
    database: Database, server: ClassifierServer, frames: list[Path]
) -> None:
    full, original, near = sha256(), sha256(), sha256()
    for listed in (full, original, near):
        found = checking(database, server, Listed(listed)).judge(full, original, [sha256(), near], frames[:1])
        assert found == Judgement("blocked", False, True, (), found.policy_version)
    assert server.requests == []


def test_the_hash_list_is_asked_again_for_bytes_that_were_safe(
    database: Database, server: ClassifierServer, frames: list[Path]
) -> None:
    digest = sha256()
    assert checking(database, server).judge(digest, sha256(), [], frames[:1]).flag == "safe"
    assert checking(database, server, Listed(digest)).judge(digest, sha256(), [], frames[:1]).hash_match


def test_without_a_usable_hash_list_nothing_is_judged(
    database: Database, server: ClassifierServer, frames: list[Path]
) -> None:
    with pytest.raises(CheckUnavailable):
        checking(database, server, Unreadable()).judge(sha256(), sha256(), [], frames[:1])
    assert server.requests == []


def test_media_without_a_frame_is_not_judged(database: Database, server: ClassifierServer) -> None:
    with pytest.raises(CheckUnavailable):
        checking(database, server).judge(sha256(), sha256(), [], [])


def test_the_check_is_refused_inside_a_transaction(
    database: Database, server: ClassifierServer, frames: list[Path]
) -> None:
    with pytest.raises(RuntimeError), database.transaction():
        checking(database, server).judge(sha256(), sha256(), [], frames[:1])
    assert server.requests == []


def test_what_nobody_looks_for_can_be_named() -> None:
    assert coverage(NudeNetClassifier()) == (["nudity"], ["minors", "acts", "gore", "symbols"])
    assert coverage(HttpClassifier("http://a.test", None)) == (["nudity", "minors", "acts", "gore", "symbols"], [])


def test_what_nobody_looks_for_is_told_with_readiness(build: Build) -> None:
    answer = build(MEDIA_CLASSIFIER="nudenet").stranger().get("/readyz")
    assert answer.json is not None
    assert answer.json["details"]["policy_check"] == {
        "provider": "nudenet",
        "seen": ["nudity"],
        "unseen": ["minors", "acts", "gore", "symbols"],
    }
