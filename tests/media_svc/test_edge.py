"""The local CDN edge: what it serves, to whom, in which parts and under which headers (MEDIA-6, MEDIA-7)."""

import time
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from chassis.ids import uuid7
from chassis.testing import problem
from media_svc.domain.keys import evidence_key, incoming_key
from media_svc.ports import PresignedPut
from tests.media_svc.conftest import Build
from tests.media_svc.media_stand_ins import Media
from tests.media_svc.plain_decoder import PlainDecoder
from tests.media_svc.store_worlds import StoreWorld, swift_config
from tests.stubs.swift import Swift

PICTURE = b"\xff\xd8\xff bytes that the plain decoder takes for a picture"
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Content-Disposition": "inline",
    "Cache-Control": "max-age=300, s-maxage=30",
    "Accept-Ranges": "bytes",
}


def shown(media: Media) -> dict[str, Any]:
    """A completed picture."""
    upload = media.upload(uuid7(), PICTURE)
    assert upload["status"] == "completed"
    return upload


def signed(media: Media, key: str, seconds: int = 300) -> str:
    return media.ports.signer.sign(key, int(time.time()) + seconds)


def look(media: Media, url: str, method: str = "GET", **headers: str) -> TestResponse:
    """A browser's look: nobody is signed in."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return media.anonymous()(method, url, headers=given, buffered=True)


def test_a_signed_url_shows_the_object_with_headers_that_let_nothing_act(quick: Media) -> None:
    key = shown(quick)["media"]["key"]
    answer = look(quick, signed(quick, key))
    assert answer.status_code == 200
    assert answer.data == quick.objects()[key]
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert {name: answer.headers[name] for name in SAFE_HEADERS} == SAFE_HEADERS
    assert "Set-Cookie" not in answer.headers


def test_head_tells_the_same_without_the_bytes(quick: Media) -> None:
    url = signed(quick, shown(quick)["media"]["key"])
    head, get = look(quick, url, "HEAD"), look(quick, url)
    assert (head.status_code, head.data) == (200, b"")
    kept = {"Content-Type", "Content-Length", "ETag", *SAFE_HEADERS}
    assert {name: head.headers[name] for name in kept} == {name: get.headers[name] for name in kept}


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-0", 0, 1), ("bytes=5-9", 5, 10), ("bytes=5-", 5, None), ("bytes=-4", -4, None),
     ("bytes=3-99999999", 3, None), ("bytes=-99999999", 0, None), ("Bytes= 1 - 2 ", 1, 3)],
)  # fmt: skip
def test_a_range_is_answered_with_that_part(quick: Media, asked: str, start: int, stop: int | None) -> None:
    key = shown(quick)["media"]["key"]
    whole = quick.objects()[key]
    answer = look(quick, signed(quick, key), Range=asked)
    part = whole[start:stop]
    assert (answer.status_code, answer.data) == (206, part)
    first = len(whole) + start if start < 0 else start
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(whole)}"
    assert answer.headers["Content-Length"] == str(len(part))
    assert {name: answer.headers[name] for name in SAFE_HEADERS} == SAFE_HEADERS
    head = look(quick, signed(quick, key), "HEAD", Range=asked)
    assert (head.status_code, head.headers["Content-Range"]) == (206, answer.headers["Content-Range"])


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=999999-9999999", "bytes=-0"])
def test_a_range_behind_the_end_is_told_the_size(quick: Media, asked: str) -> None:
    key = shown(quick)["media"]["key"]
    answer = look(quick, signed(quick, key), Range=asked)
    assert (answer.status_code, problem(answer)["code"]) == (416, "range-not-satisfiable")
    assert answer.headers["Content-Range"] == f"bytes */{len(quick.objects()[key])}"


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,3-4", "bytes=9-3", "bytes=", "bytes=a-b", "lines=1-2", "x", "bytes=-", "0-5"]
)
def test_what_is_no_single_range_is_answered_whole(quick: Media, asked: str) -> None:
    key = shown(quick)["media"]["key"]
    answer = look(quick, signed(quick, key), Range=asked)
    assert (answer.status_code, answer.data) == (200, quick.objects()[key])


def test_a_browser_that_has_the_bytes_is_told_so(quick: Media) -> None:
    url = signed(quick, shown(quick)["media"]["key"])
    etag = look(quick, url).headers["ETag"]
    again = look(quick, url, If_None_Match=etag)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == etag
    assert again.headers["Cache-Control"] == SAFE_HEADERS["Cache-Control"]
    assert look(quick, url, If_None_Match='"other"').status_code == 200


def test_a_range_of_other_bytes_than_the_browser_has_is_answered_whole(quick: Media) -> None:
    url = signed(quick, shown(quick)["media"]["key"])
    etag = look(quick, url).headers["ETag"]
    assert look(quick, url, Range="bytes=0-1", If_Range=etag).status_code == 206
    assert look(quick, url, Range="bytes=0-1", If_Range='"other"').status_code == 200


def test_without_a_good_signature_nothing_is_told(quick: Media) -> None:
    key = shown(quick)["media"]["key"]
    url = signed(quick, key)
    for wrong in (
        f"/cdn/{key}",
        url + "x",
        url.replace("full.jpg", "preview.webp"),
        signed(quick, key, seconds=-1),
        f"/cdn/{incoming_key(uuid7())}",
        "/cdn/*",
        "/cdn/%2e%2e/%2e%2e/etc/passwd",
        "/cdn/../../etc/passwd",
        "/cdn/" + "a" * 3000,
    ):
        for method in ("GET", "HEAD"):
            answer = look(quick, wrong, method)
            assert answer.status_code == 403, wrong
            assert "ETag" not in answer.headers
        assert problem(look(quick, wrong))["code"] in ("signature-invalid", "signature-expired")


def test_a_direct_call_to_the_service_is_refused(quick: Media) -> None:
    assert quick.stranger().get(signed(quick, shown(quick)["media"]["key"])).status_code == 401


def test_a_good_signature_for_what_may_not_be_seen_shows_nothing(quick: Media) -> None:
    upload = shown(quick)
    key = upload["media"]["key"]
    for other in (incoming_key(UUID(upload["upload_id"])), evidence_key(key), key.replace("full", "other")):
        answer = look(quick, signed(quick, other))
        assert (answer.status_code, problem(answer)["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "change",
    ["UPDATE uploads SET held = true", "UPDATE uploads SET removed_at = now()", "UPDATE objects SET evidence = true",
     "UPDATE uploads SET status = 'blocked', media = NULL, sha256_full = NULL, nsfw_flag = 'blocked'"],
)  # fmt: skip
def test_urls_signed_before_a_takedown_show_nothing_from_that_moment(quick: Media, change: str) -> None:
    url = signed(quick, shown(quick)["media"]["key"])
    etag = look(quick, url).headers["ETag"]
    quick.execute(change)
    assert look(quick, url).status_code == 403
    assert look(quick, url, Range="bytes=0-3").status_code == 403
    assert look(quick, url, If_None_Match=etag).status_code == 403


def test_an_object_that_vanished_from_the_store_is_no_defect(quick: Media) -> None:
    key = shown(quick)["media"]["key"]
    quick.ports.store.remove([key])
    assert look(quick, signed(quick, key)).status_code == 403


def test_with_a_bucket_puts_go_to_it_and_the_edge_serves_from_it(
    build: Build, decoder: PlainDecoder, swift: Swift
) -> None:
    """No CloudFront, but a bucket: a platform on one machine with a real object store."""
    config = swift_config(swift, f"edge-{uuid7()}")
    media = build(lambda ports: replace(ports, decoder=decoder), **swift.environment(str(config.bucket)))
    media.ports.store.set_up()  # type: ignore[attr-defined]  # an S3 store
    body = {"purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": len(PICTURE)}
    me = media.user(uuid7())
    created = media.announce(me, body)
    assert created["upload_url"].startswith(f"{swift.endpoint}/{config.bucket}/incoming/")
    assert look(media, f"/store/{created['object_key']}", "PUT").status_code == 403
    world = StoreWorld("swift", media.ports.store, media.ports.store, swift.endpoint, {})
    assert world.put(PresignedPut(created["upload_url"], created["headers"]), PICTURE) == 200
    media.complete(me, created["upload_id"])
    media.work()
    key = media.get(me, created["upload_id"])["media"]["key"]
    whole = media.objects()[key]
    assert look(media, signed(media, key)).data == whole
    part = look(media, signed(media, key), Range="bytes=2-5")
    assert (part.status_code, part.data) == (206, whole[2:6])
