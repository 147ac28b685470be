"""What only the folder store has to care about: paths, links, many writers, memory."""

import io
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chassis.errors import Conflict, Forbidden, Malformed, Unavailable
from chassis.ids import uuid7
from media_svc.adapters.store_local import LocalStore
from media_svc.domain.keys import final_prefix, incoming_key
from media_svc.ports import AlreadyStored, PresignedPut, PutRequest

SECRET = "a secret of the tests"
MEGABYTE = 1_048_576
ID = "01a1f9c1-da8c-7193-ba86-4649f7ebf814"
UNSAFE = [
    "", ".", "..", "/etc/passwd", "../outside", "incoming/../../outside", "incoming/..", "incoming//x", "incoming/x",
    "incoming/%2e%2e", "chat/../incoming", ".partial/x", "incoming/*", "incoming/\x00", "evidence/../incoming",
    "evidence/evidence/incoming", "a" * 2048, f"incoming/{ID}/../..", f"incoming/{ID}\n",
    f"chat/{ID}/{ID}/../full.png", f"chat/{ID}/{ID}/full.png/", f"INCOMING/{ID}",
    f"incoming/{ID.upper()}",
]  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "media", SECRET)


def request_of(key: str, signed: PresignedPut, size: int) -> PutRequest:
    """The PUT that a client would make of a presigned one."""
    query = parse_qs(urlsplit(signed.url).query, keep_blank_values=True)
    return PutRequest(key, query, signed.headers["Content-Type"], size, signed.headers["If-None-Match"])


def everything_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@pytest.mark.parametrize("key", UNSAFE)
def test_what_is_no_key_of_ours_reaches_no_file(store: LocalStore, tmp_path: Path, key: str) -> None:
    (tmp_path / "outside").write_text("secret")
    source = tmp_path / "source"
    source.write_text("x")
    good = incoming_key(uuid7())
    for attempt in (
        lambda: store.presign_put(key, content_type="image/png", size=1, seconds=9),
        lambda: store.head(key),
        lambda: store.fetch(key, tmp_path / "target", at_most=9),
        lambda: store.read(key, 0, 1),
        lambda: store.put_new(key, source, content_type="image/png", cache_control=""),
        lambda: store.put_tombstone(key),
        lambda: store.move(key, good),
        lambda: store.move(good, key),
        lambda: store.remove([key]),
        lambda: store.set_storage_class(key, "STANDARD"),
    ):
        with pytest.raises(ValueError, match="no key of ours"):
            attempt()
    signed = store.presign_put(good, content_type="image/png", size=1, seconds=9)
    with pytest.raises(Forbidden):
        store.receive(request_of(key, signed, 1), io.BytesIO(b"x"))
    assert (tmp_path / "outside").read_text() == "secret"
    assert everything_in(tmp_path) == ["outside", "source"]


def test_no_symbolic_link_is_followed_on_the_way_to_an_object(store: LocalStore, tmp_path: Path) -> None:
    secret = tmp_path / "outside"
    secret.mkdir()
    conversation, upload = uuid7(), uuid7()
    (secret / "full.png").write_bytes(b" " * 256 + b"secret")
    chat = tmp_path / "media" / "chat" / str(conversation)
    chat.mkdir(parents=True)
    (chat / str(upload)).symlink_to(secret)
    key = final_prefix("chat", conversation, upload) + "full.png"
    with pytest.raises(Unavailable):
        store.head(key)
    with pytest.raises(Unavailable):
        store.remove([key])
    assert list(store.list("")) == []
    incoming = tmp_path / "media" / "incoming"
    incoming.mkdir()
    (incoming / str(upload)).symlink_to(secret / "full.png")
    with pytest.raises(Unavailable):
        store.read(incoming_key(upload), 0, 5)
    store.put_tombstone(incoming_key(upload))
    assert (secret / "full.png").read_bytes().endswith(b"secret")
    assert not (incoming / str(upload)).is_symlink()


def test_of_many_puts_at_once_exactly_one_is_stored(store: LocalStore, tmp_path: Path) -> None:
    key = incoming_key(uuid7())
    signed = store.presign_put(key, content_type="image/png", size=MEGABYTE, seconds=60)
    gate = threading.Barrier(16)
    refusals: list[int] = []

    def put(number: int) -> int | None:
        body = io.BytesIO(bytes([number]) * MEGABYTE)
        gate.wait()
        try:
            store.receive(request_of(key, signed, MEGABYTE), body)
        except Conflict as error:
            refusals.append(error.status)
            return None
        return number

    with ThreadPoolExecutor(16) as pool:
        stored = [number for number in pool.map(put, range(16)) if number is not None]
    (winner,) = stored
    assert refusals == [412] * 15
    assert b"".join(store.read(key, 0, MEGABYTE)) == bytes([winner]) * MEGABYTE
    assert everything_in(tmp_path / "media") == [key]


def test_of_many_writers_of_one_object_exactly_one_succeeds(store: LocalStore, tmp_path: Path) -> None:
    key = final_prefix("chat", uuid7(), uuid7()) + "full.png"
    source = tmp_path / "source"
    source.write_bytes(b"x" * 1000)
    gate = threading.Barrier(8)

    def write(_number: int) -> bool:
        gate.wait()
        try:
            store.put_new(key, source, content_type="image/png", cache_control="")
        except AlreadyStored:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(8))) == 1


class _Body(io.RawIOBase):
    """A body that does something when it is read, and may break off."""

    def __init__(self, size: int, during: Any, *, breaks: bool = False) -> None:
        self._left = size
        self._during = during
        self._breaks = breaks

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._during()
        if self._breaks and self._left < MEGABYTE:
            raise ConnectionResetError
        size = min(len(buffer), self._left)
        buffer[:size] = b"x" * size
        self._left -= size
        return size


def test_a_body_that_arrives_after_the_address_has_expired_is_not_stored(tmp_path: Path) -> None:
    now = [time.time()]
    store = LocalStore(tmp_path / "media", SECRET, clock=lambda: now[0])
    key = incoming_key(uuid7())
    signed = store.presign_put(key, content_type="image/png", size=10, seconds=900)

    def pass_time() -> None:
        now[0] += 1000

    with pytest.raises(Forbidden):
        store.receive(request_of(key, signed, 10), _Body(10, pass_time))
    assert everything_in(tmp_path) == []


def test_a_tombstone_that_comes_while_a_body_arrives_wins(store: LocalStore) -> None:
    key = incoming_key(uuid7())
    signed = store.presign_put(key, content_type="image/png", size=10, seconds=900)
    with pytest.raises(Conflict):
        store.receive(request_of(key, signed, 10), _Body(10, lambda: store.put_tombstone(key)))
    found = store.head(key)
    assert found is not None
    assert found.size == 0


@pytest.mark.parametrize("breaks", [True, False])
def test_a_body_that_ends_early_or_breaks_off_leaves_nothing(store: LocalStore, tmp_path: Path, breaks: bool) -> None:
    key = incoming_key(uuid7())
    signed = store.presign_put(key, content_type="image/png", size=3 * MEGABYTE, seconds=900)
    body: IO[bytes] = io.BufferedReader(_Body(2 * MEGABYTE, lambda: None, breaks=breaks))
    with pytest.raises(Malformed):
        store.receive(request_of(key, signed, 3 * MEGABYTE), body)
    assert everything_in(tmp_path) == []


def test_what_a_killed_process_was_writing_goes_after_a_day(store: LocalStore, tmp_path: Path) -> None:
    partial = tmp_path / "media" / ".partial"
    partial.mkdir(parents=True)
    for name, age in (("old", 25 * 3600), ("young", 3600)):
        (partial / name).write_bytes(b"x")
        os.utime(partial / name, (time.time() - age,) * 2)
    store.put_tombstone(incoming_key(uuid7()))
    assert [path.name for path in partial.iterdir()] == ["young"]


def test_a_colder_class_is_remembered_and_moves_along(store: LocalStore, tmp_path: Path) -> None:
    key = final_prefix("chat", uuid7(), uuid7()) + "full.png"
    source = tmp_path / "source"
    source.write_bytes(b"some bytes")
    store.put_new(key, source, content_type="image/png", cache_control="")
    store.set_storage_class(key, "STANDARD_IA")
    store.move(key, f"evidence/{key}")
    found = store.head(f"evidence/{key}")
    assert found is not None
    assert (found.storage_class, found.size, found.content_type) == ("STANDARD_IA", 10, "image/png")
    assert b"".join(store.read(f"evidence/{key}", 0, 99)) == b"some bytes"


def test_readiness_makes_no_folder_and_notices_one_that_cannot_be_made(tmp_path: Path) -> None:
    LocalStore(tmp_path / "a" / "b", SECRET).check()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("x")
    with pytest.raises(Unavailable):
        LocalStore(tmp_path / "file" / "media", SECRET).check()


def test_a_damaged_file_does_not_hide_the_others(store: LocalStore, tmp_path: Path) -> None:
    source, prefix = tmp_path / "source", final_prefix("chat", uuid7(), uuid7())
    source.write_bytes(b"x" * 1000)
    for name in ("1280.webp", "320.webp", "720.webp"):
        store.put_new(prefix + name, source, content_type="image/webp", cache_control="")
    (tmp_path / "media" / prefix / "320.webp").write_bytes(b"\xff" * 40)
    found = [(one.key.removeprefix(prefix), one.size, one.content_type) for one in store.list(prefix)]
    assert found == [("1280.webp", 1000, "image/webp"), ("320.webp", 0, ""), ("720.webp", 1000, "image/webp")]
