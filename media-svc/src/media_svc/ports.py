"""What media-svc needs from what it does not own: object store, decoder, classifier, hash list, signer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Literal, Protocol

from media_svc.domain.media import ErrorCode, MadeFile

StorageClass = Literal["STANDARD", "STANDARD_IA"]


@dataclass(frozen=True)
class PresignedPut:
    """Where and how a client puts its bytes; `headers` is all it has to set itself."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class StoredObject:
    """An object as the store knows it; `size` in bytes."""

    key: str
    size: int
    content_type: str
    modified_at: datetime
    storage_class: StorageClass = "STANDARD"


@dataclass(frozen=True)
class PutRequest:
    """A client's PUT to a presigned address, as it came."""

    key: str
    query: Mapping[str, Sequence[str]]
    content_type: str | None
    content_length: int | None
    if_none_match: str | None


class AlreadyStored(Exception):
    """There is an object at this key, and it stays."""


class NoObject(Exception):
    """There is no object at this key."""


class NoColderClass(Exception):
    """This store has one storage class only."""


class ObjectStore(Protocol):
    """S3 or a local folder that enforces the same. Every call raises Unavailable when the store is away."""

    def presign_put(self, key: str, *, content_type: str, size: int, seconds: int) -> PresignedPut:
        """A URL for one PUT of exactly this type and length, while nothing lies at `key`."""
        ...

    def head(self, key: str) -> StoredObject | None:
        """What lies at `key`."""
        ...

    def fetch(self, key: str, target: Path, *, at_most: int) -> None:
        """Copy an object into a file. Raises NoObject, or ValueError when it has more than `at_most` bytes."""
        ...

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """Pieces of the bytes from `start`. Raises NoObject before the first piece."""
        ...

    def put_new(self, key: str, source: Path, *, content_type: str, cache_control: str) -> None:
        """Write an object where none is. Raises AlreadyStored."""
        ...

    def put_tombstone(self, key: str) -> None:
        """Overwrite `key` with an empty object."""
        ...

    def move(self, source: str, target: str) -> None:
        """Rename, whatever was at `target`; nothing at `source` but something at `target`: done already.

        Raises NoObject where neither is there.
        """
        ...

    def remove(self, keys: Sequence[str]) -> None:
        """Delete; what is not there is no fault."""
        ...

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Everything under a prefix, in the order of keys."""
        ...

    def set_storage_class(self, key: str, storage_class: StorageClass) -> None:
        """Raises NoObject, NoColderClass."""
        ...

    def set_up(self) -> Sequence[str]:
        """Make what `check` asks for; what was done, a line each."""
        ...

    def check(self) -> None:
        """Raises Unavailable with what is wrong: away, bucket missing, CORS or public access block missing."""
        ...


class PutReceiver(Protocol):
    """A store whose presigned addresses lead to media-svc itself."""

    def receive(self, put: PutRequest, body: IO[bytes]) -> None:
        """Take a presigned PUT. Raises NotFound, Forbidden, Malformed, or Conflict with status 412."""
        ...


@dataclass(frozen=True)
class DecodeLimits:
    """What a file may be at most: bytes, pixels of a picture, and of a video pixels a side, frames/s, milliseconds."""

    max_bytes: int
    max_duration_ms: int | None
    max_pixels: int
    max_side: int
    max_frames_per_second: int


@dataclass(frozen=True)
class Decoded:
    """What the sandbox made of a file. `frames`: JPEG files that show what will be seen, for the policy check (a
    picture: one; a video: sampled); `pdq`: the PDQ hash of each, 64 hex digits."""

    width: int
    height: int
    duration_ms: int | None
    blurhash: str
    files: Sequence[MadeFile]
    frames: Sequence[Path]
    pdq: Sequence[str]
    peak_memory_bytes: int = 0


class Rejected(Exception):
    """The file can't be accepted; `code` is what its owner is told."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code)
        self.code: ErrorCode = code


class MediaDecoder(Protocol):
    """Decodes and re-encodes in a child process without network, under limits of memory, time and files (MEDIA-3)."""

    def decode(self, source: Path, *, kind: str, content_type: str, limits: DecodeLimits, target: Path) -> Decoded:
        """Make everything that is shown of `source` in the folder `target`. Raises Rejected."""
        ...


Sight = Literal["nudity", "minors", "acts", "gore", "symbols"]


@dataclass(frozen=True)
class Label:
    """Something that a classifier saw, with its confidence from 0 to 1."""

    name: str
    score: float


@dataclass(frozen=True)
class Verdict:
    """What a classifier says of one picture (MEDIA-4)."""

    flag: Literal["safe", "soft", "erotic", "blocked"]
    minor: bool = False
    labels: Sequence[Label] = field(default_factory=tuple)


class CheckUnavailable(Exception):
    """The classifier did not give a usable answer: to be retried, never let through."""


class Classifier(Protocol):
    """A provider of the policy check."""

    name: str
    policy_version: str
    """Changes with the provider, its model and its rules: verdicts are kept by it."""
    sees: frozenset[Sight]

    def judge(self, picture: Path, content_type: str) -> Verdict:
        """Raises CheckUnavailable."""
        ...


class HashList(Protocol):
    """Known-bad hashes (MEDIA_HASHLIST)."""

    def matches(self, sha256s: Sequence[str], pdq: Sequence[str]) -> bool:
        """Whether any of these is on the list, a PDQ hash within its distance. Raises CheckUnavailable."""
        ...


class UrlSigner(Protocol):
    """Signs URLs as CloudFront does; locally the edge of media-svc verifies them."""

    def sign(self, key: str, expires_at: int) -> str:
        """The URL under which `key` can be seen until `expires_at` (Unix seconds)."""
        ...


class UrlVerifier(Protocol):
    """The local edge's judgement of a signed URL, which is CloudFront's."""

    def verify(self, key: str, query: Mapping[str, Sequence[str]], address: str | None) -> None:
        """Raises Forbidden unless this query is a good signature for `key` now and for this client address."""
        ...


class Edge(Protocol):
    """The cache in front of the store."""

    def forget(self, keys: Sequence[str]) -> None:
        """Make a cache drop these keys (a CloudFront invalidation). Raises Unavailable."""
        ...


@dataclass(frozen=True)
class Ports:
    """Everything that is not ours, put together by `adapters.connect` from the settings."""

    store: ObjectStore
    decoder: MediaDecoder
    classifier: Classifier
    hash_list: HashList
    signer: UrlSigner
    verifier: UrlVerifier
    edge: Edge
    receiver: PutReceiver | None
    """None where clients put to the object store itself."""
    close: Callable[[], None] = lambda: None
    """Ends the processes that decoder and classifier have started."""
