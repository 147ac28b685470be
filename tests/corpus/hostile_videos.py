"""Videos that lie about their length, name addresses, nest without end or use what is not taken."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np

from tests.corpus import samples

Video = tuple[str, str, bytes, str | None]
MP4, WEBM = "video/mp4", "video/webm"
_SMALL = (64, 48)


def videos(url: str) -> Iterator[Video]:
    """Name, announced type, bytes, and the code that it has to be refused with, where only one will do."""
    small = samples.mp4(0.4, 10, _SMALL)
    at = small.rindex(b"moov") - 4
    yield "mp4 without moov", MP4, small[:at], "undecodable"
    yield "mp4 with moov only", MP4, small[: struct.unpack(">I", small[:4])[0]] + small[at:], None
    yield "mp4 with a head of 29 s over 300 s", MP4, lying_duration(300, 29), "too-long"
    yield "mp4 of 61 s", MP4, still(61), "too-long"
    yield "webm of 300 s", WEBM, still(300, container="webm", codec="libvpx"), "too-long"
    yield "mp4 of 120 frames a second", MP4, still(2, fps=120), "too-many-pixels"
    yield "mp4 of 10,000 frames at one moment", MP4, still(10_000, fps=1, ticks=1), "too-many-pixels"
    yield "mp4 of 5,000 x 16", MP4, still(1, size=(5_000, 16)), "too-many-pixels"
    yield "mp4 with a jump of 10,000 seconds", MP4, still(3, jump=10_000), "too-long"
    yield "mp4 with negative time stamps", MP4, still(3, start=-50), None
    yield "mp4 of one frame", MP4, still(1), None
    yield "mp4 with mpeg-4 part 2", MP4, still(3, codec="mpeg4"), "undecodable"
    yield "mp4 with av1", MP4, still(3, codec="libsvtav1"), None
    yield "matroska as webm", WEBM, still(3, container="matroska"), "type-mismatch"
    yield (
        "matroska with ffv1 said to be webm",
        WEBM,
        _as_webm(still(3, container="matroska", codec="ffv1")),
        "undecodable",
    )
    yield "matroska with motion jpeg said to be webm", WEBM, _as_webm(_mjpeg()), "undecodable"
    yield "quicktime as mp4", MP4, still(3, container="mov"), "type-mismatch"
    yield "mp4 with sound only", MP4, _sound_only(), "undecodable"
    yield "mp4 of an address in its data reference", MP4, _with_address(small, url), None
    yield "mp4 with a chapter track of an address", MP4, small + _box(b"udta", _box(b"chpl", url.encode())), None
    for depth in (50, 5_000):
        box = b""
        for _ in range(depth):
            box = _box(b"moov", box)
        yield f"mp4 nested {depth} deep", MP4, small[:32] + box, "undecodable"
    yield "mp4 of 50,000 empty boxes", MP4, small[:32] + _box(b"free", b"") * 50_000 + small[32:], None
    for name in (b"stsz", b"stts", b"stco", b"stsc", b"mdhd", b"mvhd", b"tkhd", b"avcC", b"hdlr", b"stsd", b"elst"):
        for number, filler in enumerate((b"\xff", b"\0", b"\x7f")):
            spoiled = bytearray(small)
            start = small.index(name) + 8
            spoiled[start : start + 16] = filler * 16
            yield f"mp4 with a spoiled {name.decode()} {number}", MP4, bytes(spoiled), None
    size = small.index(b"mdat") - 4
    for length in (0, 1, 7, 2**31 - 1, 2**32 - 1):
        yield f"mp4 with an mdat of {length}", MP4, small[:size] + struct.pack(">I", length) + small[size + 4 :], None
    webm = samples.webm(0.4, 10, _SMALL)
    for name, wanted in {
        "sizes": b"\x1f\x43\xb6\x75",
        "tracks": b"\x16\x54\xae\x6b",
        "segment": b"\x18\x53\x80\x67",
    }.items():
        start = webm.index(wanted) + 4
        yield f"webm with spoiled {name}", WEBM, webm[:start] + b"\x01" + b"\xff" * 7 + webm[start + 8 :], None
    yield "webm without tracks", WEBM, webm[: webm.index(b"\x16\x54\xae\x6b")], "undecodable"
    yield "webm with 4,000 void elements", WEBM, webm[:60] + b"\xec\x80" * 4_000 + webm[60:], None


def still(
    frames_or_seconds: int,
    *,
    fps: int = 1,
    size: tuple[int, int] = _SMALL,
    codec: str = "libx264",
    container: str = "mp4",
    start: int = 0,
    jump: int = 0,
    ticks: int = 0,
) -> bytes:
    """A grey picture for some seconds. `ticks`: that many 90,000ths of a second from frame to frame, whatever `fps`;
    `jump`: seconds before the last frame."""
    buffer, last = io.BytesIO(), frames_or_seconds * fps - 1
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=fps, options={"preset": "ultrafast"} if codec == "libx264" else {})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000) if codec != "mpeg4" else Fraction(1, fps)
        frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), 90, np.uint8), format="rgb24")
        frame = frame.reformat(format="yuv420p")
        step = (ticks or 90_000 // fps) if codec != "mpeg4" else 1
        for number in range(last + 1):
            frame.pts = start * 90_000 * (codec != "mpeg4") + number * step + (jump * 90_000 if number == last else 0)
            frame.time_base = stream.codec_context.time_base
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def lying_duration(seconds: int, said: int) -> bytes:
    """An MP4 whose heads tell another duration than its samples have."""
    data = bytearray(still(seconds))
    for name, offset in ((b"mvhd", 16), (b"tkhd", 20), (b"mdhd", 16)):
        start = data.index(name) + 4 + offset
        scale = struct.unpack(">I", data[start - 4 : start])[0] if name != b"tkhd" else 1_000
        data[start : start + 4] = struct.pack(">I", said * scale)
    return bytes(data).replace(b"edts", b"free")


def _as_webm(data: bytes) -> bytes:
    """The same file with the DocType of WebM."""
    return data.replace(b"\x42\x82\x88matroska", b"\x42\x82\x88webm\0\0\0\0", 1)


def _mjpeg() -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as output:
        stream = output.add_stream("mjpeg", rate=5)
        stream.width, stream.height, stream.pix_fmt = *_SMALL, "yuvj420p"
        frame = av.VideoFrame.from_ndarray(samples.scene(*_SMALL), format="rgb24")
        frame.pts = 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def _sound_only() -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as output:
        stream = output.add_stream("aac", rate=48_000, layout="stereo")
        for frame in samples.tone(0.5):
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def _with_address(data: bytes, url: str) -> bytes:
    """The data reference of the first track names an address instead of this file."""
    at = data.index(b"url \0\0\0\1") - 4
    address = url.encode() + b"/x.mp4\0"
    # The flag "in this file" is taken away; the length of what follows is left wrong on purpose.
    return data[:at] + struct.pack(">I4sI", 12 + len(address), b"url ", 0) + address + data[at + 12 :]


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, name) + body
