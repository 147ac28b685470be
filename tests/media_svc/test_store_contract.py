"""What both object stores enforce and do alike: the folder store, and S3 as a real OpenStack Swift (MEDIA-1)."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from chassis.errors import Unavailable
from chassis.ids import uuid7
from chassis.testing import eventually
from deploy.http_server import HttpServer
from media_svc.domain.keys import evidence_key, final_prefix, incoming_key
from media_svc.ports import AlreadyStored, NoObject, PresignedPut
from tests.media_svc.conftest import Build
from tests.media_svc.store_worlds import StoreWorld, local_world, swift_world

BODY = b"\x89PNG twelve bytes and more"
KIND = "image/png"


@pytest.fixture(params=["local", "swift"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreWorld]:
    if request.param == "swift":
        yield swift_world(request.getfixturevalue("swift"))
        return
    build: Build = request.getfixturevalue("build")
    media = build()
    listener = socket.create_server(("127.0.0.1", 0))
    server = HttpServer(media.service.app, listener, threads=4)
    yield local_world(media, server, listener.getsockname()[1], tmp_path)
    server.stop(5.0)


def presigned(world: StoreWorld, key: str, size: int = len(BODY), seconds: int = 900) -> PresignedPut:
    return world.store.presign_put(key, content_type=KIND, size=size, seconds=seconds)


def fresh_key() -> str:
    return incoming_key(uuid7())


def final_key(name: str = "full.png") -> str:
    return final_prefix("chat", uuid7(), uuid7()) + name


def content(world: StoreWorld, key: str, tmp_path: Path) -> bytes:
    target = tmp_path / "fetched"
    world.store.fetch(key, target, at_most=1 << 30)
    return target.read_bytes()


def stored(world: StoreWorld, tmp_path: Path, body: bytes = BODY, key: str = "") -> str:
    """The key of an object that media-svc wrote."""
    key = key or final_key()
    source = tmp_path / "source"
    source.write_bytes(body)
    world.store.put_new(key, source, content_type=KIND, cache_control="max-age=300, s-maxage=30")
    return key


def test_a_put_as_it_was_presigned_stores_the_bytes_with_their_type(world: StoreWorld, tmp_path: Path) -> None:
    key = fresh_key()
    signed = presigned(world, key)
    assert signed.headers == {"Content-Type": KIND, "If-None-Match": "*"}
    assert world.put(signed, BODY) == 200
    found = world.store.head(key)
    assert found is not None
    assert (found.key, found.size, found.content_type, found.storage_class) == (key, len(BODY), KIND, "STANDARD")
    assert abs(found.modified_at.timestamp() - time.time()) < 30
    assert content(world, key, tmp_path) == BODY


def test_more_bytes_than_signed_are_refused(world: StoreWorld) -> None:
    key = fresh_key()
    assert world.put(presigned(world, key), BODY + b"!") == 403
    assert world.store.head(key) is None


def test_fewer_bytes_than_signed_are_refused(world: StoreWorld) -> None:
    key = fresh_key()
    assert world.put(presigned(world, key), BODY[:-1]) == 403
    assert world.store.head(key) is None


def test_bytes_beyond_the_announced_length_are_not_stored(world: StoreWorld) -> None:
    key = fresh_key()
    assert world.put(presigned(world, key), BODY + b"and more", content_length=str(len(BODY))) == 200
    found = world.store.head(key)
    assert found is not None
    assert found.size == len(BODY)


def test_another_type_is_refused(world: StoreWorld) -> None:
    key = fresh_key()
    assert world.put(presigned(world, key), BODY, content_type="text/html") == 403
    assert world.put(presigned(world, key), BODY, content_type=None) == 403
    assert world.store.head(key) is None


def test_a_put_without_if_none_match_is_refused(world: StoreWorld) -> None:
    key = fresh_key()
    assert world.put(presigned(world, key), BODY, if_none_match=None) == 403
    # Swift knows no other value than `*`, and says so before it looks at the signature.
    refused = 501 if world.name == "swift" else 403
    assert world.put(presigned(world, key), BODY, if_none_match='"abc"') == refused
    assert world.store.head(key) is None


def test_a_second_put_is_refused_and_changes_nothing(world: StoreWorld, tmp_path: Path) -> None:
    key = fresh_key()
    signed = presigned(world, key)
    assert world.put(signed, BODY) == 200
    assert world.put(signed, BODY[::-1]) == 412
    assert content(world, key, tmp_path) == BODY


def test_a_late_put_is_refused(world: StoreWorld) -> None:
    key = fresh_key()
    signed = presigned(world, key, seconds=1)
    expired = time.time() + 2
    eventually(time.time, until=lambda now: now > expired)
    assert world.put(signed, BODY) == 403
    assert world.store.head(key) is None


def test_a_url_that_was_tampered_with_is_refused(world: StoreWorld) -> None:
    key, other = fresh_key(), fresh_key()
    url = presigned(world, key).url
    signed = presigned(world, key)
    (signature,) = next(
        values for name, values in parse_qs(urlsplit(url).query).items() if name.lower().endswith("signature")
    )
    forged = "0" * 64 if signature[0] != "0" else "1" * 64
    expiry = "expires=" if world.name == "local" else "X-Amz-Expires="
    changed = [
        url.replace(signature, forged),
        url.replace(signature, ""),
        url.replace(key, other),
        url.replace(expiry, expiry + "9"),
        url.split("?")[0],
    ]
    assert len({*changed, url}) == 6
    for one in changed:
        assert world.put(signed, BODY, url=one) in (400, 403), one
    assert list(world.store.list("")) == []


def test_nothing_can_be_put_where_a_tombstone_lies(world: StoreWorld) -> None:
    key = fresh_key()
    signed = presigned(world, key)
    assert world.put(signed, BODY) == 200
    world.store.put_tombstone(key)
    assert world.put(signed, BODY) == 412
    found = world.store.head(key)
    assert found is not None
    assert found.size == 0


def test_a_client_that_stops_half_way_leaves_nothing(world: StoreWorld) -> None:
    key = fresh_key()
    size = 4 * 1024 * 1024
    signed = presigned(world, key, size=size)
    began = world.begin_put(signed, size, b"x" * (size // 2))
    began.close()
    # The same address is as good as new.
    assert eventually(lambda: world.put(signed, b"y" * size), until=lambda status: status == 200)
    assert [found.size for found in world.store.list("")] == [size]


def test_a_missing_object_is_told_apart_from_a_store_that_is_away(world: StoreWorld, tmp_path: Path) -> None:
    key, target = final_key(), tmp_path / "target"
    assert world.store.head(key) is None
    with pytest.raises(NoObject):
        world.store.fetch(key, target, at_most=10)
    with pytest.raises(NoObject):
        world.store.read(key, 0, 10)
    with pytest.raises(NoObject):
        world.store.move(key, evidence_key(key))
    with pytest.raises(NoObject):
        world.store.set_storage_class(key, "STANDARD")
    world.store.remove([key])
    world.store.remove([])
    assert not target.exists()


def test_a_store_that_is_away_is_unavailable(world: StoreWorld, tmp_path: Path) -> None:
    key, source = final_key(), tmp_path / "source"
    source.write_bytes(BODY)
    away = world.away
    for attempt in (
        lambda: away.head(key),
        lambda: away.fetch(key, tmp_path / "target", at_most=10),
        lambda: away.read(key, 0, 10),
        lambda: away.put_new(key, source, content_type=KIND, cache_control="no-store"),
        lambda: away.put_tombstone(key),
        lambda: away.move(key, evidence_key(key)),
        lambda: away.remove([key]),
        lambda: list(away.list("")),
        lambda: away.set_storage_class(key, "STANDARD"),
        away.check,
    ):
        with pytest.raises(Unavailable):
            attempt()


def test_an_object_is_written_once(world: StoreWorld, tmp_path: Path) -> None:
    key = stored(world, tmp_path)
    with pytest.raises(AlreadyStored):
        stored(world, tmp_path, b"other bytes", key)
    assert content(world, key, tmp_path) == BODY


def test_a_fetch_of_more_than_is_allowed_copies_nothing(world: StoreWorld, tmp_path: Path) -> None:
    key, target = stored(world, tmp_path), tmp_path / "target"
    with pytest.raises(ValueError, match="more than"):
        world.store.fetch(key, target, at_most=len(BODY) - 1)
    assert not target.exists() or target.read_bytes() == b""
    world.store.fetch(key, target, at_most=len(BODY))
    assert target.read_bytes() == BODY


def test_any_part_of_an_object_can_be_read(world: StoreWorld, tmp_path: Path) -> None:
    body = bytes(range(256)) * 4096
    key = stored(world, tmp_path, body)
    assert b"".join(world.store.read(key, 0, len(body))) == body
    assert b"".join(world.store.read(key, 700_001, 3)) == body[700_001:700_004]
    assert b"".join(world.store.read(key, len(body) - 5, 5)) == body[-5:]


def test_a_move_can_be_repeated(world: StoreWorld, tmp_path: Path) -> None:
    key = stored(world, tmp_path)
    target = evidence_key(key)
    for _ in range(3):
        world.store.move(key, target)
    found = world.store.head(target)
    assert world.store.head(key) is None
    assert found is not None
    assert (found.size, found.content_type) == (len(BODY), KIND)
    assert content(world, target, tmp_path) == BODY


def test_a_move_replaces_what_an_earlier_one_left(world: StoreWorld, tmp_path: Path) -> None:
    key = stored(world, tmp_path)
    stored(world, tmp_path, b"half of it", evidence_key(key))
    world.store.move(key, evidence_key(key))
    assert content(world, evidence_key(key), tmp_path) == BODY


def test_objects_are_listed_by_prefix_in_the_order_of_their_keys(world: StoreWorld, tmp_path: Path) -> None:
    conversation, upload = uuid7(), uuid7()
    prefix = final_prefix("chat", conversation, upload)
    keys = [prefix + name for name in ("1280.webp", "320.webp", "full.png")]
    for key in reversed(keys):
        stored(world, tmp_path, key=key)
    other = stored(world, tmp_path, key=final_prefix("avatar", uuid7(), upload) + "full.png")
    world.store.put_tombstone(incoming_key(upload))
    kept = evidence_key(stored(world, tmp_path))
    world.store.move(kept.removeprefix("evidence/"), kept)
    assert [found.key for found in world.store.list(prefix)] == keys
    assert [found.size for found in world.store.list(prefix)] == [len(BODY)] * 3
    assert [found.key for found in world.store.list("avatars/")] == [other]
    everything = [found.key for found in world.store.list("")]
    assert everything == sorted([*keys, other, kept, incoming_key(upload)])
    world.store.remove(keys[:2])
    assert [found.key for found in world.store.list(prefix)] == keys[2:]
    assert list(world.store.list(final_prefix("chat", uuid7(), upload))) == []


def test_a_store_that_was_set_up_is_found_in_order(world: StoreWorld) -> None:
    world.store.check()
