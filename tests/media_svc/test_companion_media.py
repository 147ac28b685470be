"""What admins put on the surfaces of companions, and what the others are told of it (COMP-2, COMP-4)."""

from typing import Any
from uuid import UUID

import pytest

from chassis.contracts.media import CompanionMediaChanged, MediaStandingChanged
from chassis.ids import uuid7
from chassis.testing import problem
from tests.corpus import samples
from tests.media_svc.companion_media_kit import Shelf
from tests.media_svc.media_stand_ins import Media, in_parallel


def counts(media: Media) -> list[tuple[int, int, int, int]]:
    """Version, gallery, posts and assets, as told one after the other."""
    told = media.emitted(CompanionMediaChanged)
    return [(one["version"], one["gallery"], one["posts"], one["assets"]) for one in told]


def post(shelf: Shelf, body: dict[str, Any], query: str = "") -> Any:
    return shelf.admin("POST", f"/v1/admin/companions/{shelf.companion_id}/media{query}", body)


def test_an_upload_that_went_the_whole_way_is_put_on_a_surface(media: Media, shelf: Shelf) -> None:
    upload = media.upload(
        shelf.admin_id,
        samples.jpeg(640, 480),
        purpose="companion_media",
        companion_id=str(shelf.companion_id),
        role="admin",
    )
    assert upload["status"] == "completed", upload
    fields = {"text": "At the sea", "tags": ["Beach", "beach", "sun"], "can_be_liked": True, "premium_only": True}
    answer = post(shelf, {"upload_id": upload["upload_id"], "surface": "gallery", **fields})
    assert answer.status_code == 201, answer.json
    item = answer.json
    assert item["media"]["key"].startswith(f"companion-media/{shelf.companion_id}/{upload['upload_id']}/")
    assert item["media"]["preview_key"] is not None
    assert item["status"] == "completed"
    assert (item["kind"], item["surface"], item["tags"]) == ("image", "gallery", ["Beach", "sun"])
    assert (item["published"], item["mature"], item["like_count"]) == (True, False, 0)
    assert item["created_by"] == str(shelf.admin_id)
    assert shelf.listed(shelf.admin, f"/v1/admin/companions/{shelf.companion_id}/media") == [item]


@pytest.mark.parametrize(
    ("surface", "field", "value"),
    [
        ("post", "premium_only", True), ("asset", "premium_only", True), ("gallery", "mature", True),
        ("post", "mature", True), ("asset", "can_be_liked", True), ("gallery", "location", "Paris"),
        ("asset", "location", "Paris"),
    ],
)  # fmt: skip
def test_a_field_of_another_surface_is_named_as_the_fault(shelf: Shelf, surface: str, field: str, value: Any) -> None:
    upload = shelf.completed("companion_media")
    answer = post(shelf, {"upload_id": str(upload.upload_id), "surface": surface, field: value})
    assert answer.status_code == 422
    assert list(problem(answer)["errors"]) == [field]
    medium = shelf.add(surface, upload)
    answer = shelf.admin("PATCH", f"/v1/admin/companion-media/{medium['id']}", {field: value})
    assert answer.status_code == 422
    assert list(problem(answer)["errors"]) == [field]


@pytest.mark.parametrize(
    ("surface", "fields"),
    [
        ("gallery", {"premium_only": True, "can_be_liked": True, "mature": False, "location": None}),
        ("post", {"can_be_liked": True, "location": "Paris", "premium_only": False}),
        ("asset", {"mature": True, "can_be_liked": False, "premium_only": False}),
    ],
)
def test_each_surface_has_its_own_fields(shelf: Shelf, surface: str, fields: dict[str, Any]) -> None:
    medium = shelf.add(surface, text="Hello", **fields)
    assert {name: medium[name] for name in fields} == fields


def test_the_surface_may_be_told_in_the_query(shelf: Shelf) -> None:
    upload_id = str(shelf.completed("companion_media").upload_id)
    assert "surface" in problem(post(shelf, {"upload_id": upload_id}))["errors"]
    assert "surface" in problem(post(shelf, {"upload_id": upload_id, "surface": "post"}, "?surface=asset"))["errors"]
    answer = post(shelf, {"upload_id": upload_id}, "?surface=asset")
    assert (answer.status_code, answer.json["surface"]) == (201, "asset")


def test_only_a_completed_upload_of_this_companion_and_purpose_will_do(media: Media, shelf: Shelf) -> None:
    other = media.ai.add()

    def refusal(upload_id: UUID) -> tuple[int, str]:
        answer = post(shelf, {"upload_id": str(upload_id), "surface": "gallery"})
        return answer.status_code, problem(answer)["code"]

    assert refusal(uuid7()) == (404, "not-found")
    assert refusal(shelf.completed("companion_media", companion_id=other).upload_id) == (422, "validation-failed")
    assert refusal(shelf.completed("companion_profile").upload_id) == (422, "validation-failed")
    chat = shelf.completed("chat", uuid7(), conversation_id=uuid7())
    assert refusal(chat.upload_id) == (422, "validation-failed")
    held = shelf.completed("companion_media", held=True)
    assert refusal(held.upload_id) == (409, "upload-blocked")
    removed = shelf.completed("companion_media", removed_at="now")
    assert refusal(removed.upload_id) == (404, "not-found")
    waiting = shelf.completed("companion_media", status="processing", media=None, sha256_full=None)
    assert refusal(waiting.upload_id) == (409, "upload-not-ready")
    blocked = shelf.completed("companion_media", status="blocked", media=None, sha256_full=None, nsfw_flag="blocked")
    assert refusal(blocked.upload_id) == (409, "upload-blocked")
    assert media.rows("SELECT id FROM companion_media") == []
    assert counts(media) == []


def test_one_upload_becomes_one_medium_also_when_asked_for_ten_times_at_once(media: Media, shelf: Shelf) -> None:
    upload_id = str(shelf.completed("companion_media").upload_id)
    answers = in_parallel(10, lambda _: post(shelf, {"upload_id": upload_id, "surface": "asset"}))
    assert sorted(one.status_code for one in answers) == [201] + [409] * 9
    assert {problem(one)["code"] for one in answers if one.status_code == 409} == {"upload-already-used"}
    (winner,) = [one.json["id"] for one in answers if one.status_code == 201]
    assert media.row("SELECT used_by::text FROM uploads") == (winner,)
    assert counts(media) == [(1, 0, 0, 1)]


def test_the_latest_version_always_tells_the_latest_counts(media: Media, shelf: Shelf) -> None:
    uploads = [shelf.completed("companion_media") for _ in range(24)]
    surfaces = ("gallery", "post", "asset")
    made = in_parallel(24, lambda number: shelf.add(surfaces[number % 3], uploads[number]))
    in_parallel(6, lambda number: shelf.admin("DELETE", f"/v1/admin/companion-media/{made[number]['id']}"))
    told = sorted(counts(media))
    assert [version for version, *_ in told] == list(range(1, 31))
    assert told[23] == (24, 8, 8, 8)
    assert told[-1] == (30, 6, 6, 6)


def test_a_medium_is_edited_unpublished_and_published_again(media: Media, shelf: Shelf) -> None:
    user = media.user(uuid7())
    medium = shelf.add("post", text="Before", location="Rome")
    path = f"/v1/admin/companion-media/{medium['id']}"
    edited = shelf.admin("PATCH", path, {"text": "After", "location": None, "tags": ["a"], "can_be_liked": True}).json
    assert (edited["text"], edited["location"], edited["tags"], edited["can_be_liked"]) == ("After", None, ["a"], True)
    assert edited["updated_at"] >= medium["updated_at"]
    assert shelf.admin("PATCH", path, {}).json == edited
    assert [one["text"] for one in shelf.shown(user, "posts")] == ["After"]
    assert shelf.admin("PATCH", path, {"published": False}).json["published"] is False
    assert shelf.shown(user, "posts") == []
    assert len(shelf.listed(shelf.admin, f"/v1/admin/companions/{shelf.companion_id}/media?surface=post")) == 1
    shelf.admin("PATCH", path, {"published": True})
    assert counts(media) == [(1, 0, 1, 0), (2, 0, 0, 0), (3, 0, 1, 0)]
    assert shelf.admin("PATCH", path, {"surface": "gallery"}).status_code == 422
    assert shelf.admin("PATCH", f"/v1/admin/companion-media/{uuid7()}", {"text": "x"}).status_code == 404


def test_a_removed_medium_is_gone_for_everybody(media: Media, shelf: Shelf) -> None:
    user = media.user(uuid7())
    upload = shelf.completed("companion_media")
    medium = shelf.add("gallery", upload)
    path = f"/v1/admin/companion-media/{medium['id']}"
    assert [shelf.admin("DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert shelf.admin("DELETE", f"/v1/admin/companion-media/{uuid7()}").status_code == 404
    assert shelf.admin("PATCH", path, {"text": "x"}).status_code == 404
    assert shelf.shown(user) == []
    assert shelf.listed(shelf.admin, f"/v1/admin/companions/{shelf.companion_id}/media") == []
    (told,) = media.emitted(MediaStandingChanged)
    assert (told["upload_id"], told["removed"]) == (str(upload.upload_id), True)
    assert counts(media) == [(1, 1, 0, 0), (2, 0, 0, 0)]
    signed = shelf.admin("POST", "/v1/media/sign", {"keys": list(upload.keys.values())})
    assert signed.json["urls"] == {}


def test_what_a_moderator_holds_leaves_its_surface_and_the_counts(media: Media, shelf: Shelf) -> None:
    upload = shelf.completed("companion_media")
    shelf.add("gallery", upload)
    media.service.usecases.takedowns.hold(upload.upload_id, "report")
    assert shelf.shown(media.user(uuid7())) == []
    (item,) = shelf.listed(shelf.admin, f"/v1/admin/companions/{shelf.companion_id}/media")
    assert item["media"] is None
    assert counts(media) == [(1, 1, 0, 0), (2, 0, 0, 0)]


def test_media_of_an_inactive_companion_can_be_edited_and_of_an_unknown_one_not(media: Media, shelf: Shelf) -> None:
    shelf.companion_id = media.ai.add(is_active=False)
    shelf.add("asset")
    shelf.companion_id = uuid7()
    upload = shelf.completed("companion_media")
    assert post(shelf, {"upload_id": str(upload.upload_id), "surface": "asset"}).status_code == 404
    assert shelf.admin("GET", f"/v1/admin/companions/{shelf.companion_id}/media").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"tags": ["x"] * 21}, {"tags": ["x" * 41]}, {"tags": [1]}, {"tags": [""]}, {"text": "x" * 2_001},
        {"premium_only": "yes"}, {"like_count": 5}, {"created_by": "me"}, {"kind": "video"},
    ],
)  # fmt: skip
def test_unusable_fields_are_refused(shelf: Shelf, body: dict[str, Any]) -> None:
    upload = shelf.completed("companion_media")
    answer = post(shelf, {"upload_id": str(upload.upload_id), "surface": "gallery", **body})
    assert answer.status_code == 422
    assert next(iter(body)) in str(problem(answer)["errors"])


@pytest.mark.parametrize("role", ["user", "moderator"])
def test_only_admins_manage_companion_media(media: Media, shelf: Shelf, role: str) -> None:
    caller = media.user(uuid7(), role)
    medium = shelf.add("asset")["id"]
    base = f"/v1/admin/companions/{shelf.companion_id}/media"
    for method, path in [
        ("GET", base), ("POST", base), ("GET", f"{base}/picks"), ("GET", f"{base}/missed-tags"),
        ("PATCH", f"/v1/admin/companion-media/{medium}"), ("DELETE", f"/v1/admin/companion-media/{medium}"),
    ]:  # fmt: skip
        assert caller(method, path, {} if method in ("POST", "PATCH") else None).status_code == 403
