"""How processed media is described and named, and how long its jobs wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from media_svc.domain.keys import evidence_key, final_prefix
from media_svc.domain.media import MadeFile
from media_svc.domain.uploads import UploadState

LEASE_S = 15.0
"""For so long nobody else takes a job up when its worker has died."""
MOST_STARTS = 20
"""A job that was begun so often and never came to an orderly end is given up: its file brings workers down."""
_WAITS_S = (5.0, 15.0, 60.0, 300.0)
_LONGEST_URGENT_S = 15.0
EXTENSIONS: Mapping[str, str] = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "video/mp4": "mp4", "video/webm": "webm",
    "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/wav": "wav", "audio/webm": "weba",
}  # fmt: skip


@dataclass(frozen=True)
class PlannedObject:
    """An object to be stored from the local file `path`: its row is written first."""

    key: str
    role: str
    path: str
    content_type: str
    size: int
    sha256: str


def wait_seconds(waits: int, *, urgent: bool = False) -> float:
    """How long a job waits after it was put off `waits` times before: 5 s, 15 s, 60 s, then every 5 minutes; an urgent
    one 15 s at most, so that a takedown is done within a minute of the store's return (MEDIA-7)."""
    waits = min(waits, len(_WAITS_S) - 1)
    return min(_WAITS_S[waits], _LONGEST_URGENT_S) if urgent else _WAITS_S[waits]


def plan(
    upload: UploadState, files: Sequence[MadeFile], stored: Mapping[str, str], attempt: int, *, as_evidence: bool
) -> list[PlannedObject]:
    """Where the files of an upload will lie. `stored`: key → SHA-256 of the rows that earlier attempts left.

    A key is bound to its bytes by its row. An encoder that gives other bytes when it is run again therefore gets keys
    of its own, named after the attempt: whoever still writes the old ones can't touch what will be shown.
    """
    prefix = final_prefix(upload.purpose, upload.scope, upload.id)

    def key_of(name: str) -> str:
        return evidence_key(prefix + name) if as_evidence else prefix + name

    def planned(file: MadeFile, name: str) -> PlannedObject:
        return PlannedObject(key_of(name), file.role, file.path, file.content_type, file.size, file.sha256)

    def is_free(file: MadeFile) -> bool:
        return stored.get(key_of(file.name), file.sha256) == file.sha256

    return [planned(file, file.name if is_free(file) else _renamed(file.name, attempt)) for file in files]


def _renamed(name: str, attempt: int) -> str:
    stem, _, extension = name.partition(".")
    return f"{stem}r{attempt}.{extension}"


def original_name(content_type: str) -> str:
    """What the untouched original is called where it is kept as evidence."""
    return f"original.{EXTENSIONS[content_type]}"


def describe(
    files: Sequence[MadeFile], objects: Sequence[PlannedObject], *, flag: str, blurhash: str, duration_ms: int | None
) -> dict[str, Any]:
    """The description that is kept with the upload; `objects` are those of `files`, in the same order.

    The renditions are told from the smallest to the largest.
    """
    made = list(zip(files, objects, strict=True))
    ((full, stored),) = ((file, item) for file, item in made if file.role == "full")
    keys = {file.role: item.key for file, item in made}
    return {
        "key": stored.key,
        "content_type": full.content_type,
        "size_bytes": full.size,
        "width": full.width,
        "height": full.height,
        "duration_ms": duration_ms,
        "blurhash": blurhash,
        "waveform": None,
        "nsfw_flag": flag,
        "renditions": [
            {"key": item.key, "width": file.width, "height": file.height, "content_type": file.content_type}
            for file, item in sorted(made, key=lambda one: one[0].width)
            if file.role == "rendition"
        ],
        "poster_key": keys.get("poster"),
        "preview_key": keys["preview"],
        "locked": False,
    }


def keys_of(media: Mapping[str, Any] | None) -> frozenset[str]:
    """The keys of everything that a description shows."""
    if media is None:
        return frozenset()
    single = (media["key"], media["poster_key"], media["preview_key"])
    return frozenset(key for key in (*single, *(one["key"] for one in media["renditions"])) if key is not None)
