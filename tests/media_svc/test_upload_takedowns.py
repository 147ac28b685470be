"""Media that is taken down is gone at once for everybody, and its objects follow (MEDIA-7, invariants 17 and 20)."""

from typing import Any
from uuid import UUID

import pytest

from chassis.contracts.media import MediaStandingChanged
from chassis.errors import NotFound
from chassis.ids import uuid7
from tests.media_svc.media_stand_ins import Media

PICTURE = b"\xff\xd8\xff a picture, as far as the plain decoder cares"


def announced(media: Media, user_id: UUID) -> dict[str, Any]:
    """A picture whose bytes have arrived."""
    body = {
        "purpose": "chat", "kind": "image", "content_type": "image/jpeg", "size": len(PICTURE),
        "conversation_id": str(media.chat.open(user_id)),
    }  # fmt: skip
    created = media.announce(media.user(user_id), body)
    assert media.put(created, PICTURE) == 200
    return created


def test_held_media_can_t_be_seen_any_more_also_under_an_address_signed_before(quick: Media) -> None:
    me = uuid7()
    upload = quick.upload(me, PICTURE)
    key = upload["media"]["key"]
    address = quick.user(me)("POST", "/v1/media/sign", {"keys": [key]}).json["urls"][key]
    assert quick.anonymous()("GET", address).data == quick.objects()[key]
    assert quick.service.usecases.takedowns.hold(UUID(upload["upload_id"]), "reported") is True
    assert quick.anonymous()("GET", address).status_code == 403
    assert quick.user(me)("POST", "/v1/media/sign", {"keys": [key]}).json["denied"] == [key]
    assert quick.get(quick.user(me), upload["upload_id"])["media"] is None
    quick.work()
    assert quick.anonymous()("GET", address).status_code == 403
    assert {key.split("/")[0] for key, data in quick.objects().items() if data} == {"evidence"}
    assert {key for (key,) in quick.rows("SELECT key FROM objects WHERE evidence")} == {
        key for key, data in quick.objects().items() if data
    }


@pytest.mark.parametrize("how", ["hold", "remove"])
def test_others_are_told_once_that_it_is_gone(quick: Media, how: str) -> None:
    upload_id = UUID(quick.upload(uuid7(), PICTURE)["upload_id"])
    take_down = getattr(quick.service.usecases.takedowns, how)
    assert [take_down(upload_id, "test") for _ in range(2)] == [True, False]
    quick.work()
    (event,) = quick.emitted(MediaStandingChanged)
    assert event == {"upload_id": str(upload_id), "nsfw_flag": "safe", "removed": True, "version": 4}


def test_evidence_survives_the_removal_and_what_is_only_removed_does_not(quick: Media) -> None:
    takedowns = quick.service.usecases.takedowns
    held, removed = (UUID(quick.upload(uuid7(), PICTURE)["upload_id"]) for _ in range(2))
    takedowns.hold(held, "reported")
    takedowns.remove(held, "test")
    takedowns.remove(removed, "test")
    quick.work()
    left = [key for key, data in quick.objects().items() if data]
    assert left
    assert all(str(held) in key and key.startswith("evidence/") for key in left)


def test_what_is_held_before_its_check_has_ended_is_kept_as_evidence_and_never_shown(quick: Media) -> None:
    me = uuid7()
    created = announced(quick, me)
    quick.complete(quick.user(me), created["upload_id"])
    assert quick.service.usecases.takedowns.hold(UUID(created["upload_id"]), "test") is True
    quick.work()
    upload = quick.get(quick.user(me), created["upload_id"])
    assert (upload["status"], upload["media"]) == ("completed", None)
    assert quick.claim(me, upload).json["code"] == "upload-blocked"
    lying = {key for key, data in quick.objects().items() if data}
    assert {key.split("/")[0] for key in lying} == {"evidence"}
    assert {key for (key,) in quick.rows("SELECT key FROM objects")} == lying
    assert quick.emitted(MediaStandingChanged) == []


@pytest.mark.parametrize("how", ["hold", "remove", "delete"])
def test_what_is_taken_down_does_not_wait_behind_files_that_are_decoded(quick: Media, how: str) -> None:
    me = uuid7()
    upload = quick.upload(me, PICTURE)
    waiting = announced(quick, me)
    quick.complete(quick.user(me), waiting["upload_id"])
    if how == "delete":
        assert quick.user(me)("DELETE", f"/v1/uploads/{upload['upload_id']}").status_code == 204
    else:
        getattr(quick.service.usecases.takedowns, how)(UUID(upload["upload_id"]), "test")
    assert [quick.run_loop("takedowns") for _ in range(2)] == [True, False]
    left = {key for key, data in quick.objects().items() if data and upload["upload_id"] in key}
    assert {key.split("/")[0] for key in left} == ({"evidence"} if how == "hold" else set())
    assert quick.get(quick.user(me), waiting["upload_id"])["status"] == "processing"


def test_an_unknown_upload_is_said_to_be_unknown(quick: Media) -> None:
    with pytest.raises(NotFound):
        quick.service.usecases.takedowns.hold(uuid7(), "test")


def test_a_store_that_is_away_only_delays_the_moving(quick: Media) -> None:
    upload_id = UUID(quick.upload(uuid7(), PICTURE)["upload_id"])
    quick.service.usecases.takedowns.hold(upload_id, "reported")
    folder = quick.folder
    away = folder.with_name("away")
    folder.rename(away)
    folder.write_text("a file where the folder of the store was")
    for _ in range(5):
        quick.execute("UPDATE processing_jobs SET run_at = now()")
        quick.work()
        # However long the store is away, it is looked for often enough to be done within a minute of its return.
        (state, seconds) = quick.row("SELECT state, extract(epoch FROM run_at - now())::float FROM processing_jobs")
        assert state == "open"
        assert seconds <= 15
    folder.unlink()
    away.rename(folder)
    quick.execute("UPDATE processing_jobs SET run_at = now()")
    quick.work()
    assert quick.row("SELECT state FROM processing_jobs") == ("done",)
    assert {key.split("/")[0] for key, data in quick.objects().items() if data} == {"evidence"}
