"""Real pictures and videos, made here: with known corners, so that a test sees which way up, and full of metadata."""

from __future__ import annotations

import io
import struct
import zlib
from fractions import Fraction

import av
import numpy as np
import pyvips
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
CANARY = b"DUET-CANARY"
"""Stands in every piece of metadata of every sample: no byte of it may come out of processing."""
CORNERS = {
    "top-left": (220, 30, 30),
    "top-right": (30, 190, 30),
    "bottom-left": (30, 30, 220),
    "bottom-right": (230, 220, 30),
}
"""The colours of a sample's corners as it is to be seen."""
_ORIENTED = {1: "", 2: "h", 3: "hv", 4: "v", 5: "t", 6: "tv", 7: "thv", 8: "th"}


def scene(width: int = 1200, height: int = 800, seed: int = 1) -> Pixels:
    """A landscape of soft colours and grain with a plain square in each corner; another seed, another scene."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    down, across = down / max(height - 1, 1), across / max(width - 1, 1)
    waves = rng.uniform(2, 9, size=(3, 2)).astype(np.float32)
    channels = [128 + 60 * np.sin(a * across + b * down * down) + 40 * (down - across) for a, b in waves]
    pixels = np.stack(channels, axis=2)
    small = rng.normal(0, 9, size=(min(height, 256), min(width, 256), 1)).astype(np.float32)
    tiled = np.tile(small, (height // small.shape[0] + 1, width // small.shape[1] + 1, 1))
    pixels = np.clip(pixels + tiled[:height, :width], 0, 255).astype(np.uint8)
    high, wide = max(height // 6, 1), max(width // 6, 1)
    for name, colour in CORNERS.items():
        rows = slice(0, high) if name.startswith("top") else slice(height - high, height)
        columns = slice(0, wide) if name.endswith("left") else slice(width - wide, width)
        pixels[rows, columns] = colour
    return pixels


def turned(pixels: Pixels, orientation: int) -> Pixels:
    """How a camera stores a scene that its EXIF orientation (1 to 8) then turns upright."""
    for step in _ORIENTED[orientation]:
        pixels = {"h": pixels[:, ::-1], "v": pixels[::-1], "t": pixels.transpose(1, 0, 2)}[step]
    return np.ascontiguousarray(pixels)


def image(pixels: Pixels) -> pyvips.Image:
    """The same pixels as libvips sees them."""
    interpretation = "b-w" if pixels.shape[2] < 3 else "srgb"
    return pyvips.Image.new_from_array(np.ascontiguousarray(pixels)).copy(interpretation=interpretation)


def exif(orientation: int = 1) -> bytes:
    """A TIFF block with a description, an orientation and a place on Earth."""
    text = CANARY + b" taken at home\0"
    first, gps = 8, 8 + 2 + 3 * 12 + 4
    data = gps + 2 + 4 * 12 + 4
    degrees = struct.pack("<6I", 37, 1, 12, 1, 345, 10)
    entries = struct.pack("<HHII", 0x010E, 2, len(text), data + 48)
    entries += struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack("<HHII", 0x8825, 4, 1, gps)
    place = struct.pack("<HHI4s", 1, 2, 2, b"N\0\0\0") + struct.pack("<HHII", 2, 5, 3, data)
    place += struct.pack("<HHI4s", 3, 2, 2, b"E\0\0\0") + struct.pack("<HHII", 4, 5, 3, data + 24)
    directory = struct.pack("<H", 3) + entries + struct.pack("<I", 0)
    return (
        b"II*\0" + struct.pack("<I", first) + directory + struct.pack("<H", 4) + place + b"\0" * 4 + degrees * 2 + text
    )


def xmp() -> bytes:
    """An XMP packet."""
    return b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><owner>' + CANARY + b"</owner></x:xmpmeta>"


def plain_jpeg(pixels: Pixels, quality: int = 88) -> bytes:
    """Nothing but the pixels."""
    return bytes(image(pixels).jpegsave_buffer(Q=quality, keep=0))


def jpeg_segment(marker: int, body: bytes) -> bytes:
    """One segment of a JPEG file."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg(width: int = 1200, height: int = 800, *, orientation: int = 1, quality: int = 88, seed: int = 1) -> bytes:
    """A photo of this size once upright, with EXIF, GPS, XMP, a comment and something after its end."""
    data = plain_jpeg(turned(scene(width, height, seed), orientation), quality)
    segments = jpeg_segment(0xE1, b"Exif\0\0" + exif(orientation))
    segments += jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp()) + jpeg_segment(0xFE, CANARY)
    return data[:2] + segments + data[2:] + CANARY


def png_chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    width: int = 900, height: int = 600, *, alpha: bool = False, bits: int = 8, palette: bool = False, seed: int = 1
) -> bytes:
    """A PNG with text, EXIF and XMP. `alpha`: its middle is transparent. `bits`: 8 or 16."""
    pixels = scene(width, height, seed)
    if alpha:
        opacity = np.full((height, width, 1), 255, np.uint8)
        opacity[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] = 0
        pixels = np.concatenate([pixels, opacity], axis=2)
    picture = image(pixels)
    if bits == 16:
        picture = (picture.cast("ushort") * 257).cast("ushort").copy(interpretation="rgb16")
    data = bytes(picture.pngsave_buffer(compression=1, palette=palette, effort=1, bitdepth=bits, keep=0))
    extra = png_chunk(b"tEXt", b"Comment\0" + CANARY) + png_chunk(b"eXIf", exif())
    extra += png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp())
    return data[:33] + extra + data[33:]


def riff_chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a WebP file."""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def webp(
    width: int = 900,
    height: int = 600,
    *,
    orientation: int = 1,
    alpha: bool = False,
    lossless: bool = False,
    seed: int = 1,
) -> bytes:
    """A WebP with EXIF (GPS, orientation) and XMP."""
    pixels = turned(scene(width, height, seed), orientation)
    if alpha:
        opacity = np.full((*pixels.shape[:2], 1), 128, np.uint8)
        pixels = np.concatenate([pixels, opacity], axis=2)
    data = bytes(image(pixels).webpsave_buffer(Q=85, effort=1, lossless=lossless, keep=0))
    body = data[12:]
    if body[:4] == b"VP8X":
        body = body[18:]
    flags = 0x0C | (0x10 if alpha else 0)
    sides = (pixels.shape[1] - 1).to_bytes(3, "little") + (pixels.shape[0] - 1).to_bytes(3, "little")
    chunks = riff_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides) + body
    chunks += riff_chunk(b"EXIF", exif(orientation)) + riff_chunk(b"XMP ", xmp())
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def mp4(
    seconds: float = 2.0,
    fps: int = 25,
    size: tuple[int, int] = (640, 360),
    *,
    audio: bool = True,
    rotation: int = 0,
    codec: str = "libx264",
    seed: int = 1,
) -> bytes:
    """An MP4 with a place, a title and user data in its stream. `size` is as stored; `rotation`: 0, 90, 180 or 270
    degrees clockwise that a player is to turn it by. Colours of the corners are those of `scene` as stored."""
    data = video(seconds, fps, size, container="mp4", codecs=(codec, "aac" if audio else None), seed=seed)
    place = b"+37.2000+015.4000/" + CANARY
    box = struct.pack(">I4sI4sHH", 20 + len(place), b"udta", 12 + len(place), b"\xa9xyz", len(place), 0x15C7) + place
    at = data.rindex(b"moov") - 4
    length = struct.unpack(">I", data[at : at + 4])[0]
    if at + length != len(data):
        raise ValueError("moov is not at the end")
    moov = bytearray(struct.pack(">I", length + len(box)) + data[at + 4 :] + box)
    if rotation:
        a, b, c, d = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[rotation]
        x, y = {90: (size[1], 0), 180: size, 270: (0, size[0])}[rotation]
        matrix = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, x << 16, y << 16, 1 << 30)
        start = moov.index(b"tkhd") + 4 + 40
        moov[start : start + 36] = matrix
    return data[:at] + bytes(moov)


def webm(
    seconds: float = 2.0,
    fps: int = 25,
    size: tuple[int, int] = (480, 270),
    *,
    audio: bool = True,
    vp9: bool = False,
    seed: int = 1,
) -> bytes:
    """A WebM (VP8 or VP9, Opus) with a title and a place in its tags."""
    codecs = ("libvpx-vp9" if vp9 else "libvpx", "libopus" if audio else None)
    return video(seconds, fps, size, container="webm", codecs=codecs, seed=seed)


def video(
    seconds: float,
    fps: int,
    size: tuple[int, int],
    *,
    container: str,
    codecs: tuple[str, str | None],
    black_start: int = 0,
    seed: int = 1,
) -> bytes:
    """A scene that drifts under fixed corners, and a tone. `codecs`: of video and audio, None for silence.
    `black_start`: how many frames are black at first."""
    buffer, (width, height) = io.BytesIO(), size
    backdrop = scene(width * 2, height, seed)
    corners = scene(width, height, seed)
    high, wide = height // 6, width // 6
    tags = {"title": CANARY.decode(), "comment": CANARY.decode(), "location": CANARY.decode()}
    with av.open(buffer, "w", format=container) as output:
        output.metadata.update(tags)
        stream = output.add_stream(codecs[0], rate=fps, options=_fast(codecs[0]))
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = width, height, "yuv420p", 1_500_000
        sound = output.add_stream(codecs[1], rate=48_000, layout="stereo") if codecs[1] else None
        for number in range(max(round(seconds * fps), 1)):
            shift = number * 3 % width
            pixels = np.ascontiguousarray(backdrop[:, shift : shift + width])
            pixels[:high], pixels[-high:] = corners[:high], corners[-high:]
            pixels[:, :wide], pixels[:, -wide:] = corners[:, :wide], corners[:, -wide:]
            frame = av.VideoFrame.from_ndarray(pixels * np.uint8(number >= black_start), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            output.mux([_marked(packet, codecs[0]) for packet in stream.encode(frame)])
        output.mux([_marked(packet, codecs[0]) for packet in stream.encode(None)])
        if sound is not None:
            for frame in tone(seconds):
                output.mux(sound.encode(frame))
            output.mux(sound.encode(None))
    return buffer.getvalue()


def tone(seconds: float, hertz: int = 440) -> list[av.AudioFrame]:
    """A quiet stereo tone at 48 kHz, in pieces of 20 ms."""
    frames = []
    for start in range(0, int(seconds * 48_000), 960):
        wave = (np.sin(np.arange(start, start + 960) * (2 * np.pi * hertz / 48_000)) * 6_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        frames.append(frame)
    return frames


def _fast(codec: str) -> dict[str, str]:
    speeds = {"libx264": {"preset": "ultrafast"}, "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"}}
    return speeds.get(codec, {"deadline": "realtime", "cpu-used": "8"} if "vpx" in codec else {})


def _marked(packet: av.Packet, codec: str) -> av.Packet:
    """H.264: the same packet with user data (an SEI message) before its picture."""
    if codec != "libx264" or not packet.is_keyframe:
        return packet
    payload = bytes(range(16)) + CANARY
    unit = bytes([6, 5, len(payload)]) + payload + b"\x80"
    marked = av.Packet(b"\0\0\0\1" + unit + bytes(packet))
    marked.stream, marked.time_base, marked.is_keyframe = packet.stream, packet.time_base, True
    marked.pts, marked.dts, marked.duration = packet.pts, packet.dts, packet.duration
    return marked
