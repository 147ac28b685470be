"""A completed upload is used once, by its owner, where it was uploaded for (invariant 7, api.md's order)."""

from typing import Any

import pytest

from chassis.contracts.ai import CompanionChanged
from chassis.contracts.chat import MediaSent
from chassis.ids import uuid7
from chassis.testing import problem
from media_svc.ports import Rejected
from tests.media_svc.media_stand_ins import Media, in_parallel
from tests.media_svc.plain_decoder import PlainDecoder
from tests.stubs.classifier import ClassifierServer, judged

PICTURE = b"\xff\xd8\xff a picture, as far as the plain decoder cares"


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, problem(answer)["code"] if answer.status_code >= 400 else ""


def sent(upload: dict[str, Any], user_id: object, send_id: object) -> MediaSent:
    return MediaSent.from_data(
        {
            "message_id": str(uuid7()), "conversation_id": upload["conversation_id"], "sender_id": str(user_id),
            "upload_id": upload["upload_id"], "send_id": str(send_id), "kind": "image",
        }
    )  # fmt: skip


def test_a_claim_gives_what_the_message_is_to_show_and_may_be_repeated(
    quick: Media, classifier: ClassifierServer
) -> None:
    classifier.otherwise = judged("safe")
    me, send_id = uuid7(), str(uuid7())
    upload = quick.upload(me, PICTURE)
    answers = [quick.claim(me, upload, send_id=send_id) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert answers[0].json == answers[2].json
    claimed = answers[0].json
    assert (claimed["upload_id"], claimed["nsfw_flag"]) == (upload["upload_id"], "safe")
    assert (claimed["version"], claimed["price_tokens"]) == (3, None)
    assert claimed["media"]["preview_key"].endswith("/preview.webp")
    assert {**claimed["media"], "preview_key": None} == upload["media"]


def test_of_parallel_sends_one_gets_the_upload(quick: Media) -> None:
    me = uuid7()
    upload = quick.upload(me, PICTURE)
    answers = in_parallel(10, lambda _number: told(quick.claim(me, upload)))
    assert sorted(answers) == [(200, ""), *[(409, "upload-already-used")] * 9]


def test_a_claim_is_refused_in_the_order_of_the_contract(
    quick: Media, classifier: ClassifierServer, decoder: PlainDecoder
) -> None:
    def reject() -> None:
        raise Rejected("undecodable")

    me = uuid7()
    conversation_id = str(quick.chat.open(me))
    fine = quick.upload(me, PICTURE, conversation_id=conversation_id)
    assert told(quick.claim(me, {**fine, "upload_id": str(uuid7())})) == (404, "not-found")
    assert told(quick.claim(uuid7(), fine)) == (404, "not-found")
    for wrong in ({"conversation_id": str(uuid7())}, {"kind": "video"}):
        answer = quick.claim(me, fine, **wrong)
        assert told(answer) == (422, "validation-failed")
        assert list(problem(answer)["errors"]) == ["upload_id"]
    classifier.otherwise = judged("blocked")
    blocked = quick.upload(me, PICTURE + b"bad", conversation_id=conversation_id)
    assert told(quick.claim(me, blocked)) == (409, "upload-blocked")
    assert told(quick.claim(me, blocked, kind="video")) == (422, "validation-failed")
    decoder.before = reject
    failed = quick.upload(me, PICTURE, conversation_id=conversation_id)
    assert told(quick.claim(me, failed)) == (409, "upload-not-ready")
    assert quick.claim(me, fine).status_code == 200
    assert told(quick.claim(me, fine)) == (409, "upload-already-used")
    quick.service.usecases.takedowns.hold(fine["upload_id"], "reported")
    assert told(quick.claim(me, fine)) == (409, "upload-blocked")


def test_an_avatar_can_t_be_sent_nor_a_chat_picture_be_an_avatar(quick: Media) -> None:
    me = uuid7()
    avatar, picture = quick.upload(me, PICTURE, purpose="avatar"), quick.upload(me, PICTURE)
    assert told(quick.claim(me, avatar, conversation_id=str(uuid7()))) == (422, "validation-failed")
    assert told(use(quick, picture, me, purpose="avatar")) == (422, "validation-failed")
    assert use(quick, avatar, me, purpose="avatar").status_code == 200


def test_a_released_upload_can_be_claimed_by_another_send(quick: Media) -> None:
    me, first, second = uuid7(), str(uuid7()), str(uuid7())
    upload = quick.upload(me, PICTURE)
    path = f"/internal/uploads/{upload['upload_id']}/release"
    assert quick.claim(me, upload, send_id=first).status_code == 200
    assert quick.as_chat("POST", path, {"send_id": second}).status_code == 200
    assert told(quick.claim(me, upload, send_id=second)) == (409, "upload-already-used")
    for _ in range(2):
        assert quick.as_chat("POST", path, {"send_id": first}).status_code == 200
    assert quick.claim(me, upload, send_id=second).status_code == 200
    assert quick.as_chat("POST", f"/internal/uploads/{uuid7()}/release", {"send_id": first}).status_code == 200


def test_a_sent_upload_names_its_message_and_is_never_released_nor_deleted(quick: Media) -> None:
    me, send_id = uuid7(), uuid7()
    upload = quick.upload(me, PICTURE)
    assert quick.claim(me, upload, send_id=str(send_id)).status_code == 200
    event = sent(upload, me, send_id)
    quick.deliver(event, times=2)
    assert quick.get(quick.user(me), upload["upload_id"])["message_id"] == str(event.message_id)
    path = f"/internal/uploads/{upload['upload_id']}"
    assert quick.as_chat("POST", f"{path}/release", {"send_id": str(send_id)}).status_code == 200
    assert told(quick.claim(me, upload)) == (409, "upload-already-used")
    assert told(quick.user(me)("DELETE", f"/v1/uploads/{upload['upload_id']}")) == (409, "in-use")


def test_a_claimed_upload_is_not_deleted_until_it_is_released(quick: Media) -> None:
    me, send_id = uuid7(), str(uuid7())
    upload = quick.upload(me, PICTURE)
    assert quick.claim(me, upload, send_id=send_id).status_code == 200
    delete = f"/v1/uploads/{upload['upload_id']}"
    assert told(quick.user(me)("DELETE", delete)) == (409, "in-use")
    quick.as_chat("POST", f"/internal/uploads/{upload['upload_id']}/release", {"send_id": send_id})
    assert quick.user(me)("DELETE", delete).status_code == 204
    assert told(quick.claim(me, upload, send_id=send_id)) == (404, "not-found")


@pytest.mark.parametrize("_round", range(3))
def test_a_claim_and_a_deletion_at_once_end_in_one_of_the_two(quick: Media, _round: int) -> None:
    me = uuid7()
    upload = quick.upload(me, PICTURE)
    steps = [
        lambda: quick.claim(me, upload),
        lambda: quick.user(me)("DELETE", f"/v1/uploads/{upload['upload_id']}"),
    ]
    claimed, deleted = in_parallel(2, lambda number: told(steps[number]()))
    assert (claimed, deleted) in [((200, ""), (409, "in-use")), ((404, "not-found"), (204, ""))]


def use(media: Media, upload: dict[str, Any], user_id: object, **more: Any) -> Any:
    body = {"use_id": str(uuid7()), "user_id": str(user_id), "purpose": upload["purpose"], "companion_id": None, **more}
    return media.as_gateway("POST", f"/internal/uploads/{upload['upload_id']}/use", body)


@pytest.mark.parametrize(("flag", "status"), [("safe", 200), ("soft", 200), ("erotic", 422)])
def test_a_profile_picture_is_nothing_that_would_have_to_be_blurred_for_everybody(
    quick: Media, classifier: ClassifierServer, flag: str, status: int
) -> None:
    classifier.otherwise = judged(flag)
    me = uuid7()
    upload = quick.upload(me, PICTURE, purpose="avatar")
    answer = use(quick, upload, me)
    assert answer.status_code == status
    if status == 422:
        assert problem(answer)["errors"] == {"upload_id": ["Too revealing for a profile picture."]}
        assert quick.user(me)("DELETE", f"/v1/uploads/{upload['upload_id']}").status_code == 204


def test_an_avatar_is_used_once_and_its_key_told_again_to_the_same_use(quick: Media) -> None:
    me, use_id = uuid7(), str(uuid7())
    upload = quick.upload(me, PICTURE, purpose="avatar")
    answers = [use(quick, upload, me, use_id=use_id) for _ in range(2)]
    assert [answer.json for answer in answers] == [{"key": upload["media"]["key"], "version": 3}] * 2
    assert told(use(quick, upload, me)) == (409, "upload-already-used")
    assert told(use(quick, upload, uuid7())) == (404, "not-found")
    assert told(quick.user(me)("DELETE", f"/v1/uploads/{upload['upload_id']}")) == (409, "in-use")


def test_a_companion_s_background_is_for_that_companion_alone(quick: Media) -> None:
    admin, companion_id = uuid7(), str(quick.ai.add())
    upload = quick.upload(admin, PICTURE, role="admin", purpose="companion_background", companion_id=companion_id)
    assert told(use(quick, upload, admin, companion_id=str(uuid7()))) == (422, "validation-failed")
    assert told(use(quick, upload, admin, companion_id=companion_id, purpose="companion_profile"))[0] == 422
    assert use(quick, upload, admin, companion_id=companion_id).status_code == 200


@pytest.mark.parametrize("purpose", ["companion_profile", "companion_background"])
def test_a_picture_may_be_uploaded_before_its_companion_is_made(quick: Media, purpose: str) -> None:
    admin, use_id = uuid7(), str(uuid7())
    upload = quick.upload(admin, PICTURE, role="admin", purpose=purpose)
    key = upload["media"]["key"]
    assert str(admin) not in key
    assert told(use(quick, upload, admin)) == (422, "validation-failed")
    companion_id = str(quick.ai.add())
    for _ in range(2):
        answer = use(quick, upload, admin, companion_id=companion_id, use_id=use_id)
        assert (answer.status_code, answer.json["key"]) == (200, key)
    assert told(use(quick, upload, admin, companion_id=str(uuid7()))) == (422, "validation-failed")
    signed = quick.anonymous()("POST", "/v1/media/sign", {"keys": [key]})
    assert list(signed.json["urls"]) == [key]


def test_news_of_companions_are_kept_in_the_order_of_their_versions(quick: Media) -> None:
    companion_id = quick.ai.add()

    def changed(version: int, *, is_active: bool) -> None:
        event = CompanionChanged(companion_id, version, "Mira", None, is_active, "offline")
        quick.deliver(event, times=2)

    admin = quick.user(uuid7(), "admin")
    body = {
        "purpose": "companion_media", "companion_id": str(companion_id), "kind": "image",
        "content_type": "image/jpeg", "size": 10,
    }  # fmt: skip
    quick.announce(admin, body)
    assert quick.row("SELECT version, is_active FROM companions") == (0, True)
    changed(2, is_active=False)
    changed(1, is_active=True)
    assert quick.row("SELECT version, is_active FROM companions") == (2, False)
