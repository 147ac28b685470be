"""Pictures and videos through the gateway: uploaded, checked, told over the stream, sent, and seen."""

from __future__ import annotations

import pytest
import pyvips

from chassis.testing import eventually
from deploy.client import Client, Refused
from tests.corpus import samples
from tests.platform.media_kit import FILES, MediaPlatform, assert_decodes, bomb, keys_of, peak_memory, plain
from tests.platform.test_first_conversation import mara, messages

MEGABYTE = 1_048_576


def announcement(conversation_id: str, content_type: str, size: int) -> dict[str, object]:
    """What a client says of a file before it puts it."""
    kind = content_type.partition("/")[0]
    return {
        "purpose": "chat", "conversation_id": conversation_id, "kind": kind, "content_type": content_type, "size": size,
    }  # fmt: skip


@pytest.mark.parametrize("content_type", FILES)
def test_a_file_goes_the_whole_way_and_comes_back_viewable_upright_and_without_metadata(
    media_platform: MediaPlatform, content_type: str
) -> None:
    someone = media_platform.person()
    kind, data = FILES[content_type]
    assert samples.CANARY in data
    conversation = mara(someone)
    with_stream = someone.stream()
    with_stream.until(lambda event: event.name == "ready")
    announced = someone.announce(announcement(conversation["id"], content_type, len(data)))
    assert (announced["method"], announced["price_tokens"]) == ("PUT", None)
    assert announced["upload_url"].startswith("/store/")
    assert someone.put(announced, data).status_code == 200
    assert someone.call("POST", f"/v1/uploads/{announced['upload_id']}/complete")["status"] == "processing"
    told = with_stream.until(
        lambda event: event.name == "upload.updated" and event.data["status"] not in ("uploading", "processing")
    )
    with_stream.close()
    upload = told[-1].data
    assert (upload["upload_id"], upload["status"], upload["error"]) == (announced["upload_id"], "completed", None)
    assert upload == someone.call("GET", f"/v1/uploads/{upload['upload_id']}")
    sent = someone.send_media(conversation["id"], upload, " Look at this! ", someone.permit()["permit_id"])
    assert (sent["kind"], sent["text"], sent["media_removed"]) == (kind, "Look at this!", False)
    (listed,) = [one for one in messages(someone, conversation["id"]) if one["id"] == sent["id"]]
    media = listed["media"]
    assert media == upload["media"]
    signed = someone.sign(keys_of(media))
    assert signed["denied"] == []
    for key, url in signed["urls"].items():
        assert url.startswith("/cdn/")
        answer = someone.look(url)
        assert answer.status_code == 200
        assert samples.CANARY not in answer.content
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        if key == media["key"]:
            assert (len(answer.content), answer.headers["Content-Type"]) == (media["size_bytes"], media["content_type"])
            assert_decodes(answer.content, media)
            part = someone.look(url, Range="bytes=10-29")
            assert (part.status_code, part.content) == (206, answer.content[10:30])
            assert part.headers["Content-Range"] == f"bytes 10-29/{media['size_bytes']}"
            assert someone.look(url, **{"If-None-Match": answer.headers["ETag"]}).status_code == 304
            assert someone.look(url[:-3] + "AAA").status_code == 403
    again = mara(someone)
    assert again["free_remaining"]["media"] == 2
    path = f"/v1/uploads/{upload['upload_id']}"
    eventually(lambda: someone.call("GET", path)["message_id"], until=lambda message_id: message_id == sent["id"])


def test_a_photo_that_its_camera_stored_turned_is_shown_upright(media_platform: MediaPlatform) -> None:
    someone = media_platform.person()
    upload = someone.upload(samples.jpeg(900, 600, orientation=6), "image/jpeg", mara(someone)["id"])
    assert (upload["media"]["width"], upload["media"]["height"]) == (900, 600)
    url = someone.sign([upload["media"]["key"]])["urls"][upload["media"]["key"]]
    picture = pyvips.Image.new_from_buffer(someone.look(url).content, "")
    corner = picture.crop(2, 2, 8, 8)
    seen = [corner.extract_band(band).avg() for band in range(3)]
    assert seen == pytest.approx(samples.CORNERS["top-left"], abs=40)


@pytest.mark.parametrize(("content_type", "limit"), [("image/jpeg", 3 * MEGABYTE), ("video/mp4", 5 * MEGABYTE)])
def test_one_byte_more_than_allowed_is_refused_at_once_and_at_the_store(
    media_platform: MediaPlatform, content_type: str, limit: int
) -> None:
    someone = media_platform.person()
    conversation = mara(someone)["id"]
    with pytest.raises(Refused) as refusal:
        someone.announce(announcement(conversation, content_type, limit + 1))
    assert (refusal.value.status, refusal.value.code) == (413, "too-large")
    announced = someone.announce(announcement(conversation, content_type, limit))
    more = someone.put(announced, b"x" * (limit + 1))
    assert 400 <= more.status_code < 500
    with pytest.raises(Refused) as refusal:
        someone.call("POST", f"/v1/uploads/{announced['upload_id']}/complete")
    assert (refusal.value.status, refusal.value.code) == (409, "not-uploaded")
    assert media_platform.objects(announced["upload_id"]) == {}


REFUSED = {
    "a PNG declared as JPEG": ("image/jpeg", samples.png(60, 40), "type-mismatch"),
    "HTML named .jpg": ("image/jpeg", b"<!doctype html><script>alert(1)</script>" * 40, "type-mismatch"),
    "a PNG of 20,000 x 20,000": ("image/png", bomb(), "too-many-pixels"),
    "a playlist named .mp4": ("video/mp4", b"#EXTM3U\nhttp://127.0.0.1:1/secret.ts\n" * 9, "type-mismatch"),
    "half a JPEG": ("image/jpeg", samples.jpeg(300, 200)[:4_000], "undecodable"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_what_it_says_gets_a_clear_error_and_leaves_no_object(
    media_platform: MediaPlatform, name: str
) -> None:
    content_type, data, code = REFUSED[name]
    someone = media_platform.person()
    conversation = mara(someone)["id"]
    upload = someone.upload(data, content_type, conversation)
    assert (upload["status"], upload["media"], upload["error"]["code"]) == ("failed", None, code)
    assert upload["error"]["detail"]
    left = eventually(
        lambda: media_platform.objects(upload["upload_id"]), until=lambda found: set(found.values()) <= {0}, within=30
    )
    assert set(left) <= {f"incoming/{upload['upload_id']}"}
    with pytest.raises(Refused) as refusal:
        someone.send_media(conversation, upload, None, someone.permit()["permit_id"])
    assert (refusal.value.status, refusal.value.code) == (409, "upload-not-ready")
    assert peak_memory(media_platform.host) < 1_500 * MEGABYTE


def test_an_upload_url_works_once_for_one_type_and_length_and_for_nobody_with_another(
    media_platform: MediaPlatform,
) -> None:
    someone = media_platform.person()
    data = plain((90, 140, 90))
    announced = someone.announce(announcement(mara(someone)["id"], "image/jpeg", len(data)))
    assert someone.put(announced, data, **{"Content-Type": "image/png"}).status_code == 403
    assert someone.put(announced, data[:-1]).status_code == 403
    forged = {
        **announced,
        "upload_url": announced["upload_url"].replace(announced["upload_id"], str(announced["upload_id"])[::-1]),
    }
    assert someone.put(forged, data).status_code in (403, 404)
    assert someone.put(announced, data).status_code == 200
    assert someone.put(announced, data).status_code == 412
    someone.processed(announced["upload_id"])
    assert someone.put(announced, data).status_code == 412


def test_a_picture_becomes_the_avatar_and_is_seen_by_others(media_platform: MediaPlatform) -> None:
    someone, other = media_platform.person(), media_platform.person()
    data = samples.jpeg(500, 500)
    body = {"purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": len(data)}
    announced = someone.announce(body)
    assert someone.put(announced, data).status_code == 200
    upload = someone.processed(announced["upload_id"])
    profile = someone.call("PATCH", "/v1/me", {"avatar_upload_id": upload["upload_id"]})
    assert profile["avatar_key"] == upload["media"]["key"]
    seen = other.call("GET", f"/v1/users/{profile['username']}")["avatar_key"]
    assert other.look(other.sign([seen])["urls"][seen]).status_code == 200
    assert Client(media_platform.host.url).sign([seen])["denied"] == [seen]
    chat_upload = someone.upload(data, "image/jpeg", mara(someone)["id"])
    with pytest.raises(Refused) as refusal:
        someone.call("PATCH", "/v1/me", {"avatar_upload_id": chat_upload["upload_id"]})
    assert (refusal.value.status, list(refusal.value.problem["errors"])) == (422, ["avatar_upload_id"])
    for wrong in (other, someone):
        announced = someone.announce(body)
        with pytest.raises(Refused) as refusal:
            wrong.call("PATCH", "/v1/me", {"avatar_upload_id": announced["upload_id"]})
        assert refusal.value.code == ("not-found" if wrong is other else "upload-not-ready")


def test_fifty_megabytes_pass_through_the_host_in_both_directions_without_being_held(
    media_platform: MediaPlatform,
) -> None:
    admin = media_platform.admin()
    companion = media_platform.new_companion(admin)
    size = 50 * MEGABYTE
    body = {
        "purpose": "companion_media", "companion_id": companion, "kind": "video", "content_type": "video/mp4",
        "size": size,
    }  # fmt: skip
    with pytest.raises(Refused) as refusal:
        admin.announce({**body, "size": size + 1})
    assert (refusal.value.status, refusal.value.code) == (413, "too-large")
    announced = admin.announce(body)
    data = bytes(size)
    before = peak_memory(media_platform.host)
    assert admin.put(announced, data + b"x").status_code in (403, 413)
    assert admin.put(announced, data).status_code == 200
    assert peak_memory(media_platform.host) - before < 25 * MEGABYTE
    upload = admin.processed(announced["upload_id"])
    assert (upload["status"], upload["error"]["code"]) == ("failed", "type-mismatch")
