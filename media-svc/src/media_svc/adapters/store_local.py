"""The object store in a folder: what S3 refuses is refused here as well, with the same meaning."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import structlog

from chassis.errors import Conflict, Forbidden, Malformed, Unavailable
from media_svc.adapters.local_tree import Tree
from media_svc.domain.keys import is_stored
from media_svc.domain.presigned import CREATE_ONLY, PutTerms, presigned_path, read_terms, signing_key
from media_svc.ports import AlreadyStored, NoObject, PresignedPut, PutRequest, StorageClass, StoredObject

log = structlog.get_logger("store")

HEAD_BYTES = 256
"""Every file begins with what is known of its object, so that both appear, move and vanish as one."""
PIECE = 256 * 1024
_CLASSES: Mapping[StorageClass, bytes] = {"STANDARD": b"S", "STANDARD_IA": b"I"}
"""The first byte; the content type follows."""


class LocalStore:
    """Objects as files `<folder>/<key>`; many processes may use one folder at once.

    Keys are those of `domain.keys` and nothing else. `clock`: seconds since 1970.
    """

    def __init__(self, folder: Path, secret: str, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._tree = Tree(folder)
        self._key = signing_key(secret)
        self._clock = clock

    def presign_put(self, key: str, *, content_type: str, size: int, seconds: int) -> PresignedPut:
        terms = PutTerms(_checked(key), content_type, size, int(self._clock()) + seconds)
        return PresignedPut(
            presigned_path(self._key, terms), {"Content-Type": content_type, "If-None-Match": CREATE_ONLY}
        )

    def receive(self, put: PutRequest, body: IO[bytes]) -> None:
        """Take a presigned PUT. Raises Forbidden (no key, signature, type, length, late), Malformed for a body that
        is cut short, and Conflict with status 412 where something lies at the key."""
        terms = read_terms(self._key, put.key, put.query) if is_stored(put.key) else None
        given = (put.content_type, put.content_length, put.if_none_match)
        if terms is None or given != (terms.content_type, terms.size, CREATE_ONLY):
            raise Forbidden("Address, type, length or If-None-Match are not those signed.", code="signature-invalid")
        self._refuse_late(terms)
        with self._reaching(), self._tree.new_file() as (path, file):
            self._refuse_taken(terms.key)
            _write_head(file, terms.content_type)
            _receive(body, file, terms.size)
            _sync(file)
            # The key may have been used and swept while a slow body came in.
            self._refuse_late(terms)
            try:
                self._tree.create(path, terms.key)
            except FileExistsError:
                raise _taken() from None

    def head(self, key: str) -> StoredObject | None:
        with self._reaching():
            file = self._tree.open(_checked(key))
            if file is None:
                return None
            with file:
                return _described(key, file)

    def fetch(self, key: str, target: Path, *, at_most: int) -> None:
        with self._reaching(), self._opened(key) as file:
            size = os.fstat(file.fileno()).st_size - HEAD_BYTES
            if size > at_most:
                raise ValueError(f"more than {at_most} bytes")
            file.seek(HEAD_BYTES)
            with target.open("wb") as out:
                _copy(file, out, size)

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        with self._reaching():
            file = self._opened(key)
            file.seek(HEAD_BYTES + start)
        return _Pieces(file, length)

    def put_new(self, key: str, source: Path, *, content_type: str, cache_control: str) -> None:
        # cache_control: the local edge says it of every object.
        with self._reaching(), self._tree.new_file() as (path, file):
            _write_head(file, content_type)
            with source.open("rb") as body:
                _copy(body, file, source.stat().st_size)
            _sync(file)
            try:
                self._tree.create(path, _checked(key))
            except FileExistsError:
                raise AlreadyStored(key) from None

    def put_tombstone(self, key: str) -> None:
        with self._reaching(), self._tree.new_file() as (path, file):
            _write_head(file, "application/octet-stream")
            _sync(file)
            self._tree.replace(path, _checked(key))

    def move(self, source: str, target: str) -> None:
        with self._reaching():
            try:
                self._tree.rename(_checked(source), _checked(target))
            except FileNotFoundError:
                if self.head(target) is None:
                    raise NoObject(source) from None

    def remove(self, keys: Sequence[str]) -> None:
        with self._reaching():
            for key in keys:
                self._tree.unlink(_checked(key))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        with self._reaching():
            for key in self._tree.keys(prefix):
                found = self.head(key) if is_stored(key) else None
                if found is not None:
                    yield found

    def set_storage_class(self, key: str, storage_class: StorageClass) -> None:
        with self._reaching():
            file = self._tree.open(_checked(key), writing=True)
            if file is None:
                raise NoObject(key)
            with file:
                # In place: another file at this key could bring back what a tombstone has just overwritten. One byte:
                # nobody reads half of it.
                os.pwrite(file.fileno(), _CLASSES[storage_class], 0)
                os.fsync(file.fileno())

    def set_up(self) -> Sequence[str]:
        self.check()
        return ["a folder needs no bucket"]

    def check(self) -> None:
        with self._reaching():
            self._tree.probe()

    def _opened(self, key: str) -> IO[bytes]:
        file = self._tree.open(_checked(key))
        if file is None:
            raise NoObject(key)
        return file

    def _refuse_late(self, terms: PutTerms) -> None:
        if self._clock() >= terms.expires_at:
            raise Forbidden("This address has expired.", code="signature-expired")

    def _refuse_taken(self, key: str) -> None:
        file = self._tree.open(key)
        if file is not None:
            file.close()
            raise _taken()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """What goes wrong with the folder itself means that the store is away."""
        try:
            yield
        except OSError as error:
            log.warning("store_away", error=type(error).__name__, errno=error.errno)
            raise Unavailable("The media store is not available at the moment.") from error


class _Pieces:
    """The rest of a file in pieces; closed at its end, or by who stops earlier."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file = file
        self._left = length

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._file.read(min(PIECE, self._left)) if self._left > 0 else b""
        if not piece:
            self.close()
            raise StopIteration
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._left = 0
        self._file.close()


def _checked(key: str) -> str:
    """Raises ValueError for anything but a key of ours: it would be a path."""
    if not is_stored(key):
        raise ValueError("no key of ours")
    return key


def _taken() -> Conflict:
    error = Conflict("There is an object at this address already.", code="already-stored")
    error.status = 412
    return error


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> None:
    """Copy up to `size` bytes."""
    left = size
    while left > 0 and (piece := source.read(min(PIECE, left))):
        target.write(piece)
        left -= len(piece)


def _receive(body: IO[bytes], target: IO[bytes], size: int) -> None:
    """Copy exactly `size` bytes of a client's body. Raises Malformed where it ends or breaks off before."""
    left = size
    while left:
        try:
            piece = body.read(min(PIECE, left))
        except OSError as error:
            raise Malformed("The body broke off.") from error
        if not piece:
            raise Malformed("The body is shorter than its Content-Length.")
        target.write(piece)
        left -= len(piece)


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _write_head(file: IO[bytes], content_type: str) -> None:
    head = _CLASSES["STANDARD"] + content_type.encode("ascii")
    if len(head) > HEAD_BYTES:
        raise ValueError("the content type is too long")
    file.write(head.ljust(HEAD_BYTES))


def _described(key: str, file: IO[bytes]) -> StoredObject:
    """A head that is none is told as an empty type: one damaged file must not hide the others from a sweep."""
    state, head = os.fstat(file.fileno()), file.read(HEAD_BYTES)
    modified = datetime.fromtimestamp(state.st_mtime, UTC)
    size = max(0, state.st_size - HEAD_BYTES)
    storage_class = {byte: name for name, byte in _CLASSES.items()}.get(head[:1])
    if storage_class is None or not head.isascii():
        log.error("object_damaged", size=size)
        return StoredObject(key, size, "", modified)
    return StoredObject(key, size, head[1:].decode("ascii").strip(), modified, storage_class)
