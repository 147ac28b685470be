"""Videos: counted packet by packet, then every frame decoded and encoded anew as H.264 and AAC in MP4."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.error
import av.logging
import av.subtitles.stream  # otherwise loaded when a file is opened, when nothing can be loaded any more

from .made import Made, Piece, Refused
from .reels import Reel
from .stills import add_stills, add_views, webp
from .transcoding import Transcoder

UNREADABLE = (av.error.FFmpegError, EOFError)
_FORMATS = {"video/mp4": ("mp4", "mov,mp4,m4a,3gp,3g2,mj2"), "video/webm": ("matroska", "matroska,webm")}
_VIDEO = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d"})
_AUDIO = frozenset({"aac", "mp3", "mp3float", "opus", "vorbis"})
_MOST_STREAMS = 16
_SLACK = Fraction(102, 100)
"""How far above its frame rate a video may be, for time stamps that are rounded."""


@dataclass(frozen=True)
class Counted:
    """What the packets of a file say, before one is decoded: frames of the video, its first moment and all seconds."""

    frames: int
    start: Fraction
    seconds: Fraction


def prepare() -> None:
    """Keep FFmpeg silent: what it prints would quote hostile files."""
    av.logging.set_level(None)


def decode_video(data: bytes, content_type: str, limits: dict[str, int | None]) -> Made:
    """Raises Refused, or one of UNREADABLE."""
    with _open(data, content_type, limits) as container:
        counted = _count(container, limits)
    with _open(data, content_type, limits) as container:
        return _transcode(container, counted, limits)


def _open(data: bytes, content_type: str, limits: dict[str, int | None]) -> Any:
    name, whitelist = _FORMATS[content_type]
    options = {
        "format_whitelist": whitelist,
        "protocol_whitelist": "none",
        "codec_whitelist": ",".join(sorted(_VIDEO | _AUDIO)),
        "max_streams": str(_MOST_STREAMS),
        "max_pixels": str((limits["max_side"] or 0) ** 2 * 2),
    }
    return av.open(io.BytesIO(data), format=name, options=options, metadata_errors="replace")


def _streams(container: Any, limits: dict[str, int | None]) -> tuple[Any, Any | None]:
    """The first picture stream and the first sound. Raises Refused."""
    if not container.streams.video:
        raise Refused("undecodable")
    video = container.streams.video[0]
    audio = container.streams.audio[0] if container.streams.audio else None
    if video.codec_context is None or video.codec_context.name not in _VIDEO:
        raise Refused("undecodable")
    if audio is not None and (audio.codec_context is None or audio.codec_context.name not in _AUDIO):
        raise Refused("undecodable")
    check_side(video.codec_context.width, video.codec_context.height, limits)
    return video, audio


def check_side(width: int, height: int, limits: dict[str, int | None]) -> None:
    """Raises Refused for a frame with too many pixels a side."""
    if max(width, height) > (limits["max_side"] or 0):
        raise Refused("too-many-pixels")


def _count(container: Any, limits: dict[str, int | None]) -> Counted:
    """Read all packets. What a header says of duration and rate counts for nothing. Raises Refused."""
    video, audio = _streams(container, limits)
    longest = Fraction(limits["max_duration_ms"] or 0, 1000)
    most = math.ceil(longest * (limits["max_frames_per_second"] or 0) * _SLACK) + 2
    frames, starts, ends = 0, [], []
    for packet in container.demux([one for one in (video, audio) if one is not None]):
        if packet.size == 0:
            continue
        if packet.stream.index == video.index:
            frames += 1
        moment = packet.pts if packet.pts is not None else packet.dts
        if moment is not None and not packet.is_discard:
            begin = moment * packet.time_base
            if packet.stream.index == video.index:
                starts.append(begin)
            ends.append(begin + (packet.duration or 0) * packet.time_base)
        if starts and ends and ends[-1] - min(starts[0], starts[-1]) > longest:
            raise Refused("too-long")
        if frames > most:
            raise Refused("too-many-pixels")
    if not starts:
        raise Refused("undecodable")
    start = min(starts)
    seconds = max(ends) - start
    if seconds > longest:
        raise Refused("too-long")
    check_rate(frames, seconds, limits)
    return Counted(frames, start, seconds)


def check_rate(frames: int, seconds: Fraction, limits: dict[str, int | None]) -> None:
    """Raises Refused for more frames than the frame rate allows in this time."""
    if frames > 2 + seconds * (limits["max_frames_per_second"] or 0) * _SLACK:
        raise Refused("too-many-pixels")


def _transcode(container: Any, counted: Counted, limits: dict[str, int | None]) -> Made:
    video, audio = _streams(container, limits)
    video.codec_context.thread_count = 2
    rate = min(max(round(video.average_rate or 30), 1), limits["max_frames_per_second"] or 1)
    transcoder = Transcoder(rate, counted.frames, counted.seconds, video.sample_aspect_ratio, sound=audio is not None)
    reel, end, frames = Reel(counted.frames), counted.start, 0
    frame: Any
    for frame in _decoded(container, [one for one in (video, audio) if one is not None]):
        moment = end if frame.pts is None else frame.pts * Fraction(frame.time_base or 0)
        if isinstance(frame, av.VideoFrame):
            check_side(frame.width, frame.height, limits)
            frames += 1
            reel.add(transcoder.show(frame, moment - counted.start))
            length = (frame.duration or 0) * Fraction(frame.time_base or 0)
        else:
            transcoder.hear(frame, moment - counted.start)
            length = Fraction(frame.samples, frame.sample_rate)
        end = max(end, moment + length)
        if end - counted.start > Fraction(limits["max_duration_ms"] or 0, 1000):
            raise Refused("too-long")
    if frames == 0:
        raise Refused("undecodable")
    seconds = end - counted.start
    check_rate(frames, seconds, limits)
    return _made(transcoder.finish(), transcoder.size, reel, max(round(seconds * 1000), 1))


def _decoded(container: Any, streams: list[Any]) -> Iterator[Any]:
    """Every frame of picture and sound. Raises Refused for one that is damaged: it would be shown as something else."""
    for packet in container.demux(streams):
        if packet.is_corrupt:
            raise Refused("undecodable")
        for frame in packet.decode():
            if frame.is_corrupt:
                raise Refused("undecodable")
            yield frame


def _made(encoded: bytes, size: tuple[int, int], reel: Reel, duration_ms: int) -> Made:
    width, height = size
    made = Made(width, height, duration_ms, "")
    made.pieces.append(Piece("full.mp4", width, height, encoded))
    poster = reel.poster()
    made.pieces.append(Piece("poster.webp", poster.width, poster.height, webp(poster)))
    add_stills(made, poster)
    for picture in reel.pictures():
        add_views(made, picture, tiles=False)
    return made
