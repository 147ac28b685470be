"""Which frames of a video stand for it: its poster, and those that the policy check looks at."""

from __future__ import annotations

import heapq

import av
import numpy as np
import pyvips
from numpy.typing import NDArray

_EVENLY, _CUTS = 16, 8
_CHANGE = 12.0
"""How different a frame's sketch must be from the one before (0 to 255 on average) to count as a cut."""
_BLACK, _PLAIN = 32.0, 8.0
_GRID = 16


class Reel:
    """Sees every frame once: keeps up to 16 evenly spaced ones, the first and the last among them, and the 8 hardest
    cuts, so that a scene shorter than the spacing is looked at too."""

    def __init__(self, frames: int) -> None:
        self._evenly = {number * (frames - 1) // (_EVENLY - 1) for number in range(_EVENLY)}
        self._kept: dict[int, av.VideoFrame] = {}
        self._cuts: list[tuple[float, int, av.VideoFrame]] = []
        self._seen = 0
        self._before: NDArray[np.float32] | None = None
        self._first: av.VideoFrame | None = None
        self._bright: av.VideoFrame | None = None
        self._last: av.VideoFrame | None = None

    def add(self, frame: av.VideoFrame) -> None:
        """The next frame (yuv420p) as it will be seen."""
        sketch = _sketch(frame)
        if self._first is None:
            self._first = frame
        if self._bright is None and (sketch.mean() > _BLACK or sketch.std() > _PLAIN):
            self._bright = frame
        if self._seen in self._evenly:
            self._kept[self._seen] = frame
        elif self._before is not None:
            change = float(np.abs(sketch - self._before).mean())
            if change > _CHANGE:
                heapq.heappush(self._cuts, (change, self._seen, frame))
                if len(self._cuts) > _CUTS:
                    heapq.heappop(self._cuts)
        self._last, self._before = frame, sketch
        self._seen += 1

    def poster(self) -> pyvips.Image:
        """The first frame that is not black, or the first."""
        frame = self._bright or self._first
        if frame is None:
            raise ValueError("no frame was added")
        return _picture(frame)

    def pictures(self) -> list[pyvips.Image]:
        """The frames to look at, in their order."""
        chosen = dict(self._kept) | {number: frame for _change, number, frame in self._cuts}
        if self._last is not None:
            chosen[self._seen - 1] = self._last
        return [_picture(chosen[number]) for number in sorted(chosen)]


def _sketch(frame: av.VideoFrame) -> NDArray[np.float32]:
    """The brightness at a few places."""
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
    down, across = max(frame.height // _GRID, 1), max(frame.width // _GRID, 1)
    return rows[down // 2 :: down, across // 2 :: across].astype(np.float32)


def _picture(frame: av.VideoFrame) -> pyvips.Image:
    pixels = frame.to_ndarray(format="rgb24")
    return pyvips.Image.new_from_array(np.ascontiguousarray(pixels)).copy(interpretation="srgb").copy_memory()
