"""What can't be uploaded, by whom not, and how many are too many (MEDIA-2, api.md's limits)."""

from typing import Any

import pytest

from chassis.ids import uuid7
from chassis.testing import problem
from tests.media_svc.conftest import Build
from tests.media_svc.media_stand_ins import Media, in_parallel

MEGABYTE = 1_048_576
PICTURE: dict[str, Any] = {"kind": "image", "content_type": "image/jpeg", "size": 1000}
VIDEO: dict[str, Any] = {"kind": "video", "content_type": "video/mp4", "size": 1000}


def refused(media: Media, body: dict[str, Any], role: str = "user") -> tuple[int, str]:
    me = uuid7()
    if body.get("purpose") == "chat" and "conversation_id" not in body:
        body = {**body, "conversation_id": str(media.chat.open(me))}
    answer = media.user(me, role)("POST", "/v1/uploads", body)
    return answer.status_code, problem(answer)["code"] if answer.status_code >= 400 else ""


@pytest.mark.parametrize(("body", "most"), [(PICTURE, 3 * MEGABYTE), (VIDEO, 5 * MEGABYTE)], ids=["picture", "video"])
def test_a_byte_more_than_allowed_is_too_large(media: Media, body: dict[str, Any], most: int) -> None:
    assert refused(media, {"purpose": "chat", **body, "size": most}) == (201, "")
    assert refused(media, {"purpose": "chat", **body, "size": most + 1}) == (413, "too-large")


def test_companion_media_may_be_larger(media: Media) -> None:
    companion = {"purpose": "companion_media", "companion_id": str(media.ai.add())}
    assert refused(media, {**companion, **PICTURE, "size": 10 * MEGABYTE}, "admin") == (201, "")
    assert refused(media, {**companion, **PICTURE, "size": 10 * MEGABYTE + 1}, "admin") == (413, "too-large")
    assert refused(media, {**companion, **VIDEO, "size": 50 * MEGABYTE}, "admin") == (201, "")


@pytest.mark.parametrize(
    ("kind", "content_type", "word"),
    [
        ("image", "image/gif", "GIF"),
        ("image", "image/heic", "HEIC"),
        ("image", "image/HEIF; x=y", "HEIC"),
        ("image", "image/svg+xml", "JPEG, PNG, WEBP"),
        ("image", "text/html", "JPEG"),
        ("image", "video/mp4", "JPEG"),
        ("video", "video/quicktime", "MP4, WEBM"),
        ("video", "application/vnd.apple.mpegurl", "MP4"),
    ],
)
def test_other_types_are_refused_with_a_clear_text(media: Media, kind: str, content_type: str, word: str) -> None:
    me = uuid7()
    body = {
        "purpose": "chat", "conversation_id": str(media.chat.open(me)), "kind": kind, "content_type": content_type,
        "size": 10,
    }  # fmt: skip
    answer = media.user(me)("POST", "/v1/uploads", body)
    assert answer.status_code == 415
    assert problem(answer)["code"] == "unsupported-type"
    assert word in problem(answer)["detail"]


@pytest.mark.parametrize("content_type", ["IMAGE/JPEG", "image/jpeg; charset=binary", " image/jpeg ;x"])
def test_a_type_is_read_without_its_parameters_and_in_any_case(media: Media, content_type: str) -> None:
    assert refused(media, {"purpose": "chat", **PICTURE, "content_type": content_type}) == (201, "")


def test_voice_notes_are_refused_by_their_kind_and_with_the_reason_that_the_rules_tell(media: Media) -> None:
    me = uuid7()
    body = {
        "purpose": "chat", "conversation_id": str(media.chat.open(me)), "kind": "voice", "content_type": "audio/mpeg",
        "size": 10,
    }  # fmt: skip
    answer = media.user(me)("POST", "/v1/uploads", body)
    assert answer.status_code == 422
    rules = media.as_chat("GET", "/internal/media/rules").json
    assert problem(answer)["errors"] == {"kind": [rules["voice"]["reason"]]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"size": 0}, "size"),
        ({"size": -1}, "size"),
        ({"size": 1.5}, "size"),
        ({"size": 2**63}, "size"),
        ({"kind": "audio"}, "kind"),
        ({"purpose": "spam"}, "purpose"),
        ({"content_type": ""}, "content_type"),
        ({"sha256": "abc"}, "sha256"),
        ({"sha256": "g" * 64}, "sha256"),
        ({"sha256": "a" * 64 + "\n"}, "sha256"),
        ({"conversation_id": None}, "conversation_id"),
        ({"conversation_id": "1"}, "conversation_id"),
        ({"companion_id": str(uuid7())}, "companion_id"),
        ({"price_tokens": 0}, "price_tokens"),
        ({"object_key": "chat/x"}, "object_key"),
        ({"owner_id": str(uuid7())}, "owner_id"),
        ({"file_name": "x" * 256}, "file_name"),
    ],
)
def test_a_wrong_field_is_named(media: Media, change: dict[str, Any], field: str) -> None:
    me = uuid7()
    body = {"purpose": "chat", "conversation_id": str(media.chat.open(me)), **PICTURE, **change}
    answer = media.user(me)("POST", "/v1/uploads", body)
    assert answer.status_code == 422
    assert list(problem(answer)["errors"]) == [field]


def test_an_avatar_is_a_picture_and_belongs_to_no_conversation(media: Media) -> None:
    assert refused(media, {"purpose": "avatar", **PICTURE}) == (201, "")
    assert refused(media, {"purpose": "avatar", **VIDEO}) == (422, "validation-failed")
    with_conversation = {"purpose": "avatar", **PICTURE, "conversation_id": str(uuid7())}
    assert refused(media, with_conversation) == (422, "validation-failed")


@pytest.mark.parametrize("purpose", ["companion_profile", "companion_background", "companion_media"])
def test_media_of_companions_is_for_admins_only(media: Media, purpose: str) -> None:
    body = {"purpose": purpose, "companion_id": str(media.ai.add()), **PICTURE}
    assert refused(media, body) == (403, "forbidden")
    assert refused(media, body, "moderator") == (403, "forbidden")
    assert refused(media, body, "admin") == (201, "")


def test_an_unknown_companion_is_not_found_and_an_inactive_one_may_still_be_prepared(media: Media) -> None:
    body = {"purpose": "companion_profile", **PICTURE}
    assert refused(media, {**body, "companion_id": str(uuid7())}, "admin") == (404, "not-found")
    assert refused(media, {**body, "companion_id": str(media.ai.add(is_active=False))}, "admin") == (201, "")


def test_a_companion_is_asked_for_once_and_then_known(media: Media) -> None:
    body = {"purpose": "companion_profile", "companion_id": str(media.ai.add()), **PICTURE}
    for _ in range(3):
        assert refused(media, body, "admin") == (201, "")
    assert len(media.ai.calls) == 1


def test_a_foreign_conversation_can_t_be_told_from_a_missing_one(media: Media) -> None:
    foreign = {"purpose": "chat", **PICTURE, "conversation_id": str(media.chat.open(uuid7()))}
    missing = {"purpose": "chat", **PICTURE, "conversation_id": str(uuid7())}
    answers = [media.user(uuid7())("POST", "/v1/uploads", body) for body in (foreign, missing)]
    assert [answer.status_code for answer in answers] == [404, 404]
    first, second = ({**problem(answer), "request_id": ""} for answer in answers)
    assert first == second


def test_what_can_t_be_uploaded_is_refused_without_asking_a_neighbour(media: Media) -> None:
    body = {"purpose": "chat", **PICTURE, "conversation_id": str(uuid7()), "content_type": "image/gif"}
    assert refused(media, body) == (415, "unsupported-type")
    assert media.chat.calls == []


def test_without_chat_svc_nothing_is_accepted(media: Media) -> None:
    media.chat.is_down = True
    assert refused(media, {"purpose": "chat", **PICTURE}) == (503, "unavailable")
    assert media.rows("SELECT 1 FROM uploads") == []


def test_the_hour_holds_a_limited_number_of_uploads_also_of_deleted_ones(build: Build) -> None:
    media = build(RATE_LIMIT_FACTOR="0.02")  # 4 an hour, one open
    me = uuid7()
    user = media.user(me)
    for _ in range(4):
        created = media.announce(user, {"purpose": "avatar", **PICTURE})
        assert user("DELETE", f"/v1/uploads/{created['upload_id']}").status_code == 204
    answer = user("POST", "/v1/uploads", {"purpose": "avatar", **PICTURE})
    assert (answer.status_code, problem(answer)["code"]) == (429, "rate-limited")
    assert answer.headers["RateLimit-Limit"] == "4"
    assert answer.headers["RateLimit-Remaining"] == "0"
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert answer.headers["RateLimit-Reset"] == answer.headers["Retry-After"]
    assert refused(media, {"purpose": "avatar", **PICTURE}) == (201, "")
    media.execute("UPDATE uploads SET created_at = created_at - interval '1 hour'")
    media.announce(user, {"purpose": "avatar", **PICTURE})


def test_only_so_many_uploads_are_open_at_once_also_under_parallel_tries(build: Build) -> None:
    media = build(RATE_LIMIT_FACTOR="0.1")  # 20 an hour, 5 open
    me = uuid7()

    def announce(_number: int) -> int:
        return int(media.user(me)("POST", "/v1/uploads", {"purpose": "avatar", **PICTURE}).status_code)

    assert sorted(in_parallel(12, announce)) == [201] * 5 + [429] * 7
    answer = media.user(me)("POST", "/v1/uploads", {"purpose": "avatar", **PICTURE})
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    media.execute(
        "UPDATE uploads SET url_expires_at = now() - interval '1 second'"
        " WHERE id = (SELECT id FROM uploads ORDER BY id LIMIT 1)"
    )
    assert [announce(0), announce(0)] == [201, 429]


def test_limits_can_be_switched_off_outside_production(build: Build) -> None:
    media = build(RATE_LIMIT_FACTOR="0")
    user = media.user(uuid7())
    for _ in range(60):
        media.announce(user, {"purpose": "avatar", **PICTURE})
