"""Decodes one file as processing does, and reads what came of it."""

from dataclasses import replace
from pathlib import Path

import pyvips

from media_svc.adapters.decoding import SandboxedDecoder
from media_svc.domain.limits import MAX_FRAMES_PER_SECOND, MAX_PIXELS, MAX_SIDE, MEGABYTE, VIDEO_LIMIT_MS
from media_svc.domain.media import MadeFile
from media_svc.ports import Decoded, DecodeLimits
from tests.corpus import samples

LIMITS = DecodeLimits(10 * MEGABYTE, VIDEO_LIMIT_MS, MAX_PIXELS, MAX_SIDE, MAX_FRAMES_PER_SECOND)


def decode(
    decoder: SandboxedDecoder, folder: Path, data: bytes, content_type: str, *, max_duration_ms: int = VIDEO_LIMIT_MS
) -> Decoded:
    source, target = folder / "original", folder / "made"
    source.write_bytes(data)
    target.mkdir()
    limits = replace(LIMITS, max_duration_ms=max_duration_ms)
    return decoder.decode(source, kind=content_type[:5], content_type=content_type, limits=limits, target=target)


def full(decoded: Decoded) -> MadeFile:
    return next(file for file in decoded.files if file.role == "full")


def everything(decoded: Decoded) -> bytes:
    paths = [*(Path(file.path) for file in decoded.files), *decoded.frames]
    return b"".join(path.read_bytes() for path in paths)


def corners(picture: pyvips.Image) -> dict[str, str]:
    """Which corner of the sample is seen in each corner."""
    x, y = picture.width // 16, picture.height // 16
    places = {
        "top-left": (x, y),
        "top-right": (picture.width - 1 - x, y),
        "bottom-left": (x, picture.height - 1 - y),
        "bottom-right": (picture.width - 1 - x, picture.height - 1 - y),
    }

    def nearest(colour: list[float]) -> str:
        def distance(name: str) -> float:
            return sum(abs(a - b) for a, b in zip(colour, samples.CORNERS[name], strict=False))

        return min(samples.CORNERS, key=distance)

    return {name: nearest(picture(*place)[:3]) for name, place in places.items()}


UPRIGHT = {name: name for name in samples.CORNERS}
