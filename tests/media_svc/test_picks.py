"""Picking the asset of a reply: once per reply, whoever asks how often (AI-4, guarantee 14)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from chassis.ids import uuid7
from chassis.testing import eventually, problem
from tests.media_svc.companion_media_kit import Shelf
from tests.media_svc.media_stand_ins import Media, in_parallel


def accounts(shelf: Shelf) -> list[dict[str, Any]]:
    return shelf.listed(shelf.admin, f"/v1/admin/companions/{shelf.companion_id}/media/picks")


def can_sign(media: Media, user_id: UUID, key: str) -> bool:
    answer = media.user(user_id)("POST", "/v1/media/sign", {"keys": [key]})
    assert answer.status_code == 200
    return key in answer.json["urls"]


def test_the_asset_with_the_tag_is_picked_and_may_be_seen_from_then_on(media: Media, shelf: Shelf) -> None:
    me, conversation, reply = uuid7(), uuid7(), uuid7()
    made = shelf.completed("companion_media", nsfw_flag="soft")
    beach = shelf.add("asset", made, tags=["Beach"], text="At the sea")
    shelf.add("asset", tags=["night"])
    shelf.add("gallery", text="beach")
    assert not can_sign(media, me, made.keys["full"])
    asset = shelf.pick(reply, conversation, me, "beaches", "moon")
    assert asset["asset_id"] == beach["id"]
    assert (asset["upload_id"], asset["text"]) == (str(made.upload_id), "At the sea")
    assert (asset["nsfw_flag"], asset["version"]) == ("soft", 1)
    assert asset["media"]["key"] == made.keys["full"]
    assert asset["media"]["preview_key"] == made.keys["preview"]
    assert can_sign(media, me, made.keys["full"])
    assert not can_sign(media, uuid7(), made.keys["full"])
    (account,) = accounts(shelf)
    assert (account["reply_id"], account["asset_id"], account["state"]) == (str(reply), beach["id"], "picked")
    assert (account["tags"], account["missed_tags"]) == (["beaches", "moon"], ["moon"])
    assert (account["why"]["candidates"], account["why"]["matched_tags"]) == (2, ["beaches"])


def test_the_same_reply_gets_the_same_however_often_and_whatever_else_is_asked(media: Media, shelf: Shelf) -> None:
    me, conversation, reply = uuid7(), uuid7(), uuid7()
    for number in range(5):
        shelf.add("asset", tags=[f"tag{number}"])
    told = in_parallel(20, lambda _: shelf.pick(reply, conversation, me))
    assert len({one["asset_id"] for one in told}) == 1
    again = shelf.pick(reply, conversation, me, "tag0", "tag1", mature=True)
    assert again == told[0]
    assert media.row("SELECT count(*)::int FROM picks") == (1,)
    assert media.row("SELECT count(*)::int FROM asset_grants") == (1,)
    shelf.admin("PATCH", f"/v1/admin/companion-media/{again['asset_id']}", {"published": False})
    assert shelf.pick(reply, conversation, me) == again


@pytest.mark.parametrize("how", ["hold", "remove"])
def test_a_picked_asset_that_was_taken_down_before_it_was_sent_is_not_told_again(
    media: Media, shelf: Shelf, how: str
) -> None:
    # Told with the version of its takedown, the message would show it as if nothing had happened since.
    me, conversation, reply = uuid7(), uuid7(), uuid7()
    made = shelf.completed("companion_media")
    shelf.add("asset", made)
    assert shelf.pick(reply, conversation, me) is not None
    getattr(media.service.usecases.takedowns, how)(made.upload_id, "test")
    assert shelf.pick(reply, conversation, me) is None
    assert not can_sign(media, me, made.keys["full"])


def test_nothing_comes_twice_into_a_conversation_while_others_remain(media: Media, shelf: Shelf) -> None:
    me, conversation = uuid7(), uuid7()
    assets = {shelf.add("asset", tags=["beach"])["id"] for _ in range(6)}
    told = in_parallel(6, lambda _: shelf.pick(uuid7(), conversation, me, "beach")["asset_id"])
    assert set(told) == assets
    assert shelf.pick(uuid7(), conversation, me, "beach")["asset_id"] in assets
    assert [one["why"]["repeated"] for one in accounts(shelf)].count(True) == 1


def test_a_dropped_pick_stays_dropped_and_its_asset_can_be_seen_no_more(media: Media, shelf: Shelf) -> None:
    me, conversation, reply = uuid7(), uuid7(), uuid7()
    made = shelf.completed("companion_media")
    shelf.add("asset", made)
    assert shelf.pick(reply, conversation, me) is not None
    assert [media.as_ai("DELETE", f"/internal/picks/{reply}").status_code for _ in range(2)] == [204, 204]
    assert shelf.pick(reply, conversation, me) is None
    assert not can_sign(media, me, made.keys["full"])
    assert [one["state"] for one in accounts(shelf)] == ["dropped"]
    # It was not sent: the next reply may have it.
    assert shelf.pick(uuid7(), conversation, me) is not None
    assert can_sign(media, me, made.keys["full"])


def test_dropping_what_is_not_known_is_no_fault(media: Media, shelf: Shelf) -> None:
    reply = uuid7()
    assert media.as_ai("DELETE", f"/internal/picks/{reply}").status_code == 204
    shelf.add("asset")
    assert shelf.pick(reply, uuid7(), uuid7()) is not None


def test_picking_and_dropping_at_once_leaves_a_grant_only_for_what_is_picked(media: Media, shelf: Shelf) -> None:
    shelf.add("asset")
    for _ in range(10):
        me, conversation, reply = uuid7(), uuid7(), uuid7()

        def step(number: int) -> None:
            if number % 2:
                media.as_ai("DELETE", f"/internal/picks/{reply}")  # noqa: B023 - run before the next round
            else:
                shelf.pick(reply, conversation, me)  # noqa: B023

        in_parallel(6, step)
        media.as_ai("DELETE", f"/internal/picks/{reply}")
        assert shelf.pick(reply, conversation, me) is None
    assert media.row("SELECT count(*)::int FROM asset_grants") == (0,)
    assert media.rows("SELECT DISTINCT state FROM picks") == [("dropped",)]


def test_a_pick_that_is_killed_half_way_leaves_nothing_and_is_made_when_asked_again(media: Media, shelf: Shelf) -> None:
    """The pick is written, the grant waits for a lock, and then the connection dies."""
    made = shelf.completed("companion_media")
    shelf.add("asset", made)
    me, conversation, reply = uuid7(), uuid7(), uuid7()
    body = {
        "conversation_id": str(conversation), "user_id": str(me), "companion_id": str(shelf.companion_id),
        "kind": "image", "tags": [], "mature": False,
    }  # fmt: skip
    stuck = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO \"asset_grants\"%%'"
    )
    with closing(psycopg2.connect(media.service.basis.config.dsn)) as other, ThreadPoolExecutor(1) as threads:
        other.cursor().execute("LOCK TABLE asset_grants IN SHARE MODE")
        answer = threads.submit(media.as_ai, "PUT", f"/internal/picks/{reply}", body)
        eventually(lambda: media.rows(stuck))
        assert answer.result(30).status_code == 503
    assert media.row("SELECT (SELECT count(*) FROM picks)::int, (SELECT count(*) FROM asset_grants)::int") == (0, 0)
    assert not can_sign(media, me, made.keys["full"])
    assert media.as_ai("PUT", f"/internal/picks/{reply}", body).json["asset"]["upload_id"] == str(made.upload_id)
    assert can_sign(media, me, made.keys["full"])


def test_only_published_assets_of_this_companion_and_kind_are_picked(media: Media, shelf: Shelf) -> None:
    mine = shelf.companion_id
    shelf.companion_id = media.ai.add()
    shelf.add("asset", tags=["beach"])
    shelf.companion_id = mine
    shelf.add("asset", tags=["beach"], published=False)
    shelf.add("gallery", text="beach")
    shelf.add("post", text="beach")
    removed = shelf.add("asset", tags=["beach"])
    shelf.admin("DELETE", f"/v1/admin/companion-media/{removed['id']}")
    held = shelf.completed("companion_media")
    shelf.add("asset", held, tags=["beach"])
    media.service.usecases.takedowns.hold(held.upload_id, "report")
    video = shelf.add("asset", kind="video", tags=["night"])
    conversation, me = uuid7(), uuid7()
    assert shelf.pick(uuid7(), conversation, me, "beach") is None
    assert shelf.pick(uuid7(), conversation, me, "beach", kind="video")["asset_id"] == video["id"]
    assert [(one["kind"], one["state"], one["missed_tags"]) for one in accounts(shelf)] == [
        ("video", "picked", ["beach"]),
        ("image", "none", ["beach"]),
    ]


def test_a_mature_asset_is_only_for_users_who_opted_in(media: Media, shelf: Shelf) -> None:
    mature = shelf.add("asset", tags=["beach"], mature=True)
    assert shelf.pick(uuid7(), uuid7(), uuid7(), "beach") is None
    assert shelf.pick(uuid7(), uuid7(), uuid7(), "beach", mature=True)["asset_id"] == mature["id"]


def test_an_erotic_asset_is_only_for_users_who_opted_in_even_where_no_admin_called_it_mature(
    media: Media, shelf: Shelf
) -> None:
    erotic = shelf.add("asset", shelf.completed("companion_media", nsfw_flag="erotic"), tags=["beach"])
    assert erotic["mature"] is False
    assert shelf.pick(uuid7(), uuid7(), uuid7(), "beach") is None
    assert accounts(shelf)[0]["why"]["excluded_as_mature"] == 1
    assert shelf.pick(uuid7(), uuid7(), uuid7(), "beach", mature=True)["asset_id"] == erotic["id"]
    soft = shelf.add("asset", shelf.completed("companion_media", nsfw_flag="soft"), tags=["night"])
    assert shelf.pick(uuid7(), uuid7(), uuid7(), "beach")["asset_id"] == soft["id"]


def test_a_reply_of_another_conversation_gets_no_answer(media: Media, shelf: Shelf) -> None:
    shelf.add("asset")
    me, conversation, reply = uuid7(), uuid7(), uuid7()
    shelf.pick(reply, conversation, me)
    body = {"companion_id": str(shelf.companion_id), "kind": "image", "tags": [], "mature": False}
    for place in ({"conversation_id": str(uuid7()), "user_id": str(me)},
                  {"conversation_id": str(conversation), "user_id": str(uuid7())}):  # fmt: skip
        answer = media.as_ai("PUT", f"/internal/picks/{reply}", {**body, **place})
        assert (answer.status_code, problem(answer)["code"]) == (409, "reply-id-reused")


def test_missed_tags_are_counted_the_most_wanted_first(media: Media, shelf: Shelf) -> None:
    shelf.add("asset", tags=["beach"])
    for tags in (["Moon", "beach"], ["moon"], ["moon", "snow"], ["yacht"], []):
        shelf.pick(uuid7(), uuid7(), uuid7(), *tags)
    shelf.pick(uuid7(), uuid7(), uuid7(), "beach", kind="video")
    found = shelf.listed(shelf.admin, f"/v1/admin/companions/{shelf.companion_id}/media/missed-tags")
    assert [(one["tag"], one["kind"], one["count"]) for one in found] == [
        ("moon", "image", 3), ("beach", "video", 1), ("snow", "image", 1), ("yacht", "image", 1),
    ]  # fmt: skip
    assert all(one["last_at"] for one in found)


def test_only_ai_svc_picks(media: Media) -> None:
    for caller in (media.as_chat, media.as_gateway):
        assert caller("PUT", f"/internal/picks/{uuid7()}", {}).status_code == 403
        assert caller("DELETE", f"/internal/picks/{uuid7()}").status_code == 403


def test_four_tags_or_another_kind_are_refused(media: Media, shelf: Shelf) -> None:
    body = {
        "conversation_id": str(uuid7()), "user_id": str(uuid7()), "companion_id": str(shelf.companion_id),
        "kind": "image", "tags": [], "mature": False,
    }  # fmt: skip
    for wrong in ({"tags": ["a"] * 4}, {"kind": "voice"}, {"mature": None}, {"user_id": "me"}):
        answer = media.as_ai("PUT", f"/internal/picks/{uuid7()}", {**body, **wrong})
        assert list(problem(answer)["errors"]) == list(wrong)
