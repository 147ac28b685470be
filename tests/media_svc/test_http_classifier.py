"""The classifier over HTTP: api.md's verdict, and nothing else passes for one."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import drawn_pictures
import pytest

from media_svc.adapters.http_classifier import HttpClassifier
from media_svc.ports import CheckUnavailable, Label, Verdict
from tests.stubs import classifier as stub
from tests.stubs.classifier import ClassifierServer

VERDICT: dict[str, Any] = {"flag": "soft", "labels": [{"name": "swimwear", "score": 0.75}], "minor": False}


@pytest.fixture
def server() -> Iterator[ClassifierServer]:
    with ClassifierServer() as made:
        yield made
    assert made.violations == []


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return drawn_pictures.saved(drawn_pictures.hills(), tmp_path / "frame.jpg")


def asking(server: ClassifierServer, seconds: float = 10.0) -> HttpClassifier:
    return HttpClassifier(server.url, stub.KEY, seconds)


def test_a_verdict_is_taken_as_it_is(server: ClassifierServer, picture: Path) -> None:
    server.script = [stub.raw(json.dumps(VERDICT).encode(), content_type="application/json; charset=utf-8")]
    assert asking(server).judge(picture, "image/jpeg") == Verdict("soft", False, (Label("swimwear", 0.75),))


def test_the_bytes_of_the_picture_are_sent_with_their_type_and_the_key(server: ClassifierServer, picture: Path) -> None:
    asking(server).judge(picture, "image/jpeg")
    assert server.requests == [stub.Asked("image/jpeg", picture.read_bytes())]


@pytest.mark.parametrize(("name", "colour"), stub.COLOURS.items())
def test_the_stub_judges_by_colour(
    server: ClassifierServer, tmp_path: Path, name: str, colour: tuple[int, int, int]
) -> None:
    picture = drawn_pictures.saved(drawn_pictures.plain(*colour), tmp_path / "plain.jpg", quality=40)
    verdict = asking(server).judge(picture, "image/jpeg")
    assert (verdict.flag, verdict.minor) == (("safe", True) if name == "minor" else (name, False))


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        {**VERDICT, "flag": "unknown"},
        {**VERDICT, "flag": "SAFE"},
        {**VERDICT, "flag": None},
        {**VERDICT, "flag": ["safe"]},
        {**VERDICT, "flag": {}},
        {**VERDICT, "minor": "false"},
        {**VERDICT, "minor": 0},
        {**VERDICT, "minor": None},
        {**VERDICT, "labels": None},
        {**VERDICT, "labels": {}},
        {**VERDICT, "labels": ["nudity"]},
        {**VERDICT, "labels": [{"name": "nudity"}]},
        {**VERDICT, "labels": [{"name": "nudity", "score": 1.5}]},
        {**VERDICT, "labels": [{"name": "nudity", "score": -0.1}]},
        {**VERDICT, "labels": [{"name": "nudity", "score": "1"}]},
        {**VERDICT, "labels": [{"name": "nudity", "score": True}]},
        {**VERDICT, "labels": [{"name": 5, "score": 0.5}]},
        {**VERDICT, "labels": [{"name": "", "score": 0.5}]},
        {**VERDICT, "labels": [{"name": "nudity", "score": 0.5, "box": []}]},
        {**VERDICT, "reason": "none"},
        {"flag": "safe", "labels": []},
        {"flag": "safe", "minor": False},
        {"labels": [], "minor": False},
    ],
)
def test_an_answer_of_other_fields_or_types_is_a_failure(
    server: ClassifierServer, picture: Path, answer: object
) -> None:
    server.script = [stub.raw(json.dumps(answer).encode())]
    with pytest.raises(CheckUnavailable):
        asking(server).judge(picture, "image/jpeg")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"safe",
        b'{"flag": "safe", "labels": [], "minor": false',
        b'{"flag": "blocked", "flag": "safe", "labels": [], "minor": false}',
        b'{"flag": "safe", "labels": [{"name": "a", "score": NaN}], "minor": false}',
        b'{"flag": "s\xffafe", "labels": [], "minor": false}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_json_is_a_failure(server: ClassifierServer, picture: Path, body: bytes) -> None:
    server.script = [stub.raw(body)]
    with pytest.raises(CheckUnavailable):
        asking(server).judge(picture, "image/jpeg")


@pytest.mark.parametrize("status", [201, 204, 400, 401, 404, 429, 500, 503])
def test_every_other_status_is_a_failure_whatever_it_says(server: ClassifierServer, picture: Path, status: int) -> None:
    server.script = [stub.raw(json.dumps(VERDICT).encode(), status=status)]
    with pytest.raises(CheckUnavailable):
        asking(server).judge(picture, "image/jpeg")


@pytest.mark.parametrize(
    "behaviour",
    [
        stub.garbage,
        stub.no_http,
        stub.cut_off,
        stub.outage,
        stub.endless,
        stub.raw(json.dumps(VERDICT).encode(), content_type="text/html"),
        stub.raw(b" " * 70_000 + json.dumps(VERDICT).encode()),
    ],
)
def test_broken_answers_are_failures(server: ClassifierServer, picture: Path, behaviour: stub.Behaviour) -> None:
    server.script = [behaviour]
    with pytest.raises(CheckUnavailable):
        asking(server).judge(picture, "image/jpeg")


@pytest.mark.parametrize(
    "behaviour", [stub.silent, stub.dripping, stub.slowly(20.0, stub.judged("safe"))], ids=["silent", "drip", "slow"]
)
def test_an_answer_has_to_be_complete_in_time(
    server: ClassifierServer, picture: Path, behaviour: stub.Behaviour
) -> None:
    server.script = [behaviour]
    began = time.monotonic()
    with pytest.raises(CheckUnavailable):
        asking(server, seconds=0.5).judge(picture, "image/jpeg")
    assert time.monotonic() - began < 10.0


def test_redirects_are_not_followed(server: ClassifierServer, picture: Path) -> None:
    with ClassifierServer() as other:
        server.script = [stub.redirecting(other.url)]
        with pytest.raises(CheckUnavailable):
            asking(server).judge(picture, "image/jpeg")
        assert other.requests == []
        assert other.violations == []


def test_a_server_that_is_away_is_a_failure(picture: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(CheckUnavailable):
        HttpClassifier(f"http://127.0.0.1:{port}/", None).judge(picture, "image/jpeg")


def test_another_endpoint_is_another_policy() -> None:
    one, other = HttpClassifier("http://a.test/x", "key"), HttpClassifier("http://a.test/y", "key")
    assert one.policy_version == HttpClassifier("http://a.test/x", "another").policy_version
    assert one.policy_version != other.policy_version
