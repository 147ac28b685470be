"""Makes files of what was drawn: pictures with a little grain, and clips with a soft tone."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence

import av
import numpy as np
import pyvips

from deploy.demo_media.canvas import Canvas

Scene = Callable[[Canvas], None]
CLIP_SIZE = (640, 360)
FRAMES_PER_SECOND = 15
SAMPLE_RATE = 48_000
JPEG_QUALITY = 86


def picture(scene: Scene, size: tuple[int, int], seed: str) -> bytes:
    """A JPEG of `size` pixels."""
    canvas = Canvas(*size, seed)
    scene(canvas)
    pixels = _pixels(canvas).astype(np.float32)
    height, width, _bands = pixels.shape
    noise = np.random.default_rng(len(seed)).normal(0.0, 3.2, (height, width, 1)).astype(np.float32)
    down, across = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    shade = 1 - 0.16 * np.clip(down**2 + across**2 - 0.5, 0, 1.5)
    finished = np.clip(pixels * shade[..., None] + noise, 0, 255).astype(np.uint8)
    return bytes(pyvips.Image.new_from_array(finished).jpegsave_buffer(Q=JPEG_QUALITY, optimize_coding=True))


def clip(scene: Scene, seed: str, *, seconds: float, tone: Sequence[float] = ()) -> bytes:
    """An MP4 of the moving scene; `tone`: the frequencies (Hz) of a soft chord, none for a silent clip."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        video = container.add_stream("libx264", FRAMES_PER_SECOND, options={"crf": "24", "preset": "fast"})
        video.width, video.height, video.pix_fmt = *CLIP_SIZE, "yuv420p"
        video.codec_context.thread_count = 1
        audio = container.add_stream("aac", SAMPLE_RATE, layout="mono", bit_rate=64_000) if tone else None
        count = round(seconds * FRAMES_PER_SECOND)
        for number in range(count):
            canvas = Canvas(*CLIP_SIZE, seed, number / count)
            scene(canvas)
            container.mux(video.encode(av.VideoFrame.from_ndarray(_pixels(canvas), format="rgb24")))
        container.mux(video.encode(None))
        if audio is not None:
            for frame in _sound(tone, seconds):
                container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    return target.getvalue()


def _pixels(canvas: Canvas) -> np.ndarray:
    drawn = pyvips.Image.svgload_buffer(canvas.svg()).flatten(background=[255, 255, 255])
    return np.asarray(drawn.numpy()[..., :3])


def _sound(tone: Sequence[float], seconds: float) -> list[av.AudioFrame]:
    """The chord, swelling and fading, in frames of 1024 samples."""
    moments = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = sum(np.sin(math.tau * hertz * moments) + 0.3 * np.sin(math.tau * 2 * hertz * moments) for hertz in tone)
    loud = np.asarray(wave) / (len(tone) * 1.3) * np.sin(np.pi * moments / seconds) ** 2 * 0.22
    samples = (loud * 32767).astype(np.int16)
    frames = []
    for start in range(0, len(samples), 1024):
        frame = av.AudioFrame.from_ndarray(samples[start : start + 1024].reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, start
        frames.append(frame)
    return frames
