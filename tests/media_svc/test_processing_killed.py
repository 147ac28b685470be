"""Killed at any moment and run again, the processing of an upload ends as it would have ended undisturbed."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from chassis.contracts.media import MediaProcessed, MediaQuarantined, MediaStandingChanged, MediaUploaded
from chassis.ids import uuid7
from media_svc.ports import ObjectStore, Ports, Rejected
from tests.media_svc.conftest import Build
from tests.media_svc.killing import DeadlyStore, Killed
from tests.media_svc.media_stand_ins import Media
from tests.media_svc.plain_decoder import PlainDecoder
from tests.stubs.classifier import ClassifierServer, judged

PICTURE = b"\xff\xd8\xff a picture, as far as the plain decoder cares"


class Stage:
    """The service on a store around which it may die."""

    def __init__(self, build: Build, decoder: PlainDecoder, classifier: ClassifierServer) -> None:
        self.decoder = decoder
        self.classifier = classifier

        def refit(ports: Ports) -> Ports:
            self.store = DeadlyStore(ports.store)
            store: ObjectStore = self.store  # type: ignore[assignment]  # it passes every call on
            return replace(ports, store=store, decoder=decoder)

        self.media: Media = build(refit, RATE_LIMIT_FACTOR="0")

    def arrived(self) -> str:
        """An avatar whose bytes are there, to be processed."""
        user = self.media.user(uuid7())
        body = {"purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": len(PICTURE)}
        created = self.media.announce(user, body)
        assert self.media.put(created, PICTURE) == 200
        assert self.media.complete(user, created["upload_id"])["status"] == "processing"
        return str(created["upload_id"])

    def run(self, deadly: int | None) -> bool:
        """Run the job with a death at this moment; whether there was one. The lease is over then."""
        self.store.arm(deadly)
        try:
            self.media.work()
        except Killed:
            self.media.execute("UPDATE processing_jobs SET run_at = now() WHERE state = 'open'")
            return True
        finally:
            self.store.arm(None)
        return False

    def outcome(self, upload_id: str) -> dict[str, Any]:
        """Everything that is left of an upload, without its ids."""
        one = "SELECT owner_id, status, error_code, nsfw_flag, media, held, removed_at IS NULL, tombstone FROM uploads"
        owner, *state = self.media.row(f"{one} WHERE id = %s", upload_id)
        rows = self.media.rows("SELECT key, role, sha256, size, evidence FROM objects WHERE upload_id = %s", upload_id)
        events = [
            kind.TYPE
            for kind in (MediaUploaded, MediaProcessed, MediaStandingChanged, MediaQuarantined)
            for data in self.media.emitted(kind)
            if data["upload_id"] == upload_id
        ]
        objects = {key: len(data) for key, data in self.media.objects().items() if upload_id in key}
        stops = self.media.rows("SELECT 1 FROM upload_stops WHERE upload_id = %s", upload_id)
        jobs = self.media.rows("SELECT state FROM processing_jobs WHERE id = %s", upload_id)
        found = {
            "state": state,
            "rows": sorted(rows),
            "events": events,
            "objects": objects,
            "stops": stops,
            "job": jobs,
        }
        text = repr(found).replace(upload_id, "UPLOAD").replace(str(owner), "OWNER")
        return {"text": text, "rows": rows, "objects": objects}


@pytest.fixture
def stage(build: Build, decoder: PlainDecoder, classifier: ClassifierServer) -> Stage:
    return Stage(build, decoder, classifier)


def deaths(stage: Stage, begin: Callable[[], str]) -> Iterator[str]:
    """For each moment at which it can die: an upload begun, killed there and run to its end."""
    for moment in itertools.count():
        upload_id = begin()
        died = stage.run(moment)
        assert not died or not stage.run(None)
        yield upload_id
        if not died:
            assert moment > 3
            return


def rejected() -> None:
    raise Rejected("too-many-pixels")


@pytest.mark.parametrize("case", ["safe", "soft", "blocked", "minor", "rejected"])
def test_a_processing_that_was_killed_anywhere_ends_the_same(stage: Stage, case: str) -> None:
    stage.decoder.before = rejected if case == "rejected" else lambda: None
    if case != "rejected":
        stage.classifier.otherwise = judged("safe" if case == "minor" else case, minor=case == "minor")
    undisturbed = stage.arrived()
    assert not stage.run(None)
    wanted = stage.outcome(undisturbed)
    for upload_id in deaths(stage, stage.arrived):
        assert stage.outcome(upload_id)["text"] == wanted["text"]


@pytest.mark.parametrize("verdict", ["safe", "blocked"])
def test_an_encoder_that_never_repeats_itself_leaves_objects_that_match_their_rows(stage: Stage, verdict: str) -> None:
    stage.classifier.otherwise = judged(verdict)
    salts = itertools.count()
    stage.decoder.salt = lambda: str(next(salts))
    for upload_id in deaths(stage, stage.arrived):
        found = stage.outcome(upload_id)
        live = {row[0]: row[3] for row in found["rows"]}
        wanted = {**live, f"incoming/{upload_id}": 0}
        assert found["objects"] == wanted
        if verdict == "blocked":
            # What an attempt that died had kept is evidence as well.
            assert {key.split("/")[0] for key in live} == {"evidence"}
        else:
            (media,) = stage.media.row("SELECT media FROM uploads WHERE id = %s", upload_id)
            shown = {media["key"], media["preview_key"], *(one["key"] for one in media["renditions"])}
            assert shown == set(live)


@pytest.mark.parametrize("how", ["hold", "remove", "both"])
def test_a_takedown_that_was_killed_anywhere_ends_the_same(stage: Stage, how: str) -> None:
    takedowns = stage.media.service.usecases.takedowns

    def taken_down() -> str:
        upload_id = stage.arrived()
        stage.run(None)
        if how != "remove":
            takedowns.hold(upload_id, "reported")
        if how != "hold":
            takedowns.remove(upload_id, "test")
        return upload_id

    undisturbed = taken_down()
    assert not stage.run(None)
    wanted = stage.outcome(undisturbed)
    kept = {key.split("/")[0] for key, size in wanted["objects"].items() if size}
    assert kept == (set() if how == "remove" else {"evidence"})
    for upload_id in deaths(stage, taken_down):
        assert stage.outcome(upload_id)["text"] == wanted["text"]


def test_an_upload_that_is_deleted_while_it_is_processed_leaves_nothing(stage: Stage) -> None:
    upload_id = stage.arrived()
    (owner,) = stage.media.row("SELECT owner_id FROM uploads WHERE id = %s", upload_id)
    user = stage.media.user(owner)

    def delete() -> None:
        assert user("DELETE", f"/v1/uploads/{upload_id}").status_code == 204

    stage.decoder.before = delete
    stage.run(None)
    assert stage.media.objects() == {f"incoming/{upload_id}": b""}
    assert stage.media.rows("SELECT 1 FROM objects") == []
    assert stage.media.emitted(MediaProcessed) == []
    assert stage.decoder.decoded == 1


def test_an_upload_that_is_held_while_it_is_processed_is_never_shown(stage: Stage) -> None:
    upload_id = stage.arrived()
    (owner,) = stage.media.row("SELECT owner_id FROM uploads WHERE id = %s", upload_id)

    def hold() -> None:
        stage.media.service.usecases.takedowns.hold(upload_id, "reported")

    stage.decoder.before = hold
    stage.run(None)
    assert stage.media.get(stage.media.user(owner), upload_id)["media"] is None
    kept = {key.split("/")[0] for key, data in stage.media.objects().items() if data}
    assert kept == {"evidence"}
