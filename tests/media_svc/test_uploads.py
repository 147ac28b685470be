"""Uploads from the announcement to what their owner sees of them (MEDIA-1, MEDIA-5)."""

from chassis.ids import uuid7
from chassis.testing import problem
from tests.media_svc.media_stand_ins import Media, sha256_of

PICTURE = b"\xff\xd8\xff bytes that the plain decoder takes for a picture"


def test_a_picture_goes_the_whole_way(quick: Media) -> None:
    me = uuid7()
    upload = quick.upload(me, PICTURE, sha256=sha256_of(PICTURE).upper())
    assert upload["status"] == "completed", upload
    assert upload["error"] is None
    assert upload["media"]["nsfw_flag"] == "safe"
    assert upload["media"]["preview_key"] is None
    assert upload["media"]["locked"] is False
    stored = quick.objects()
    assert stored[f"incoming/{upload['upload_id']}"] == b""
    prefix = f"chat/{upload['conversation_id']}/{upload['upload_id']}/"
    assert upload["media"]["key"] == prefix + "full.jpg"
    assert {one["key"] for one in upload["media"]["renditions"]} == {prefix + "320.webp", prefix + "720.webp"}
    assert set(stored) == {
        f"incoming/{upload['upload_id']}",
        *(prefix + name for name in ("full.jpg", "320.webp", "720.webp", "preview.webp")),
    }


def test_the_answer_says_how_to_put_the_bytes(quick: Media) -> None:
    me = uuid7()
    body = {
        "purpose": "chat", "kind": "image", "content_type": "Image/JPEG; q=1", "size": len(PICTURE),
        "conversation_id": str(quick.chat.open(me)), "file_name": "../../etc/passwd.jpg",
    }  # fmt: skip
    created = quick.announce(quick.user(me), body)
    assert set(created) == {
        "upload_id", "method", "upload_url", "headers", "object_key", "price_tokens", "expires_at",
    }  # fmt: skip
    assert created["method"] == "PUT"
    assert created["headers"] == {"Content-Type": "image/jpeg", "If-None-Match": "*"}
    assert created["object_key"] == f"incoming/{created['upload_id']}"
    assert created["price_tokens"] is None
    assert "passwd" not in str(created)


def test_complete_is_refused_until_the_bytes_are_there_and_may_be_repeated_after_that(quick: Media) -> None:
    me = uuid7()
    user = quick.user(me)
    created = quick.announce(user, chat_picture(quick, me))
    path = f"/v1/uploads/{created['upload_id']}/complete"
    early = user("POST", path)
    assert (early.status_code, problem(early)["code"]) == (409, "not-uploaded")
    assert quick.put(created, PICTURE) == 200
    answers = [user("POST", path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert len(quick.emitted()) == 1
    quick.work()
    ended = user("POST", path)
    assert (ended.status_code, ended.json["status"]) == (200, "completed")
    assert [one["upload_id"] for one in quick.emitted()] == [created["upload_id"]] * 2


def chat_picture(media: Media, user_id: object, **more: object) -> dict[str, object]:
    conversation_id = str(media.chat.open(user_id))  # type: ignore[arg-type]  # a UUID
    body = {"purpose": "chat", "kind": "image", "content_type": "image/jpeg", "size": len(PICTURE)}
    return {**body, "conversation_id": conversation_id, **more}
