"""The policy check with everything real around it: uploads, sandboxed decoder, NudeNet's process, a hash list file."""

import hashlib
import os
import time
import uuid
from pathlib import Path

import cv2
import drawn_pictures
import numpy as np
import pdqhash
import pytest

from chassis.contracts.media import MediaQuarantined
from media_svc.adapters.nudenet import NudeNetClassifier
from tests.media_svc.conftest import Build
from tests.media_svc.media_stand_ins import Media
from tests.stubs import classifier as stub
from tests.stubs.classifier import ClassifierServer


def jpeg(pixels: drawn_pictures.Pixels, tmp_path: Path) -> bytes:
    return drawn_pictures.saved(pixels, tmp_path / "picture.jpg").read_bytes()


def hash_list(tmp_path: Path, *lines: str) -> str:
    path = tmp_path / "hashes.txt"
    path.write_text("".join(f"{line}\n" for line in lines))
    past = time.time() - 60
    os.utime(path, (past, past))
    return str(path)


def pdq_of(pixels: drawn_pictures.Pixels) -> str:
    bits, _quality = pdqhash.compute(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
    return np.packbits(bits).tobytes().hex()


def test_nudenet_judges_what_is_uploaded(build: Build, tmp_path: Path, classifier: ClassifierServer) -> None:
    media = build(MEDIA_CLASSIFIER="nudenet")
    user = uuid.uuid4()
    safe = media.upload(user, jpeg(drawn_pictures.hills(), tmp_path))
    torso = media.upload(user, jpeg(drawn_pictures.mannequin(), tmp_path))
    assert (safe["status"], safe["media"]["nsfw_flag"], safe["media"]["preview_key"]) == ("completed", "safe", None)
    assert (torso["status"], torso["media"]["nsfw_flag"]) == ("completed", "erotic")
    assert torso["media"]["preview_key"] is not None
    kept = media.rows("SELECT flag, minor, policy_version FROM verdicts ORDER BY created_at")
    version = media.ports.classifier.policy_version
    assert kept == [("safe", False, version), ("erotic", False, version)]
    assert classifier.requests == []
    assert isinstance(media.ports.classifier, NudeNetClassifier)
    media.ports.classifier.close()


def test_the_same_picture_of_two_users_is_asked_about_once(
    media: Media, tmp_path: Path, classifier: ClassifierServer
) -> None:
    picture = jpeg(drawn_pictures.hills(3), tmp_path)
    first, second = (media.upload(uuid.uuid4(), picture) for _ in range(2))
    assert first["status"] == second["status"] == "completed"
    assert len(classifier.requests) == 1


@pytest.mark.parametrize(
    ("name", "status", "flag"),
    [("soft", "completed", "soft"), ("erotic", "completed", "erotic"), ("blocked", "blocked", "blocked")],
)
def test_a_verdict_decides_what_becomes_of_an_upload(
    media: Media, tmp_path: Path, name: str, status: str, flag: str
) -> None:
    upload = media.upload(uuid.uuid4(), jpeg(drawn_pictures.plain(*stub.COLOURS[name]), tmp_path))
    assert upload["status"] == status
    assert media.row("SELECT nsfw_flag FROM uploads WHERE id = %s", upload["upload_id"]) == (flag,)
    assert media.emitted(MediaQuarantined) == []


def test_a_minor_verdict_blocks_and_opens_an_incident(media: Media, tmp_path: Path) -> None:
    user = uuid.uuid4()
    upload = media.upload(user, jpeg(drawn_pictures.plain(*stub.COLOURS["minor"]), tmp_path))
    assert upload["status"] == "blocked"
    (event,) = media.emitted(MediaQuarantined)
    assert (event["upload_id"], event["owner_id"], event["reason"]) == (
        upload["upload_id"], str(user), "minor_suspicion",
    )  # fmt: skip
    assert media.rows("SELECT 1 FROM upload_stops") == []


@pytest.mark.parametrize("by", ["sha256 of the original", "pdq of a smaller, worse copy"])
def test_listed_pictures_are_quarantined_and_stop_their_owners_uploads(
    build: Build, tmp_path: Path, classifier: ClassifierServer, by: str
) -> None:
    pixels = drawn_pictures.hills(11, width=1400, height=1000)
    picture = jpeg(pixels, tmp_path)
    copy = cv2.imdecode(
        cv2.imencode(".jpg", cv2.resize(pixels, (420, 300)), [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_COLOR
    )
    line = f"sha256:{hashlib.sha256(picture).hexdigest()}" if by.startswith("sha256") else f"pdq:{pdq_of(copy)}"
    media = build(MEDIA_HASHLIST=hash_list(tmp_path, line))
    user = uuid.uuid4()
    assert media.upload(uuid.uuid4(), jpeg(drawn_pictures.hills(12), tmp_path))["status"] == "completed"
    asked = len(classifier.requests)
    upload = media.upload(user, picture)
    assert upload["status"] == "blocked"
    assert [event["reason"] for event in media.emitted(MediaQuarantined)] == ["hash_match"]
    assert media.rows("SELECT user_id::text FROM upload_stops") == [(str(user),)]
    assert len(classifier.requests) == asked
    body = {"purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": 1000}
    refused = media.user(user)("POST", "/v1/uploads", body)
    assert (refused.status_code, refused.json["code"]) == (403, "uploads-stopped")


def test_a_listed_file_that_cannot_be_decoded_is_quarantined_all_the_same(build: Build, tmp_path: Path) -> None:
    broken = jpeg(drawn_pictures.hills(15), tmp_path)[:900]
    media = build(MEDIA_HASHLIST=hash_list(tmp_path, f"sha256:{hashlib.sha256(broken).hexdigest()}"))
    user = uuid.uuid4()
    upload = media.upload(user, broken)
    assert (upload["status"], upload["blocked_reason"]) == ("blocked", "policy-violation")
    assert [event["reason"] for event in media.emitted(MediaQuarantined)] == ["hash_match"]
    assert media.rows("SELECT user_id::text FROM upload_stops") == [(str(user),)]
    assert media.rows("SELECT role, evidence FROM objects") == [("original", True)]


def test_the_result_of_an_earlier_upload_can_be_listed(build: Build, tmp_path: Path) -> None:
    picture = jpeg(drawn_pictures.hills(13), tmp_path)
    before = build()
    assert before.upload(uuid.uuid4(), picture)["status"] == "completed"
    (full,) = before.row("SELECT sha256_full FROM uploads")
    after = build(MEDIA_HASHLIST=hash_list(tmp_path, f"sha256:{full}"))
    assert after.upload(uuid.uuid4(), picture)["status"] == "blocked"


@pytest.mark.parametrize("behaviour", [stub.outage, stub.garbage, stub.failing(503)], ids=["outage", "garbage", "503"])
def test_a_provider_that_fails_holds_the_upload_until_it_answers(
    media: Media, tmp_path: Path, classifier: ClassifierServer, behaviour: stub.Behaviour
) -> None:
    classifier.otherwise = behaviour
    user = uuid.uuid4()
    upload = media.upload(user, jpeg(drawn_pictures.hills(14), tmp_path))
    assert (upload["status"], upload["media"]) == ("processing", None)
    assert upload["error"]["code"] == "check-delayed"
    classifier.otherwise = stub.by_colour
    media.execute("UPDATE processing_jobs SET run_at = now()")
    media.work()
    assert media.get(media.user(user), upload["upload_id"])["status"] == "completed"


def test_a_hash_list_that_breaks_holds_uploads_until_it_is_mended(build: Build, tmp_path: Path) -> None:
    path = hash_list(tmp_path, "# nothing yet")
    media = build(MEDIA_HASHLIST=path)
    user = uuid.uuid4()
    hash_list(tmp_path, "sha256:broken")
    upload = media.upload(user, jpeg(drawn_pictures.hills(15), tmp_path))
    assert upload["status"] == "processing"
    hash_list(tmp_path, "# mended")
    media.execute("UPDATE processing_jobs SET run_at = now()")
    media.work()
    assert media.get(media.user(user), upload["upload_id"])["status"] == "completed"
