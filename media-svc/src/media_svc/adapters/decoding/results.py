"""Reads what a child wrote. A child has seen hostile bytes: nothing it says is taken without a look."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast, get_args

from media_svc.adapters.decoding.sandbox.made import MAGIC, NAMES
from media_svc.adapters.decoding.sandbox.sniffing import sniff
from media_svc.domain.limits import GRACE_MS
from media_svc.domain.media import ErrorCode, MadeFile
from media_svc.ports import Decoded, DecodeLimits

_LONGEST_HEAD = 65_536
_MOST_FRAMES = 80
_BLURHASH = re.compile(r"[0-9A-Za-z#$%*+,\-.:;=?@\[\]^_{|}~]{28}", re.ASCII)
_PDQ = re.compile(r"[0-9a-f]{64}", re.ASCII)
_FAILURE = re.compile(r"[A-Za-z_]{1,60} [A-Za-z_.<> ]{0,50}:\d{1,6}", re.ASCII)
_CHUNK = 1_048_576


class Garbage(Exception):
    """A child wrote something that no sound child writes, or stopped amid it."""


@dataclass(frozen=True)
class Refusal:
    """A sound child's no."""

    code: ErrorCode


def read(result: Path, target: Path, *, kind: str, limits: DecodeLimits, peak_bytes: int) -> Decoded | Refusal:
    """Take the files out of a child's result into `target`. Raises Garbage."""
    size = result.stat().st_size
    with result.open("rb") as stream:
        told, start = _head(stream)
        if set(told) == {"refused"} and told["refused"] in get_args(ErrorCode):
            return Refusal(cast(ErrorCode, told["refused"]))
        if set(told) == {"failed"}:
            raise Garbage(told["failed"] if _FAILURE.fullmatch(str(told["failed"])) else "failed")
        made = told.get("made")
        if set(told) != {"made"} or not isinstance(made, dict):
            raise Garbage("head")
        pieces, frames = _listed(made)
        if start + sum(piece["size"] for piece in pieces) + sum(frames) != size:
            raise Garbage("sizes")
        files = [_take(stream, target, piece, limits) for piece in pieces]
        paths = []
        for number, length in enumerate(frames):
            path = target / f"frame-{number:02}.jpg"
            _copy(stream, path, length, "image/jpeg")
            paths.append(path)
    return _checked(made, kind, limits, files, paths, peak_bytes)


def _head(stream: IO[bytes]) -> tuple[dict[str, Any], int]:
    start = stream.read(len(MAGIC) + 4)
    if len(start) != len(MAGIC) + 4 or not start.startswith(MAGIC):
        raise Garbage("nothing")
    length = struct.unpack(">I", start[len(MAGIC) :])[0]
    if length > _LONGEST_HEAD:
        raise Garbage("head")
    try:
        told = json.loads(stream.read(length))
    except (ValueError, RecursionError) as error:
        raise Garbage("head") from error
    if not isinstance(told, dict):
        raise Garbage("head")
    return told, len(start) + length


def _listed(made: dict[str, Any]) -> tuple[list[dict[str, Any]], list[int]]:
    pieces, frames = made.get("pieces"), made.get("frames")
    if not isinstance(pieces, list) or not isinstance(frames, list) or not 1 <= len(frames) <= _MOST_FRAMES:
        raise Garbage("lists")
    if not all(isinstance(one, dict) and set(one) == {"name", "width", "height", "size"} for one in pieces):
        raise Garbage("pieces")
    names = [one["name"] for one in pieces]
    if not all(isinstance(name, str) and name in NAMES for name in names) or len(set(names)) != len(names):
        raise Garbage("names")
    numbers = [*frames, *(one[what] for one in pieces for what in ("width", "height", "size"))]
    if not all(_is_number(number) and number > 0 for number in numbers):
        raise Garbage("numbers")
    return pieces, frames


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _take(stream: IO[bytes], target: Path, piece: dict[str, Any], limits: DecodeLimits) -> MadeFile:
    role, content_type = NAMES[piece["name"]]
    if piece["width"] * piece["height"] > limits.max_pixels:
        raise Garbage("pixels")
    path = target / piece["name"]
    sha256 = _copy(stream, path, piece["size"], content_type)
    return MadeFile(
        cast(Any, role), piece["name"], str(path), content_type, piece["size"], sha256, piece["width"], piece["height"]
    )


def _copy(stream: IO[bytes], path: Path, length: int, content_type: str) -> str:
    """Copy a payload into a file of its own; its SHA-256."""
    digest, first = hashlib.sha256(), True
    with path.open("xb") as file:
        while length:
            chunk = stream.read(min(length, _CHUNK))
            if not chunk or (first and sniff(chunk) != content_type):
                raise Garbage("payload")
            digest.update(chunk)
            file.write(chunk)
            length, first = length - len(chunk), False
    return digest.hexdigest()


def _checked(
    made: dict[str, Any], kind: str, limits: DecodeLimits, files: list[MadeFile], frames: list[Path], peak_bytes: int
) -> Decoded:
    roles = [file.role for file in files]
    full = next((file for file in files if file.role == "full"), None)
    singles = {"full": 1, "preview": 1, "poster": 1 if kind == "video" else 0}
    if any(roles.count(cast(Any, role)) != count for role, count in singles.items()) or "rendition" not in roles:
        raise Garbage("roles")
    if full is None or (full.content_type == "video/mp4") != (kind == "video"):
        raise Garbage("kind")
    if (made.get("width"), made.get("height")) != (full.width, full.height):
        raise Garbage("sides")
    duration, longest = made.get("duration_ms"), (limits.max_duration_ms or 0) + GRACE_MS
    if kind == "video" and not (_is_number(duration) and 0 < cast(int, duration) <= longest):
        raise Garbage("duration")
    if kind != "video" and duration is not None:
        raise Garbage("duration")
    hashes, blurhash = made.get("pdq"), made.get("blurhash")
    if not isinstance(blurhash, str) or not _BLURHASH.fullmatch(blurhash):
        raise Garbage("blurhash")
    if not isinstance(hashes, list) or len(hashes) != len(frames):
        raise Garbage("pdq")
    if not all(isinstance(one, str) and _PDQ.fullmatch(one) for one in hashes):
        raise Garbage("pdq")
    return Decoded(full.width, full.height, duration, blurhash, files, frames, hashes, peak_bytes)
