"""Fetches what a client put and has it decoded: the part of processing that touches hostile bytes (MEDIA-3)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import structlog

from media_svc.domain.keys import incoming_key
from media_svc.domain.limits import MAX_FRAMES_PER_SECOND, MAX_PIXELS, MAX_SIDE
from media_svc.domain.processing import MOST_STARTS
from media_svc.domain.uploads import UploadState, canonical_type, rule_of
from media_svc.ports import Decoded, DecodeLimits, MediaDecoder, NoObject, ObjectStore, Rejected

log = structlog.get_logger("processing")


NOTHING = Decoded(width=0, height=0, duration_ms=None, blurhash="", files=(), frames=(), pdq=())
"""What came of a file that can't be decoded."""


@dataclass(frozen=True)
class Fetched:
    """The bytes that arrived, untouched, in a file."""

    original: Path
    sha256: str


@dataclass(frozen=True)
class Made:
    """What came of the bytes of an upload. `original`: the untouched file, in the same folder."""

    original: Path
    sha256_original: str
    decoded: Decoded

    @property
    def sha256_full(self) -> str:
        (full,) = (file for file in self.decoded.files if file.role == "full")
        return full.sha256


class Making:
    """From the object at the incoming key to files that may be judged and stored."""

    def __init__(self, store: ObjectStore, decoder: MediaDecoder) -> None:
        self._store = store
        self._decoder = decoder

    def fetch(self, upload: UploadState, folder: Path) -> Fetched:
        """Fetch an upload into `folder`. Raises Rejected, Unavailable, OSError."""
        original = folder / "original"
        self._fetch(upload, original)
        with original.open("rb") as file:
            return Fetched(original, hashlib.file_digest(file, "sha256").hexdigest())

    def decode(self, upload: UploadState, fetched: Fetched, bad_starts: int) -> Made:
        """Decode what was fetched, beside it. Raises Rejected, OSError."""
        if bad_starts >= MOST_STARTS:
            log.error("processing_given_up", upload_id=str(upload.id), starts=bad_starts)
            raise Rejected("undecodable")
        if upload.sha256_announced not in (None, fetched.sha256):
            raise Rejected("undecodable")
        rule = rule_of(upload.purpose, upload.kind)
        limits = DecodeLimits(rule.max_bytes, rule.max_duration_ms, MAX_PIXELS, MAX_SIDE, MAX_FRAMES_PER_SECOND)
        target = fetched.original.parent / "made"
        target.mkdir()
        decoded = self._decoder.decode(
            fetched.original, kind=upload.kind, content_type=upload.content_type, limits=limits, target=target
        )
        return Made(fetched.original, fetched.sha256, decoded)

    def _fetch(self, upload: UploadState, target: Path) -> None:
        key = incoming_key(upload.id)
        found = self._store.head(key)
        if found is not None and canonical_type(found.content_type) != upload.content_type:
            raise Rejected("type-mismatch")
        if found is not None and found.size < upload.size:
            raise Rejected("undecodable")
        try:
            self._store.fetch(key, target, at_most=upload.size)
        except ValueError:
            raise Rejected("too-large") from None
        except NoObject:
            log.error("incoming_missing", upload_id=str(upload.id))
            raise Rejected("undecodable") from None
