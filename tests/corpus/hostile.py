"""Hostile and broken files, made from sound ones with a fixed seed: each with the type it is announced as."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyvips

from tests.corpus import hostile_videos, samples


@dataclass(frozen=True)
class Hostile:
    """One file. `kind`: image or video, as announced. `code`: how it has to be refused, None where it may also pass."""

    name: str
    kind: str
    content_type: str
    data: bytes
    code: str | None = None


def corpus(url: str) -> list[Hostile]:
    """At least 200 files; whatever can name an address names one below `url`, where nobody may call."""
    files = [*_damaged(), *_wrong_types(url), *_bombs(), *_odd_jpegs(), *_odd_pngs(), *_odd_webps()]
    for name, content_type, data, code in hostile_videos.videos(url):
        files.append(Hostile(name, "video", content_type, data, code))
    return files


def _sound() -> dict[str, tuple[str, bytes]]:
    return {
        "jpeg": ("image/jpeg", samples.jpeg(160, 120)),
        "png": ("image/png", samples.png(120, 90)),
        "webp": ("image/webp", samples.webp(160, 120)),
        "mp4": ("video/mp4", samples.mp4(0.4, 10, (96, 64))),
        "webm": ("video/webm", samples.webm(0.4, 10, (96, 64))),
    }


def _damaged() -> Iterator[Hostile]:
    """Cut off, flipped bits, overwritten and repeated stretches, of every type."""
    chance = random.Random(20)
    for name, (content_type, data) in _sound().items():
        kind = content_type[:5]
        for percent in (0, 1, 5, 20, 50, 80, 95, 99):
            yield Hostile(f"{name} cut at {percent}%", kind, content_type, data[: len(data) * percent // 100])
        for number in range(14):
            spoiled = bytearray(data)
            for _ in range(1 + 4 * number):
                spoiled[chance.randrange(12 if number % 2 else 0, len(spoiled))] ^= 1 << chance.randrange(8)
            yield Hostile(f"{name} with {1 + 4 * number} flipped bits", kind, content_type, bytes(spoiled))
        for number in range(4):
            start = chance.randrange(16, len(data) // 2)
            hole = chance.choice([b"\0", b"\xff", bytes([chance.randrange(256)])]) * (len(data) // 4)
            spoiled = bytearray(data)
            spoiled[start : start + len(hole)] = hole
            yield Hostile(f"{name} with a hole {number}", kind, content_type, bytes(spoiled))
        yield Hostile(f"{name} of noise after its head", kind, content_type, data[:40] + chance.randbytes(5_000))
        yield Hostile(f"{name} twice", kind, content_type, data + data)


def _wrong_types(url: str) -> Iterator[Hostile]:
    """Something else, or several things at once."""
    sound = _sound()
    html = f'<!doctype html><script src="{url}/x.js"></script><img src="{url}/x.png">'.encode()
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
        f'<image xlink:href="{url}/x.png" width="9" height="9"/><image href="file:///etc/passwd"/></svg>'
    ).encode()
    entity = f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "{url}/x">]><svg>&x;</svg>'.encode()
    others = {
        "html": html,
        "svg": svg,
        "svg with an entity": entity,
        "pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/URI/URI(" + url.encode() + b")>>>>endobj\n",
        "zip": b"PK\x03\x04" + bytes(60) + b"PK\x05\x06" + bytes(18),
        "gif": b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;",
        "heic": struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"heic", 0, b"mif1", b"heic") + bytes(200),
        "avif": struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"avif", 0, b"mif1", b"avif") + bytes(200),
        "tiff": b"II*\0\x08\0\0\0" + bytes(100),
        "bmp": b"BM" + bytes(100),
        "postscript": b"%!PS-Adobe-3.0\n(" + url.encode() + b") run\n",
        "imagemagick script": f"push graphic-context\nfill 'url({url}/x.png)'\npop graphic-context".encode(),
        "hls playlist": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}/x.ts\n#EXT-X-ENDLIST\n".encode(),
        "concat list": f"ffconcat version 1.0\nfile '{url}/x.mp4'\nfile /etc/passwd\n".encode(),
        "dash manifest": f'<MPD><Period><BaseURL>{url}/</BaseURL></Period></MPD>'.encode(),
        "sdp": f"v=0\nc=IN IP4 {url}\nm=video 1 RTP/AVP 96\n".encode(),
        "nothing": b"",
        "one byte": b"\xff",
        "elf": b"\x7fELF" + bytes(200),
    }  # fmt: skip
    for name, data in others.items():
        for content_type in ("image/jpeg", "video/mp4"):
            yield Hostile(f"{name} as {content_type}", content_type[:5], content_type, data, "type-mismatch")
    for name, (_own, data) in sound.items():
        for other, (announced, _data) in sound.items():
            if other != name:
                yield Hostile(f"{name} as {other}", announced[:5], announced, data, "type-mismatch")
    for name, (own, data) in sound.items():
        yield Hostile(f"{name} with a page at its end", own[:5], own, data + html)
        yield Hostile(f"{name} with an archive at its end", own[:5], own, data + others["zip"])
        yield Hostile(f"{name} behind a page", own[:5], own, html + data, "type-mismatch")


def _bombs() -> Iterator[Hostile]:
    """More pixels or frames than anyone may send, in few bytes; the large ones are never to be decoded."""
    too_many = "too-many-pixels"
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(2501)) for _ in range(20_000)) + rows.flush()
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    yield Hostile("png of 20,000 x 20,000", "image", "image/png", _png(header, packed), too_many)
    for width, height in ((2**31 - 1, 2**31 - 1), (2**31 - 1, 1), (1, 2**31 - 1), (0, 0), (0, 100), (60_000, 60_000)):
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        yield Hostile(
            f"png said to be {width} x {height}", "image", "image/png", _png(header, zlib.compress(bytes(99)))
        )
    for bits, colour in ((16, 3), (3, 2), (8, 1), (8, 255)):
        header = struct.pack(">IIBBBBB", 10, 10, bits, colour, 0, 0, 0)
        yield Hostile(
            f"png of {bits} bits, colour {colour}", "image", "image/png", _png(header, zlib.compress(bytes(999)))
        )
    yield Hostile("jpeg said to be 30,000 x 30,000", "image", "image/jpeg", _jpeg_of(30_000, 30_000), too_many)
    for width, height in ((0, 0), (0, 10), (10, 0), (7_500, 6_600)):
        yield Hostile(f"jpeg said to be {width} x {height}", "image", "image/jpeg", _jpeg_of(width, height))
    canvas = bytes([0x02, 0, 0, 0]) + (16_382).to_bytes(3, "little") * 2
    body = samples.riff_chunk(b"VP8X", canvas) + samples.riff_chunk(b"ANIM", bytes(6))
    yield Hostile("webp canvas of 16,383 x 16,383", "image", "image/webp", _riff(body))
    yield Hostile("webp of 10,000 frames", "image", "image/webp", _animated_webp(10_000), too_many)
    yield Hostile("webp of 2 frames", "image", "image/webp", _animated_webp(2), too_many)
    for frames in (2, 10_000, 2**32 - 1):
        data = samples.png(40, 30)
        control = samples.png_chunk(b"acTL", struct.pack(">II", frames, 0))
        yield Hostile(f"png of {frames} frames", "image", "image/png", data[:33] + control + data[33:], too_many)
    text = zlib.compress(bytes(30_000_000), 9)
    for name in (b"zTXt", b"iCCP"):
        data = samples.png(40, 30)
        bomb = samples.png_chunk(name, b"x\0\0" + text)
        yield Hostile(f"png with a {name.decode()} bomb", "image", "image/png", data[:33] + bomb + data[33:])


def _odd_jpegs() -> Iterator[Hostile]:
    plain = samples.plain_jpeg(samples.scene(96, 64))
    absurd = b"II*\0" + struct.pack("<I", 2**32 - 1)
    loop = b"II*\0\x08\0\0\0" + struct.pack("<H", 0xFFFF) + struct.pack("<HHII", 0x8769, 4, 1, 8) * 40
    blocks: dict[str, bytes] = {
        "absurd exif": absurd,
        "exif in circles": loop,
        "exif of 2^31 values": b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x010E, 2, 2**31, 0) + bytes(4),
        "exif orientation 255": samples.exif(255),
        "exif orientation 0": samples.exif(0),
        "empty exif": b"",
    }
    for name, block in blocks.items():
        yield _as_jpeg(name, plain[:2] + samples.jpeg_segment(0xE1, b"Exif\0\0" + block) + plain[2:])
    icc = b"ICC_PROFILE\0\x01\x01"
    for name, body in {
        "noise": random.Random(3).randbytes(3_000),
        "a head only": bytes(36) + b"acsp" + bytes(88),
    }.items():
        yield _as_jpeg(f"icc profile of {name}", plain[:2] + samples.jpeg_segment(0xE2, icc + body) + plain[2:])
    many = b"".join(samples.jpeg_segment(0xE0 + number % 16, bytes(200)) for number in range(2_000))
    yield _as_jpeg("2,000 segments", plain[:2] + many + plain[2:])
    start = plain.index(b"\xff\xda")
    yield _as_jpeg("no tables", plain[:2] + plain[start:])
    yield _as_jpeg("1,000 scans", plain[:start] + plain[start:-2] * 1_000 + b"\xff\xd9")
    progressive = bytes(samples.image(samples.scene(96, 64)).jpegsave_buffer(interlace=True, keep=0))
    last = progressive.rindex(b"\xff\xda")
    yield _as_jpeg("3,000 progressive scans", progressive[:-2] + progressive[last:-2] * 3_000 + b"\xff\xd9")
    yield _as_jpeg("a segment of length 0", plain[:2] + b"\xff\xe1\0\0" + plain[2:])
    cmyk = samples.image(samples.scene(96, 64)).icc_transform("cmyk", input_profile="srgb")
    yield _as_jpeg("cmyk", bytes(cmyk.jpegsave_buffer()))
    yield _as_jpeg("cmyk without a profile", bytes(cmyk.jpegsave_buffer(keep=0)))


def _odd_pngs() -> Iterator[Hostile]:
    data = samples.png(40, 30)
    places: dict[str, Callable[[bytes], bytes]] = {
        "a wrong checksum of its head": lambda png: png[:29] + b"\0\0\0\0" + png[33:],
        "no end": lambda png: png[:-12],
        "two heads": lambda png: png[:33] + png[8:],
        "a chunk of 2 GB": lambda png: png[:33] + struct.pack(">I", 2**31 - 1) + b"tEXt" + png[33:],
        "an empty chunk of pixels": lambda png: png[:33] + samples.png_chunk(b"IDAT", b"") + png[33:],
        "5,000 texts": lambda png: png[:33] + samples.png_chunk(b"tEXt", b"k\0v") * 5_000 + png[33:],
        "an unknown critical chunk": lambda png: png[:33] + samples.png_chunk(b"ABCD", b"x") + png[33:],
        "a gamma of zero": lambda png: png[:33] + samples.png_chunk(b"gAMA", bytes(4)) + png[33:],
    }
    for name, change in places.items():
        yield Hostile(f"png with {name}", "image", "image/png", change(data))
    indexed = struct.pack(">IIBBBBB", 10, 10, 8, 3, 0, 0, 0)
    yield Hostile("png without its palette", "image", "image/png", _png(indexed, zlib.compress(bytes(110))))
    deep = pyvips.Image.black(50, 40, bands=4).cast("ushort").copy(interpretation="rgb16")
    yield Hostile("png of 16 bits with alpha", "image", "image/png", bytes(deep.pngsave_buffer(bitdepth=16)))


def _odd_webps() -> Iterator[Hostile]:
    data = samples.webp(60, 40)
    yield Hostile("webp said to be 4 GB", "image", "image/webp", data[:4] + b"\xff" * 4 + data[8:])
    yield Hostile("webp said to be empty", "image", "image/webp", data[:4] + bytes(4) + data[8:])
    yield Hostile("webp with a canvas of another size", "image", "image/webp", data[:24] + b"\xff\xff\0" + data[27:])
    yield Hostile("webp without pixels", "image", "image/webp", _riff(samples.riff_chunk(b"EXIF", samples.exif())))
    yield Hostile("webp with 500 unknown chunks", "image", "image/webp", _riff(samples.riff_chunk(b"ABCD", b"x") * 500))


def _as_jpeg(name: str, data: bytes) -> Hostile:
    return Hostile(f"jpeg: {name}", "image", "image/jpeg", data)


def _png(header: bytes, packed: bytes) -> bytes:
    chunks = [samples.png_chunk(b"IHDR", header), samples.png_chunk(b"IDAT", packed), samples.png_chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _jpeg_of(width: int, height: int) -> bytes:
    """A small JPEG whose head says another size."""
    data = bytearray(samples.plain_jpeg(samples.scene(32, 32)))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def _riff(body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _animated_webp(frames: int) -> bytes:
    single = bytes(pyvips.Image.black(16, 16, bands=3).webpsave_buffer(lossless=True, keep=0))[12:]
    frame = samples.riff_chunk(b"ANMF", bytes(6) + (15).to_bytes(3, "little") * 2 + bytes([10, 0, 0, 0]) + single)
    canvas = bytes([0x02, 0, 0, 0]) + (15).to_bytes(3, "little") * 2
    return _riff(samples.riff_chunk(b"VP8X", canvas) + samples.riff_chunk(b"ANIM", bytes(6)) + frame * frames)
