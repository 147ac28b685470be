"""What a child made of a file, and how it is written for the parent: one file, since a child can open none."""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

MAGIC = b"duet-decoded-1\n"
NAMES = {
    "full.jpg": ("full", "image/jpeg"),
    "full.png": ("full", "image/png"),
    "full.webp": ("full", "image/webp"),
    "full.mp4": ("full", "video/mp4"),
    "1280.webp": ("rendition", "image/webp"),
    "720.webp": ("rendition", "image/webp"),
    "320.webp": ("rendition", "image/webp"),
    "preview.webp": ("preview", "image/webp"),
    "poster.webp": ("poster", "image/webp"),
}
"""What can be made, with role and content type. Parents take nothing else from a child."""


class Refused(Exception):
    """The file breaks a rule; `code` is one of the error codes of uploads."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Piece:
    """One encoded picture or video; `name` is one of NAMES."""

    name: str
    width: int
    height: int
    data: bytes


@dataclass
class Made:
    """Everything of one file. `duration_ms` None: a picture. `frames`: JPEG files for the policy check."""

    width: int
    height: int
    duration_ms: int | None
    blurhash: str
    pieces: list[Piece] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    pdq: list[str] = field(default_factory=list)


def write(target: int, told: dict[str, Any], payloads: list[bytes]) -> None:
    """Into an open file: the magic, the length of a JSON head, the head, and the payloads one after the other."""
    head = json.dumps(told).encode()
    for part in (MAGIC + struct.pack(">I", len(head)) + head, *payloads):
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(target, rest) :]


def write_made(target: int, made: Made) -> None:
    """What parents take for a success."""
    pieces = [
        {"name": one.name, "width": one.width, "height": one.height, "size": len(one.data)} for one in made.pieces
    ]
    told = {
        "width": made.width,
        "height": made.height,
        "duration_ms": made.duration_ms,
        "blurhash": made.blurhash,
        "pieces": pieces,
        "frames": [len(frame) for frame in made.frames],
        "pdq": made.pdq,
    }
    write(target, {"made": told}, [*(one.data for one in made.pieces), *made.frames])


def write_refused(target: int, code: str) -> None:
    """What parents take for a refusal."""
    write(target, {"refused": code}, [])


def write_failed(target: int, error: BaseException) -> None:
    """What parents take for a crash: the kind of error and where, for the log."""
    trace, line = error.__traceback__, 0
    place = ""
    while trace is not None:
        place, line = trace.tb_frame.f_code.co_filename.rsplit("/", 1)[-1], trace.tb_lineno
        trace = trace.tb_next
    write(target, {"failed": f"{type(error).__name__} {place}:{line}"[:120]}, [])
