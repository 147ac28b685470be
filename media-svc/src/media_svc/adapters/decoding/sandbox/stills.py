"""What every picture gets, also the poster of a video: renditions, preview, blurhash, and its views for the check."""

from __future__ import annotations

import math

import blurhash
import numpy as np
import pdqhash
import pyvips
from numpy.typing import NDArray

from .made import Made, Piece

MOST_OF_WEBP = 16_383
"""Pixels a side."""
RENDITIONS = (1280, 720, 320)
_PREVIEW, _BLUR = 64, 4.0
_VIEW, _PDQ_SIDE = 1280, 512
_LONG, _MOST_TILES = 2.5, 32


def webp(picture: pyvips.Image, quality: int = 80) -> bytes:
    """Encoded with little effort: half the time for a tenth more bytes."""
    return bytes(picture.webpsave_buffer(Q=quality, effort=1, keep=0))


def within(picture: pyvips.Image, width: int, height: int) -> pyvips.Image:
    """Shrunk into a box, never enlarged, in memory."""
    return picture.thumbnail_image(width, height=height, size="down").copy_memory()


def flat(picture: pyvips.Image, background: int = 255) -> pyvips.Image:
    """Without transparency."""
    return picture.flatten(background=[background] * 3).cast("uchar") if picture.hasalpha() else picture


def array(picture: pyvips.Image) -> NDArray[np.uint8]:
    """Rows of RGB pixels."""
    pixels = np.frombuffer(picture.write_to_memory(), np.uint8)
    return pixels.reshape(picture.height, picture.width, picture.bands)


def add_stills(made: Made, picture: pyvips.Image) -> None:
    """Add renditions of `picture` (sRGB, 8 bit, in memory), each made from the one before, and its preview."""
    for width in [width for width in RENDITIONS if width < picture.width] or [RENDITIONS[-1]]:
        picture = within(picture, width, MOST_OF_WEBP)
        made.pieces.append(Piece(f"{width}.webp", picture.width, picture.height, webp(picture)))
    small = flat(within(picture, _PREVIEW, _PREVIEW))
    blurred = small.gaussblur(_BLUR, min_ampl=0.1).cast("uchar")
    made.pieces.append(Piece("preview.webp", blurred.width, blurred.height, webp(blurred, 60)))
    made.blurhash = blurhash.encode(array(within(small, 32, 32)), components_x=4, components_y=3)


def add_views(made: Made, picture: pyvips.Image, *, tiles: bool = True) -> None:
    """Add what the policy check is to look at, with its PDQ hashes.

    Transparent pictures are seen over white and over black, and of long strips every stretch besides the whole:
    shrunk as a whole, nothing in them could be recognised.
    """
    for part in [picture, *(_tiles(picture) if tiles else [])]:
        view = within(part, _VIEW, _VIEW)
        for background in (255, 0) if view.hasalpha() else (255,):
            shown = flat(view, background)
            made.frames.append(bytes(shown.jpegsave_buffer(Q=90, keep=0)))
            made.pdq.append(pdq(shown))


def pdq(picture: pyvips.Image) -> str:
    """The PDQ hash in 64 hex digits."""
    bits, _quality = pdqhash.compute(array(within(picture, _PDQ_SIDE, _PDQ_SIDE)))
    return np.packbits(np.asarray(bits, np.uint8)).tobytes().hex()


def _tiles(picture: pyvips.Image) -> list[pyvips.Image]:
    """Overlapping stretches of a picture that is far longer than wide, together all of it."""
    width, height = picture.width, picture.height
    short, long = min(width, height), max(width, height)
    if long <= _LONG * short:
        return []
    count = min(math.ceil(long / short), _MOST_TILES)
    length = min(max(short, math.ceil(long / count)) * 5 // 4 + 1, long)
    starts = [(long - length) * number // max(count - 1, 1) for number in range(count)]
    if width == long:
        return [picture.crop(start, 0, length, height) for start in starts]
    return [picture.crop(0, start, width, length) for start in starts]
