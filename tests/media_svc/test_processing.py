"""How the processing of an upload ends, and what its owner and the other services are told (MEDIA-3 to MEDIA-5)."""

import errno
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chassis.contracts.media import MediaProcessed, MediaQuarantined, MediaUploaded
from chassis.ids import uuid7
from chassis.jobs import JobTable
from chassis.testing import problem
from media_svc.domain.media import ErrorCode
from media_svc.ports import Rejected
from media_svc.usecases.leases import LeaseKeeper
from tests.media_svc.conftest import Build
from tests.media_svc.media_stand_ins import Media, sha256_of
from tests.media_svc.plain_decoder import PlainDecoder
from tests.stubs.classifier import ClassifierServer, failing, judged

PICTURE = b"\xff\xd8\xff a picture, as far as the plain decoder cares"


def due_now(media: Media) -> None:
    media.execute("UPDATE processing_jobs SET run_at = now() WHERE state = 'open'")


def seconds_until_due(media: Media) -> float:
    (seconds,) = media.row("SELECT extract(epoch FROM run_at - now()) FROM processing_jobs")
    return float(seconds)


def test_others_are_told_when_an_upload_arrived_and_when_it_is_ready(quick: Media) -> None:
    me = uuid7()
    upload = quick.upload(me, PICTURE)
    common = {
        "upload_id": upload["upload_id"], "owner_id": str(me), "recipients": [str(me)], "purpose": "chat",
        "kind": "image",
    }  # fmt: skip
    assert quick.emitted(MediaUploaded) == [{**common, "version": 2}]
    assert quick.emitted(MediaProcessed) == [{**common, "status": "completed", "version": 3}]


def test_what_is_shown_is_what_was_checked(quick: Media) -> None:
    upload = quick.upload(uuid7(), PICTURE)
    stored = quick.objects()
    original, full = quick.row("SELECT sha256_original, sha256_full FROM uploads")
    assert original == sha256_of(PICTURE)
    assert full == sha256_of(stored[upload["media"]["key"]])
    for key, sha256, size in quick.rows("SELECT key, sha256, size FROM objects"):
        assert (sha256_of(stored[key]), len(stored[key])) == (sha256, size)


@pytest.mark.parametrize("flag", ["soft", "erotic"])
def test_what_is_delicate_comes_with_a_blurred_preview(quick: Media, classifier: ClassifierServer, flag: str) -> None:
    classifier.otherwise = judged(flag)
    media = quick.upload(uuid7(), PICTURE)["media"]
    assert media["nsfw_flag"] == flag
    assert media["preview_key"].endswith("/preview.webp")


@pytest.mark.parametrize("code", ["type-mismatch", "undecodable", "too-long", "too-many-pixels", "timeout"])
def test_what_can_t_be_decoded_fails_with_its_reason_and_leaves_nothing(
    quick: Media, decoder: PlainDecoder, code: ErrorCode
) -> None:
    def reject() -> None:
        raise Rejected(code)

    decoder.before = reject
    upload = quick.upload(uuid7(), PICTURE)
    assert (upload["status"], upload["media"], upload["blocked_reason"]) == ("failed", None, None)
    assert upload["error"]["code"] == code
    assert upload["error"]["detail"].endswith(".")
    assert quick.objects() == {f"incoming/{upload['upload_id']}": b""}
    assert [event["status"] for event in quick.emitted(MediaProcessed)] == ["failed"]


def test_other_bytes_than_announced_are_not_even_decoded(quick: Media, decoder: PlainDecoder) -> None:
    upload = quick.upload(uuid7(), PICTURE, sha256="0" * 64)
    assert (upload["status"], upload["error"]["code"]) == ("failed", "undecodable")
    assert decoder.decoded == 0


def test_what_is_blocked_is_kept_as_evidence_and_told_without_details(
    quick: Media, classifier: ClassifierServer
) -> None:
    classifier.otherwise = judged("blocked", labels=[("FEMALE_GENITALIA_EXPOSED", 0.9)])
    upload = quick.upload(uuid7(), PICTURE)
    assert (upload["status"], upload["media"], upload["blocked_reason"]) == ("blocked", None, "policy-violation")
    assert upload["error"]["code"] == "policy"
    assert "GENITALIA" not in str(upload)
    stored = quick.objects()
    prefix = f"evidence/chat/{upload['conversation_id']}/{upload['upload_id']}/"
    assert stored.pop(f"incoming/{upload['upload_id']}") == b""
    assert stored[prefix + "original.jpg"] == PICTURE
    assert {key.removeprefix(prefix) for key in stored} == {
        "original.jpg", "full.jpg", "320.webp", "720.webp", "preview.webp",
    }  # fmt: skip
    assert quick.rows("SELECT 1 FROM objects WHERE NOT evidence") == []
    assert quick.emitted(MediaQuarantined) == []


def test_a_blocked_upload_disappears_for_its_owner_and_its_evidence_stays(
    quick: Media, classifier: ClassifierServer
) -> None:
    classifier.otherwise = judged("blocked")
    me = uuid7()
    upload = quick.upload(me, PICTURE)
    before = quick.objects()
    assert quick.user(me)("DELETE", f"/v1/uploads/{upload['upload_id']}").status_code == 204
    quick.work()
    assert quick.user(me)("GET", f"/v1/uploads/{upload['upload_id']}").status_code == 404
    assert quick.objects() == before
    assert len(quick.rows("SELECT 1 FROM objects WHERE evidence")) == 5


def test_a_suspected_minor_opens_an_incident(quick: Media, classifier: ClassifierServer) -> None:
    classifier.otherwise = judged("safe", minor=True)
    me = uuid7()
    upload = quick.upload(me, PICTURE)
    assert upload["status"] == "blocked"
    assert quick.emitted(MediaQuarantined) == [
        {
            "upload_id": upload["upload_id"], "owner_id": str(me), "conversation_id": upload["conversation_id"],
            "kind": "image", "reason": "minor_suspicion",
        }
    ]  # fmt: skip
    assert quick.upload(me, PICTURE + b"2")["status"] == "blocked"


def test_a_known_bad_file_opens_an_incident_and_stops_its_owner_s_uploads(build: Build, tmp_path: Path) -> None:
    listed = tmp_path / "hashes"
    listed.write_text(f"sha256:{sha256_of(PICTURE)}\n")
    media = build(lambda ports: replace(ports, decoder=PlainDecoder()), MEDIA_HASHLIST=str(listed))
    me = uuid7()
    assert media.upload(me, PICTURE)["status"] == "blocked"
    assert [event["reason"] for event in media.emitted(MediaQuarantined)] == ["hash_match"]
    body = {"purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": 10}
    answer = media.user(me)("POST", "/v1/uploads", body)
    assert (answer.status_code, problem(answer)["code"]) == (403, "uploads-stopped")
    assert media.upload(uuid7(), PICTURE + b"another")["status"] == "completed"


def test_an_outage_of_the_check_holds_an_upload_back_until_it_is_over(
    quick: Media, classifier: ClassifierServer
) -> None:
    classifier.otherwise = failing(500)
    me = uuid7()
    user = quick.user(me)
    upload = quick.upload(me, PICTURE)
    waits = []
    for _ in range(6):
        waits.append(round(seconds_until_due(quick)))
        told = quick.get(user, upload["upload_id"])
        assert (told["status"], told["media"], told["error"]["code"]) == ("processing", None, "check-delayed")
        due_now(quick)
        quick.work()
    assert waits == pytest.approx([5, 15, 60, 300, 300, 300], abs=2)
    assert [event["status"] for event in quick.emitted(MediaProcessed)] == ["processing"]
    assert set(quick.objects()) == {f"incoming/{upload['upload_id']}"}
    classifier.otherwise = judged("safe")
    due_now(quick)
    quick.work()
    told = quick.get(user, upload["upload_id"])
    assert (told["status"], told["error"]) == ("completed", None)
    assert [event["status"] for event in quick.emitted(MediaProcessed)] == ["processing", "completed"]


def test_a_delayed_upload_can_t_be_sent(quick: Media, classifier: ClassifierServer) -> None:
    classifier.otherwise = failing(503)
    me = uuid7()
    upload = quick.upload(me, PICTURE)
    answer = quick.claim(me, upload)
    assert (answer.status_code, problem(answer)["code"]) == (409, "upload-not-ready")


def test_a_defect_is_tried_again_and_given_up_in_the_end(quick: Media, decoder: PlainDecoder) -> None:
    def fail() -> None:
        raise RuntimeError("a defect of a decoder")

    decoder.before = fail
    me = uuid7()
    upload = quick.upload(me, PICTURE)
    assert upload["status"] == "processing"
    assert seconds_until_due(quick) == pytest.approx(5, abs=2)
    for _ in range(25):
        due_now(quick)
        quick.work()
    told = quick.get(quick.user(me), upload["upload_id"])
    assert (told["status"], told["error"]["code"]) == ("failed", "undecodable")
    assert decoder.decoded == 20


def test_a_full_disk_fails_no_upload_however_long_it_lasts(quick: Media, decoder: PlainDecoder) -> None:
    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    decoder.before = fail
    me = uuid7()
    upload = quick.upload(me, PICTURE)
    for _ in range(25):
        due_now(quick)
        quick.work()
    assert quick.get(quick.user(me), upload["upload_id"])["status"] == "processing"
    decoder.before = lambda: None
    due_now(quick)
    quick.work()
    assert quick.get(quick.user(me), upload["upload_id"])["status"] == "completed"


def test_who_lost_the_job_to_another_worker_writes_nothing(quick: Media, decoder: PlainDecoder) -> None:
    def be_overtaken() -> None:
        decoder.before = lambda: None
        decoder.salt = lambda: "of the other worker"
        due_now(quick)
        quick.work()
        decoder.salt = lambda: "of the one that was overtaken"

    decoder.before = be_overtaken
    upload = quick.upload(uuid7(), PICTURE)
    assert upload["status"] == "completed"
    assert decoder.decoded == 2
    assert len(quick.emitted(MediaProcessed)) == 1
    stored = quick.objects()
    assert sha256_of(stored[upload["media"]["key"]]) == quick.row("SELECT sha256_full FROM uploads")[0]
    assert set(stored) == {
        f"incoming/{upload['upload_id']}",
        *(key for (key,) in quick.rows("SELECT key FROM objects")),
    }


def test_a_lease_is_kept_as_long_as_the_work_takes(quick: Media) -> None:
    jobs = JobTable(quick.service.database, "processing_jobs")
    user = quick.user(uuid7())
    created = quick.announce(
        user, {"purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": len(PICTURE)}
    )
    quick.put(created, PICTURE)
    quick.complete(user, created["upload_id"])
    (lease,) = jobs.claim(1.0)
    with LeaseKeeper(jobs, lease, 1.0) as keeper:
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            assert jobs.claim(1.0) == []
            time.sleep(0.05)
        keeper.check()
    time.sleep(1.1)
    assert len(jobs.claim(1.0)) == 1


def test_how_uploads_end_is_counted(quick: Media, classifier: ClassifierServer) -> None:
    quick.upload(uuid7(), PICTURE)
    classifier.otherwise = judged("safe", minor=True)
    quick.upload(uuid7(), PICTURE + b"2")
    text: Any = quick.stranger().get("/metrics").text
    assert 'duet_uploads_processed_total{kind="image",outcome="safe"} 1.0' in text
    assert 'duet_uploads_processed_total{kind="image",outcome="blocked"} 1.0' in text
    assert 'duet_uploads_blocked_total{reason="minor_suspicion"} 1.0' in text
    assert 'duet_upload_processing_seconds_count{kind="image"} 2.0' in text
    assert "duet_upload_jobs_open 0.0" in text
