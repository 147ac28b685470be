"""What is somebody else's: on every route of media, for strangers, other users and an admin; and takedowns."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest

from chassis.ids import uuid7
from deploy.client import Client, Refused
from tests.platform.media_kit import MediaPlatform, keys_of, plain, reply_to
from tests.platform.test_first_conversation import mara, messages


@dataclass
class Owned:
    """What one user has: a conversation, an upload, and another one that was sent."""

    owner: Client
    conversation: str
    upload: dict[str, Any]
    used: dict[str, Any]
    sent: dict[str, Any]


@pytest.fixture(scope="module")
def owned(running_media: MediaPlatform) -> Owned:
    owner = running_media.person()
    conversation = mara(owner)["id"]
    unsent, used = (owner.upload(plain((90, 140, 90), (300 + n, 200)), "image/jpeg", conversation) for n in range(2))
    sent = owner.send_media(conversation, used, "Mine", owner.permit()["permit_id"])
    reply_to(owner, conversation, sent)
    return Owned(owner, conversation, unsent, used, sent)


def answered(client: Client, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """The status and code of an answer."""
    answer = client.raw(method, path, body)
    return answer.status_code, answer.json().get("code", "") if answer.content else ""


def test_another_user_and_even_an_admin_can_neither_see_nor_finish_send_or_delete_it(
    media_platform: MediaPlatform, owned: Owned
) -> None:
    unknown = str(uuid7())
    for client in (media_platform.person(), media_platform.admin()):
        own = mara(client)["id"]
        permit = client.permit()["permit_id"]
        for upload in (owned.upload["upload_id"], owned.used["upload_id"], unknown):
            assert answered(client, "GET", f"/v1/uploads/{upload}") == (404, "not-found")
            assert answered(client, "POST", f"/v1/uploads/{upload}/complete") == (404, "not-found")
            assert answered(client, "DELETE", f"/v1/uploads/{upload}") == (404, "not-found")
            send = {"client_id": unknown, "permit_id": permit, "kind": "image", "upload_id": upload}
            for conversation in (own, owned.conversation):
                path = f"/v1/conversations/{conversation}/messages"
                assert answered(client, "POST", path, send) == (404, "not-found")
        announce = {
            "purpose": "chat", "conversation_id": owned.conversation, "kind": "image", "content_type": "image/jpeg",
            "size": 1000,
        }  # fmt: skip
        assert answered(client, "POST", "/v1/uploads", announce) == (404, "not-found")
        assert answered(client, "PATCH", "/v1/me", {"avatar_upload_id": owned.upload["upload_id"]}) == (
            404,
            "not-found",
        )
        path = f"/v1/conversations/{owned.conversation}/messages/{owned.sent['id']}"
        assert answered(client, "DELETE", path) == (404, "not-found")
    assert owned.owner.call("GET", f"/v1/uploads/{owned.upload['upload_id']}")["status"] == "completed"


def test_foreign_keys_and_what_is_no_key_come_back_in_denied_beside_ones_own(
    media_platform: MediaPlatform, owned: Owned
) -> None:
    other = media_platform.person()
    mine = other.upload(plain((90, 140, 90), (310, 210)), "image/jpeg", mara(other)["id"])["media"]
    foreign = [*keys_of(owned.upload["media"]), *keys_of(owned.sent["media"])]
    key = owned.upload["media"]["key"]
    odd = [
        "*", "", "/", "../" + key, key + "/", key + "\x00", "/" + key, key.upper(), key.replace("/", "%2f"),
        key.rsplit("/", 1)[0] + "/*", f"incoming/{owned.upload['upload_id']}", f"evidence/{key}", "x" * 2048,
        "chat/%2e%2e/secret", key + "?", "https://example.org/" + key,
    ]  # fmt: skip
    asked = [mine["key"], *foreign, *odd]
    signed = other.sign(asked)
    assert set(signed["urls"]) == {mine["key"]}
    assert sorted(signed["denied"]) == sorted(set(asked) - {mine["key"]})
    stranger = Client(media_platform.host.url)
    assert stranger.sign([*foreign, mine["key"]])["urls"] == {}
    url = other.sign([mine["key"]])["urls"][mine["key"]]
    assert stranger.look(url.replace(mine["key"], key)).status_code == 403
    assert stranger.look("/cdn/" + key).status_code == 403
    assert stranger.look("/store/" + key).status_code in (403, 405)


def test_strangers_are_asked_to_sign_in_on_every_route_of_media(media_platform: MediaPlatform, owned: Owned) -> None:
    stranger = Client(media_platform.host.url)
    upload, companion, medium = owned.upload["upload_id"], str(uuid7()), str(uuid7())
    routes = [
        ("POST", "/v1/uploads"), ("GET", f"/v1/uploads/{upload}"), ("POST", f"/v1/uploads/{upload}/complete"),
        ("DELETE", f"/v1/uploads/{upload}"), ("GET", f"/v1/companions/{companion}/gallery"),
        ("GET", f"/v1/companions/{companion}/posts"), ("PUT", f"/v1/companion-media/{medium}/like"),
        ("DELETE", f"/v1/companion-media/{medium}/like"), ("GET", f"/v1/admin/companions/{companion}/media"),
        ("POST", f"/v1/admin/companions/{companion}/media"), ("PATCH", f"/v1/admin/companion-media/{medium}"),
        ("DELETE", f"/v1/admin/companion-media/{medium}"),
    ]  # fmt: skip
    user = media_platform.person()
    for method, path in routes:
        assert answered(stranger, method, path, {}) == (401, "unauthenticated"), path
        if "/admin/" in path:
            assert answered(user, method, path, {})[0] == 403, path


def test_own_media_that_was_sent_can_not_be_deleted_or_sent_again(media_platform: MediaPlatform) -> None:
    someone = media_platform.person()
    conversation = mara(someone)["id"]
    upload = someone.upload(plain((90, 140, 90), (320, 220)), "image/jpeg", conversation)
    someone.send_media(conversation, upload, None, someone.permit()["permit_id"])
    assert answered(someone, "DELETE", f"/v1/uploads/{upload['upload_id']}") == (409, "in-use")
    with pytest.raises(Refused) as refusal:
        someone.send_media(conversation, upload, None, someone.permit()["permit_id"])
    assert (refusal.value.status, refusal.value.code) == (409, "upload-already-used")


def test_a_premium_only_picture_shows_others_a_blurred_preview_and_nothing_else(media_platform: MediaPlatform) -> None:
    admin = media_platform.admin()
    companion = media_platform.new_companion(admin)
    fields = {"text": "For premium", "premium_only": True}
    full = media_platform.add_medium(admin, companion, "gallery", fields)["media"]
    poor, rich = media_platform.person(), media_platform.premium(media_platform.person())
    (locked,) = poor.call("GET", f"/v1/companions/{companion}/gallery")["items"]
    (opened,) = rich.call("GET", f"/v1/companions/{companion}/gallery")["items"]
    assert (locked["media"]["locked"], locked["media"]["key"], locked["media"]["renditions"]) == (True, None, [])
    assert (opened["media"]["locked"], opened["media"]["key"]) == (False, full["key"])
    everything = keys_of(full)
    signed = poor.sign(everything)
    assert list(signed["urls"]) == [locked["media"]["preview_key"]]
    assert poor.look(signed["urls"][locked["media"]["preview_key"]]).status_code == 200
    assert rich.sign(everything)["denied"] == []


@pytest.mark.parametrize("way", [(), ("--remove",)], ids=["held", "removed"])
def test_what_is_taken_down_is_gone_within_a_minute_also_under_a_url_signed_before(
    media_platform: MediaPlatform, way: tuple[str, ...]
) -> None:
    someone = media_platform.person()
    conversation = mara(someone)["id"]
    upload = someone.upload(plain((90, 140, 90), (330, 230)), "image/jpeg", conversation)
    sent = someone.send_media(conversation, upload, "Look", someone.permit()["permit_id"])
    keys = keys_of(upload["media"])
    urls = someone.sign(keys)["urls"]
    assert {someone.look(url).status_code for url in urls.values()} == {200}
    taken = media_platform.host.command("media", "takedown", upload["upload_id"], *way)
    assert taken.returncode == 0, taken.stderr
    deadline = time.monotonic() + 60
    while {someone.look(url).status_code for url in urls.values()} != {403}:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert sorted(someone.sign(keys)["denied"]) == sorted(keys)
    while True:
        (listed,) = [one for one in messages(someone, conversation) if one["id"] == sent["id"]]
        if listed["media_removed"]:
            break
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert (listed["media"], listed["text"]) == (None, "Look")
