"""The gallery and the posts as users see them (COMP-3)."""

from chassis.contracts.ai import CompanionChanged
from chassis.ids import uuid7
from chassis.testing import problem
from tests.media_svc.companion_media_kit import Shelf
from tests.media_svc.media_stand_ins import Media

STANDING = "/internal/standing"
ITEM = {
    "id", "kind", "media", "text", "location", "like_count", "liked", "can_be_liked", "premium_only", "created_at",
}  # fmt: skip


def test_users_see_each_surface_newest_first_and_no_assets(media: Media, shelf: Shelf) -> None:
    user = media.user(uuid7())
    pictures = [shelf.add("gallery", text=str(number))["id"] for number in range(7)]
    posts = [shelf.add("post", kind="video", location="Rome")["id"] for _ in range(4)]
    shelf.add("asset")
    shelf.add("gallery", published=False)
    shown = shelf.shown(user)
    assert [one["id"] for one in shown] == pictures[::-1]
    assert set(shown[0]) == ITEM
    assert [one["id"] for one in shelf.shown(user, "posts")] == posts[::-1]
    assert {one["kind"] for one in shelf.shown(user, "posts")} == {"video"}
    assert media.quota.calls == []


def test_a_cursor_of_another_list_is_refused(media: Media, shelf: Shelf) -> None:
    user = media.user(uuid7())
    for _ in range(2):
        shelf.add("gallery")
    base = f"/v1/companions/{shelf.companion_id}"
    cursor = user("GET", f"{base}/gallery?limit=1").json["next_cursor"]
    other = media.ai.add()
    for path in (f"{base}/posts", f"/v1/companions/{other}/gallery"):
        answer = user("GET", f"{path}?limit=1&cursor={cursor}")
        assert "cursor" in problem(answer)["errors"]


def test_a_free_user_gets_of_a_premium_only_item_its_blurred_preview_and_nothing_else(
    media: Media, shelf: Shelf
) -> None:
    user_id = uuid7()
    secret = shelf.completed("companion_media", kind="video")
    shelf.add("gallery", secret, premium_only=True, text="Only for you")
    shelf.add("gallery")
    for _ in range(2):
        shelf.add("gallery", premium_only=True)
    answer = media.user(user_id)("GET", f"/v1/companions/{shelf.companion_id}/gallery")
    locked, opened = answer.json["items"][3], answer.json["items"][2]
    assert locked["media"]["locked"] is True
    assert (locked["media"]["key"], locked["media"]["poster_key"], locked["media"]["renditions"]) == (None, None, [])
    assert locked["media"]["preview_key"] == secret.keys["preview"]
    told = answer.get_data(as_text=True)
    assert not [role for role, key in secret.keys.items() if role != "preview" and key in told]
    assert (opened["media"]["locked"], opened["media"]["preview_key"]) == (False, None)
    assert media.quota.calls == [STANDING]


def test_a_premium_user_gets_the_original(media: Media, shelf: Shelf) -> None:
    user_id = uuid7()
    media.quota.premium.add(str(user_id))
    secret = shelf.completed("companion_media")
    shelf.add("gallery", secret, premium_only=True)
    (item,) = shelf.shown(media.user(user_id))
    assert (item["media"]["locked"], item["media"]["key"]) == (False, secret.keys["full"])
    assert item["premium_only"] is True
    assert media.quota.calls == [STANDING]


def test_an_admin_sees_originals_without_premium(media: Media, shelf: Shelf) -> None:
    secret = shelf.completed("companion_media")
    shelf.add("gallery", secret, premium_only=True)
    (item,) = shelf.shown(shelf.admin)
    assert item["media"]["key"] == secret.keys["full"]
    assert media.quota.calls == []


def test_quota_svc_is_missed_only_where_something_is_for_premium_users(media: Media, shelf: Shelf) -> None:
    user = media.user(uuid7())
    shelf.add("gallery")
    shelf.add("post")
    media.quota.is_down = True
    assert len(shelf.shown(user)) == 1
    shelf.add("gallery", premium_only=True)
    answer = user("GET", f"/v1/companions/{shelf.companion_id}/gallery")
    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert "Retry-After" in answer.headers
    assert len(shelf.shown(user, "posts")) == 1


def test_only_active_companions_are_shown(media: Media, shelf: Shelf) -> None:
    user = media.user(uuid7())
    shelf.add("gallery")
    assert len(shelf.shown(user)) == 1
    event = CompanionChanged(shelf.companion_id, 2, "Mira", None, is_active=False, engine="offline")
    media.deliver(event)
    path = f"/v1/companions/{shelf.companion_id}/gallery"
    inactive, unknown = user("GET", path), user("GET", f"/v1/companions/{uuid7()}/gallery")
    assert (inactive.status_code, unknown.status_code) == (404, 404)
    assert problem(inactive)["detail"] == problem(unknown)["detail"]
    media.deliver(CompanionChanged(shelf.companion_id, 1, "Mira", None, is_active=True, engine="offline"))
    assert user("GET", path).status_code == 404
    assert user("GET", f"/v1/companions/{shelf.companion_id}/posts").status_code == 404


def test_a_companion_is_asked_for_once(media: Media, shelf: Shelf) -> None:
    user = media.user(uuid7())
    for _ in range(3):
        shelf.shown(user)
    assert len(media.ai.calls) == 1
    media.ai.is_down = True
    assert shelf.shown(user) == []
    assert user("GET", f"/v1/companions/{uuid7()}/gallery").status_code == 503


def test_visitors_sign_in_before_they_see_it(media: Media, shelf: Shelf) -> None:
    for surface in ("gallery", "posts"):
        path = f"/v1/companions/{shelf.companion_id}/{surface}"
        assert media.anonymous()("GET", path).status_code == 401
