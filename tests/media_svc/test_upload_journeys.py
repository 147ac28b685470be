"""Real pictures and videos through the real decoder, from the PUT to what is seen under a signed URL."""

from uuid import UUID

import pytest
import pyvips
import requests

from chassis.ids import uuid7
from media_svc.adapters.store_s3 import S3Store
from tests.corpus import samples
from tests.media_svc.conftest import Build
from tests.media_svc.media_stand_ins import Media
from tests.media_svc.store_worlds import swift_config
from tests.stubs.classifier import COLOURS
from tests.stubs.swift import Swift

JOURNEYS = {
    "image/jpeg": ("image", samples.jpeg(800, 600, orientation=6)),
    "image/png": ("image", samples.png(900, 600, alpha=True)),
    "image/webp": ("image", samples.webp(700, 500)),
    "video/mp4": ("video", samples.mp4(2.0)),
    "video/webm": ("video", samples.webm(2.0)),
}


def seen(media: Media, user_id: object, key: str) -> bytes:
    """What its owner sees of an object: through a signed URL, without an identity."""
    signed = media.user(user_id)("POST", "/v1/media/sign", {"keys": [key]}).json  # type: ignore[arg-type]  # a UUID
    assert signed["denied"] == []
    answer = media.anonymous()("GET", signed["urls"][key])
    assert answer.status_code == 200
    return bytes(answer.data)


@pytest.mark.parametrize("content_type", JOURNEYS)
def test_it_comes_back_viewable_and_without_metadata(media: Media, content_type: str) -> None:
    kind, data = JOURNEYS[content_type]
    assert samples.CANARY in data
    me = uuid7()
    upload = media.upload(me, data, kind=kind, content_type=content_type)
    assert (upload["status"], upload["error"]) == ("completed", None), upload
    shown = upload["media"]
    assert shown["nsfw_flag"] == "safe"
    keys = [shown["key"], *(one["key"] for one in shown["renditions"])]
    if kind == "video":
        keys.append(shown["poster_key"])
        assert shown["content_type"] == "video/mp4"
        assert shown["duration_ms"] == pytest.approx(2000, abs=200)
    for key in keys:
        assert samples.CANARY not in seen(media, me, key)
    assert len(seen(media, me, shown["key"])) == shown["size_bytes"]
    widths = [one["width"] for one in shown["renditions"]]
    assert widths == [320, 720, 1280][: len(widths)]
    for one in shown["renditions"]:
        picture = pyvips.Image.new_from_buffer(seen(media, me, one["key"]), "")
        assert (picture.width, picture.height) == (one["width"], one["height"])
    assert samples.CANARY not in b"".join(media.objects().values())


def test_a_photo_is_shown_upright(media: Media) -> None:
    upload = media.upload(uuid7(), samples.jpeg(800, 600, orientation=6))
    assert (upload["media"]["width"], upload["media"]["height"]) == (800, 600)


@pytest.mark.parametrize(
    ("kind", "content_type", "data", "code"),
    [
        ("image", "image/jpeg", samples.png(60, 40), "type-mismatch"),
        ("image", "image/jpeg", b"<!doctype html><script>alert(1)</script>", "type-mismatch"),
        ("image", "image/jpeg", samples.jpeg(300, 200)[:4000], "undecodable"),
        ("video", "video/mp4", b"#EXTM3U\nhttp://127.0.0.1:1/secret\n", "type-mismatch"),
        ("video", "video/mp4", samples.webm(1.0), "type-mismatch"),
    ],
    ids=["png-as-jpeg", "html-as-jpeg", "truncated", "playlist-as-mp4", "webm-as-mp4"],
)
def test_what_is_no_such_file_gets_its_error_and_leaves_no_object(
    media: Media, kind: str, content_type: str, data: bytes, code: str
) -> None:
    upload = media.upload(uuid7(), data, kind=kind, content_type=content_type)
    assert (upload["status"], upload["media"]) == ("failed", None)
    assert upload["error"]["code"] == code
    assert media.objects() == {f"incoming/{upload['upload_id']}": b""}


def painted(name: str) -> bytes:
    """A picture of the colour that gets this verdict from the scripted classifier."""
    plain = pyvips.Image.black(400, 300, bands=3) + list(COLOURS[name])
    return bytes(plain.cast("uchar").copy(interpretation="srgb").jpegsave_buffer(Q=95))


@pytest.mark.parametrize("name", COLOURS)
def test_each_verdict_reaches_the_owner(media: Media, name: str) -> None:
    upload = media.upload(uuid7(), painted(name))
    if name in ("blocked", "minor"):
        assert (upload["status"], upload["blocked_reason"]) == ("blocked", "policy-violation")
        assert upload["media"] is None
    else:
        assert (upload["status"], upload["media"]["nsfw_flag"]) == ("completed", name)
        assert upload["media"]["preview_key"]


def test_a_landscape_passes_the_classifier_in_the_box(build: Build) -> None:
    media = build(MEDIA_CLASSIFIER="nudenet")
    upload = media.upload(uuid7(), samples.jpeg(800, 600))
    assert (upload["status"], upload["media"]["nsfw_flag"]) == ("completed", "safe")


def test_with_a_real_s3_server_it_goes_the_same_way(build: Build, swift: Swift) -> None:
    bucket = f"media-{uuid7()}"
    S3Store(swift_config(swift, bucket), "http://duet.test").set_up()
    media = build(**swift.environment(bucket))
    me, data = uuid7(), samples.jpeg(900, 600)
    body = {"purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": len(data)}
    created = media.announce(media.user(me), body)
    puts = [
        requests.put(created["upload_url"], data=data, headers=created["headers"], timeout=60).status_code
        for _ in range(2)
    ]
    assert puts == [200, 412]
    assert media.complete(media.user(me), created["upload_id"])["status"] == "processing"
    media.work()
    upload = media.get(media.user(me), created["upload_id"])
    assert (upload["status"], upload["error"]) == ("completed", None)
    late = requests.put(created["upload_url"], data=data, headers=created["headers"], timeout=60)
    assert late.status_code == 412
    stored = media.objects()
    assert stored[created["object_key"]] == b""
    assert len(seen(media, me, upload["media"]["key"])) == upload["media"]["size_bytes"]
    assert samples.CANARY not in b"".join(stored.values())
    media.service.usecases.takedowns.hold(UUID(created["upload_id"]), "reported")
    media.work()
    assert {key.split("/")[0] for key, left in media.objects().items() if left} == {"evidence"}
