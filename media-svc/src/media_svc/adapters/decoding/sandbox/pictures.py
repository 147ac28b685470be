"""Pictures: read with the one loader of their type, turned upright, in sRGB with 8 bits, encoded anew."""

from __future__ import annotations

from typing import Any

import pyvips

from .made import Made, Piece, Refused
from .sniffing import png_frames
from .stills import MOST_OF_WEBP, add_stills, add_views

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
_MOST_OF_JPEG = 65_500
_MOST_OF_PNG = 16_000_000
"""Pixels of a picture that is kept lossless: a larger one could become a hundred times what was uploaded."""
_LOADERS = {JPEG: "jpegload_buffer", PNG: "pngload_buffer", WEBP: "webpload_buffer"}
_CLASSES = ("VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp")


def prepare() -> None:
    """Leave libvips the three loaders that are used, no cache and one thread (two files are worked on at a time)."""
    pyvips.block_untrusted_set(True)
    pyvips.operation_block_set("VipsForeignLoad", True)
    for name in _CLASSES:
        pyvips.operation_block_set(name, False)
    pyvips.cache_set_max(0)


def decode_picture(data: bytes, content_type: str, limits: dict[str, int | None]) -> Made:
    """Raises Refused for too many pixels or frames, pyvips.Error for what can't be read."""
    header = _load(data, content_type)
    if header.width * header.height > (limits["max_pixels"] or 0):
        raise Refused("too-many-pixels")
    # An animation would come out as something else than what its owner saw: refused, as GIF is.
    frames = png_frames(data) if content_type == PNG else _number(header, "n-pages", 1)
    if frames > 1:
        raise Refused("too-many-pixels")
    picture = _upright(_in_srgb(header))
    if picture.hasalpha() and picture[3].min() == 255:
        picture = picture[:3].copy_memory()
    made = Made(picture.width, picture.height, None, "")
    made.pieces.append(_full(picture))
    add_stills(made, picture)
    add_views(made, picture)
    return made


def _load(data: bytes, content_type: str) -> pyvips.Image:
    return pyvips.Operation.call(_LOADERS[content_type], data, access="sequential", fail_on="error")


def _number(picture: pyvips.Image, name: str, otherwise: int) -> int:
    value: Any = picture.get(name) if picture.get_typeof(name) else otherwise
    return value if isinstance(value, int) else otherwise


def _in_srgb(picture: pyvips.Image) -> pyvips.Image:
    """8-bit sRGB with three bands, or four with alpha."""
    profile = picture.get("icc-profile-data") if picture.get_typeof("icc-profile-data") else b""
    if profile and not _is_srgb(bytes(profile)):
        picture = _transformed(picture, embedded=True)
    elif picture.interpretation == "cmyk":
        picture = _transformed(picture, embedded=False)
    if picture.interpretation != "srgb" or picture.format != "uchar":
        picture = picture.colourspace("srgb").cast("uchar")
    return picture


def _is_srgb(profile: bytes) -> bool:
    return b"sRGB" in profile or b"s\0R\0G\0B" in profile


def _transformed(picture: pyvips.Image, *, embedded: bool) -> pyvips.Image:
    """By its colour profile; a profile that fits nothing is left aside."""
    wanted: dict[str, Any] = {"depth": 8, "embedded": embedded}
    if picture.interpretation == "cmyk":
        wanted["input_profile"] = "cmyk"
    try:
        return picture.icc_transform("srgb", **wanted)
    except pyvips.Error:
        return picture


def _upright(picture: pyvips.Image) -> pyvips.Image:
    """In memory, turned by its EXIF orientation."""
    turn = _number(picture, "orientation", 1)
    picture = picture.copy_memory()
    return picture.autorot().copy_memory() if 2 <= turn <= 8 else picture


def _full(picture: pyvips.Image) -> Piece:
    width, height, longest = picture.width, picture.height, max(picture.width, picture.height)
    if not picture.hasalpha() and longest <= _MOST_OF_JPEG:
        return Piece("full.jpg", width, height, bytes(picture.jpegsave_buffer(Q=88, keep=0)))
    if picture.hasalpha() and longest <= MOST_OF_WEBP:
        try:
            # With less effort than 2, large pictures overflow the format's first partition.
            return Piece("full.webp", width, height, bytes(picture.webpsave_buffer(Q=90, effort=2, keep=0)))
        except pyvips.Error:
            pass  # some of the largest do all the same
    if longest <= _MOST_OF_JPEG and width * height > _MOST_OF_PNG:
        return _full(picture.flatten(background=255))
    return Piece("full.png", width, height, bytes(picture.pngsave_buffer(compression=6, keep=0)))
