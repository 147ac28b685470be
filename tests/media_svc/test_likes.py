"""Likes: any number of times, counted exactly, and only of what users can see (COMP-3)."""

from typing import Any

import pytest

from chassis.contracts.ai import CompanionChanged
from chassis.ids import uuid7
from chassis.testing import Caller, problem
from tests.media_svc.companion_media_kit import Shelf
from tests.media_svc.media_stand_ins import Media, in_parallel


def path(medium: dict[str, Any]) -> str:
    return f"/v1/companion-media/{medium['id']}/like"


def answer(caller: Caller, method: str, medium: dict[str, Any]) -> dict[str, Any]:
    told = caller(method, path(medium))
    assert told.status_code == 200, told.json
    return dict(told.json)


def refusal(caller: Caller, medium: dict[str, Any]) -> set[tuple[int, str]]:
    told = [caller(method, path(medium)) for method in ("PUT", "DELETE")]
    return {(one.status_code, problem(one)["code"]) for one in told}


def test_liking_and_unliking_twice_is_as_good_as_once(media: Media, shelf: Shelf) -> None:
    me, other = media.user(uuid7()), media.user(uuid7())
    medium = shelf.add("post", can_be_liked=True)
    assert answer(me, "DELETE", medium) == {"like_count": 0, "liked": False}
    assert [answer(me, "PUT", medium) for _ in range(2)] == [{"like_count": 1, "liked": True}] * 2
    assert answer(other, "PUT", medium) == {"like_count": 2, "liked": True}
    assert [(one["like_count"], one["liked"]) for one in shelf.shown(me, "posts")] == [(2, True)]
    assert [answer(me, "DELETE", medium) for _ in range(2)] == [{"like_count": 1, "liked": False}] * 2
    assert [(one["like_count"], one["liked"]) for one in shelf.shown(me, "posts")] == [(1, False)]
    assert [one["liked"] for one in shelf.shown(other, "posts")] == [True]


def test_fifty_clients_at_once_are_counted_exactly(media: Media, shelf: Shelf) -> None:
    medium = shelf.add("gallery", can_be_liked=True)
    users = [media.user(uuid7()) for _ in range(50)]
    told = in_parallel(50, lambda number: answer(users[number], "PUT", medium)["like_count"])
    assert sorted(told) == list(range(1, 51))
    left = in_parallel(50, lambda number: answer(users[number], "DELETE" if number % 2 else "PUT", medium))
    assert min(one["like_count"] for one in left) == 25
    assert media.row("SELECT like_count, (SELECT count(*)::int FROM likes) FROM companion_media") == (25, 25)


def test_one_client_fifty_times_at_once_likes_once(media: Media, shelf: Shelf) -> None:
    medium = shelf.add("gallery", can_be_liked=True)
    me = media.user(uuid7())
    told = in_parallel(50, lambda _: answer(me, "PUT", medium))
    assert told == [{"like_count": 1, "liked": True}] * 50
    in_parallel(50, lambda number: answer(me, "PUT" if number % 2 else "DELETE", medium))
    count, rows = media.row("SELECT like_count, (SELECT count(*)::int FROM likes) FROM companion_media")
    assert count == rows
    assert count in (0, 1)


def test_what_can_not_be_liked_says_so(media: Media, shelf: Shelf) -> None:
    medium = shelf.add("gallery", can_be_liked=False)
    assert refusal(media.user(uuid7()), medium) == {(409, "not-likeable")}


def test_what_users_see_can_be_liked_unless_the_admin_says_otherwise(media: Media, shelf: Shelf) -> None:
    told = {surface: shelf.add(surface)["can_be_liked"] for surface in ("gallery", "post", "asset")}
    assert told == {"gallery": True, "post": True, "asset": False}


@pytest.mark.parametrize("why", ["asset", "unpublished", "removed", "held", "inactive companion", "unknown"])
def test_what_users_can_not_see_can_not_be_liked(media: Media, shelf: Shelf, why: str) -> None:
    me = media.user(uuid7())
    made = shelf.completed("companion_media")
    medium = shelf.add("asset", made) if why == "asset" else shelf.add("gallery", made, can_be_liked=True)
    if why == "unpublished":
        shelf.admin("PATCH", f"/v1/admin/companion-media/{medium['id']}", {"published": False})
    elif why == "removed":
        shelf.admin("DELETE", f"/v1/admin/companion-media/{medium['id']}")
    elif why == "held":
        media.service.usecases.takedowns.hold(made.upload_id, "report")
    elif why == "inactive companion":
        media.deliver(CompanionChanged(shelf.companion_id, 2, "Mira", None, is_active=False, engine="offline"))
    elif why == "unknown":
        medium = {"id": str(uuid7())}
    assert refusal(me, medium) == {(404, "not-found")}
    assert media.rows("SELECT * FROM likes") == []


def test_a_free_user_may_like_what_is_locked_for_him(media: Media, shelf: Shelf) -> None:
    """He sees its preview; nobody has to be asked for it."""
    medium = shelf.add("gallery", premium_only=True, can_be_liked=True)
    media.quota.is_down = True
    assert answer(media.user(uuid7()), "PUT", medium) == {"like_count": 1, "liked": True}


def test_visitors_can_not_like(media: Media, shelf: Shelf) -> None:
    medium = shelf.add("gallery", can_be_liked=True)
    assert media.anonymous()("PUT", path(medium)).status_code == 401
