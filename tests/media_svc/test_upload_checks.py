"""What lies at the incoming key is checked again, whatever store let it in (MEDIA-2)."""

from pathlib import Path

import pytest

from chassis.ids import uuid7
from tests.media_svc.media_stand_ins import Media
from tests.media_svc.plain_decoder import PlainDecoder

SIZE = 1000


@pytest.mark.parametrize(
    ("content_type", "size", "code"),
    [
        ("image/jpeg", SIZE + 1, "too-large"),
        ("image/jpeg", SIZE - 1, "undecodable"),
        ("text/html", SIZE, "type-mismatch"),
        ("image/jpeg; charset=x", SIZE, None),
    ],
)
def test_another_length_or_type_than_announced_fails_before_anything_is_decoded(
    quick: Media, decoder: PlainDecoder, tmp_path: Path, content_type: str, size: int, code: str | None
) -> None:
    user = quick.user(uuid7())
    body = {"purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": SIZE}
    created = quick.announce(user, body)
    source = tmp_path / "smuggled"
    source.write_bytes(b"x" * size)
    quick.ports.store.put_new(created["object_key"], source, content_type=content_type, cache_control="no-store")
    quick.complete(user, created["upload_id"])
    quick.work()
    upload = quick.get(user, created["upload_id"])
    assert (upload["error"] and upload["error"]["code"]) == code
    assert upload["status"] == ("failed" if code else "completed")
    assert decoder.decoded == (0 if code else 1)
    assert quick.objects()[created["object_key"]] == b""


def test_an_object_that_vanished_fails_its_upload_and_nothing_else(quick: Media, decoder: PlainDecoder) -> None:
    user = quick.user(uuid7())
    created = quick.announce(user, {"purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": SIZE})
    quick.put(created, b"x" * SIZE)
    quick.complete(user, created["upload_id"])
    quick.ports.store.remove([created["object_key"]])
    quick.work()
    assert quick.get(user, created["upload_id"])["error"]["code"] == "undecodable"
    assert decoder.decoded == 0
