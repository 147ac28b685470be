"""Encodes decoded frames anew: H.264 (yuv420p) and AAC in an MP4 that starts to play before it is all there."""

from __future__ import annotations

import io
import math
from fractions import Fraction
from typing import Any

import av
from av.bitstream import BitStreamFilterContext
from av.filter import Graph

from .made import Refused

_LONGEST_SIDE = 1_920
_TICKS = 90_000
"""A second in time stamps of the video."""
_SOUND_RATE = 48_000
_GAP = _SOUND_RATE * 3 // 20
"""How many samples sound may stray from its time stamps before silence is put in, or what is too early left out."""
_AAC_FRAME = 1_024
_TURNS = {0: [], 90: [("transpose", "clock")], 180: [("hflip", ""), ("vflip", "")], 270: [("transpose", "cclock")]}
_ENCODER = {"preset": "veryfast", "crf": "23", "maxrate": "6M", "bufsize": "12M", "profile": "high", "a53cc": "0"}


class Transcoder:
    """One MP4 in the making; moments are seconds since its first frame. `frames` and `seconds`: at most that many."""

    def __init__(self, rate: int, frames: int, seconds: Fraction, aspect: Fraction | None, *, sound: bool) -> None:
        self._buffer = io.BytesIO()
        self._rate, self._aspect = rate, aspect
        # Room for the index before the media, by what its tables take for each sample, so that playing can start early.
        sounds = math.ceil(seconds * _SOUND_RATE / _AAC_FRAME) + 64 if sound else 0
        settings = {"moov_size": str(16_384 + 48 * frames + 32 * sounds), "fflags": "+bitexact"}
        self._output = av.open(self._buffer, "w", format="mp4", options=settings)
        self._video: Any = self._output.add_stream("libx264", rate=rate, options=_ENCODER)
        self._audio: Any = self._output.add_stream("aac", rate=_SOUND_RATE, layout="stereo") if sound else None
        self._resampler = av.AudioResampler(format="fltp", layout="stereo", rate=_SOUND_RATE)
        self._clean: BitStreamFilterContext | None = None
        self._graph: tuple[Any, Graph] | None = None
        self._waiting: list[tuple[av.AudioFrame, Fraction]] = []
        self._last_pts, self._heard = -1, 0
        self.size = (0, 0)

    def show(self, frame: av.VideoFrame, moment: Fraction) -> av.VideoFrame:
        """Encode a frame, and return it as it will be seen: turned, at most 1920 pixels a side, yuv420p."""
        turn = round(-frame.rotation / 90) * 90 % 360
        if self._clean is None:
            self._begin(frame, turn)
        shown = self._filtered(frame, turn)
        shown.pts = max(round(moment * _TICKS), self._last_pts + 1)
        shown.time_base, self._last_pts = Fraction(1, _TICKS), shown.pts
        shown.pict_type = av.video.frame.PictureType.NONE
        self._mux_video(self._video.encode(shown))
        for waiting, when in self._waiting:
            self._encode_sound(waiting, when)
        self._waiting = []
        return shown

    def hear(self, frame: av.AudioFrame, moment: Fraction) -> None:
        """Encode a piece of sound; before the first picture is known, keep it."""
        if self._clean is None:
            self._waiting.append((frame, moment))
        else:
            self._encode_sound(frame, moment)

    def finish(self) -> bytes:
        """The whole file."""
        self._mux_video([*self._video.encode(None), None])
        if self._audio is not None:
            self._output.mux(self._audio.encode(None))
        self._output.close()
        return self._buffer.getvalue()

    def _begin(self, frame: av.VideoFrame, turn: int) -> None:
        self.size = _shown_size(frame, turn, self._aspect)
        context = self._video.codec_context
        context.width, context.height = self.size
        context.pix_fmt, context.time_base, context.thread_count = "yuv420p", Fraction(1, _TICKS), 2
        context.gop_size = 2 * self._rate
        self._output.start_encoding()
        # Supplemental information carries captions, settings and whatever else: none is kept.
        self._clean = BitStreamFilterContext("filter_units=remove_types=6", self._video)

    def _mux_video(self, packets: list[Any]) -> None:
        for packet in packets:
            cleaned = self._clean.filter(packet) if self._clean is not None else []
            for one in cleaned:
                one.stream = self._video
                self._output.mux(one)

    def _filtered(self, frame: av.VideoFrame, turn: int) -> av.VideoFrame:
        like = (frame.width, frame.height, frame.format.name, turn)
        if self._graph is None or self._graph[0] != like:
            self._graph = (like, self._new_graph(frame, turn))
        graph = self._graph[1]
        graph.push(frame)
        shown = graph.pull()
        if not isinstance(shown, av.VideoFrame):
            raise Refused("undecodable")
        return shown

    def _new_graph(self, frame: av.VideoFrame, turn: int) -> Graph:
        graph = Graph()
        graph.threads = 1
        width, height = self.size
        steps = [*_TURNS[turn], ("scale", f"{width}:{height}:flags=bicubic"), ("setsar", "1"), ("format", "yuv420p")]
        nodes = [
            graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
        ]
        nodes += [graph.add(name, arguments) for name, arguments in steps]
        nodes.append(graph.add("buffersink"))
        graph.link_nodes(*nodes)
        graph.configure()
        return graph

    def _encode_sound(self, frame: av.AudioFrame, moment: Fraction) -> None:
        ahead = round(moment * _SOUND_RATE) - self._heard
        if ahead < -_GAP:
            return
        for _ in range(ahead // _AAC_FRAME if ahead > _GAP else 0):
            self._encode_samples(_silence())
        frame.pts = None
        try:
            pieces = self._resampler.resample(frame)
        except ValueError:  # its rate or channels changed on the way
            raise Refused("undecodable") from None
        for piece in pieces:
            self._encode_samples(piece)

    def _encode_samples(self, piece: av.AudioFrame) -> None:
        piece.pts, piece.time_base = self._heard, Fraction(1, _SOUND_RATE)
        self._heard += piece.samples
        self._output.mux(self._audio.encode(piece))


def _silence() -> av.AudioFrame:
    frame = av.AudioFrame(format="fltp", layout="stereo", samples=_AAC_FRAME)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate = _SOUND_RATE
    return frame


def _shown_size(frame: av.VideoFrame, turn: int, aspect: Fraction | None) -> tuple[int, int]:
    """Even sides of at most 1920 pixels, square pixels, turned. An absurd pixel shape is taken for a square one."""
    width, height = Fraction(frame.width), Fraction(frame.height)
    if aspect and Fraction(1, 4) <= aspect <= 4:
        width *= aspect
    if turn in (90, 270):
        width, height = height, width
    scale = min(Fraction(_LONGEST_SIDE) / max(width, height), Fraction(1))
    return max(round(width * scale / 2) * 2, 2), max(round(height * scale / 2) * 2, 2)
