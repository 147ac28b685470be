"""The program of NudeNet's child process: pictures in on stdin, what is seen out on stdout, until stdin ends.

It is run by its path, without the rest of media-svc; only the barrier of the decoders is taken from there, and shut
before the first picture comes in. Each message in both directions is its length in four bytes and then its bytes: in, a
picture; out, JSON. The first message out tells that the model is loaded and the barrier shut.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import queue
import resource
import socket
import struct
import sys
import threading
from importlib.metadata import version
from typing import Any, BinaryIO

import cv2
import nudenet
import numpy as np
import onnxruntime
from cv2.typing import MatLike
from nudenet.nudenet import NudeDetector

LENGTH = struct.Struct("!I")
SIDE = 320
"""Pixels a side of what the model looks at."""
LONGEST = 2 * SIDE
"""Pixels that the longer side has before it is shrunk to that."""


class Detector(NudeDetector):
    """NudeNet on one thread: its own constructor takes every core."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        model = os.path.join(os.path.dirname(nudenet.__file__), f"{SIDE}n.onnx")
        self.onnx_session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.input_width = self.input_height = SIDE
        self.input_name = self.onnx_session.get_inputs()[0].name


def ready_to_look(pixels: MatLike) -> MatLike:
    """Small, without the artefacts of shrinking by bare interpolation, and in the colours that the model was made for.

    NudeNet 3.4 swaps red and blue twice, and so not at all: given BGR, as by its own reader, the model gets BGR. Given
    RGB, as here, it gets what it was trained with.
    """
    shrink = min(1.0, LONGEST / max(pixels.shape[:2]))
    if shrink < 1:
        height, width = (max(1, round(side * shrink)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def look(detector: Detector, picture: bytes) -> dict[str, Any]:
    """What is in a picture, boxes as fractions of its sides; or why that can't be said."""
    try:
        pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
        if pixels is None:
            return {"failure": "undecodable"}
        prepared = ready_to_look(pixels)
        height, width = prepared.shape[:2]
        found = detector.detect(prepared)
    except (cv2.error, MemoryError, ValueError, RuntimeError) as error:
        return {"failure": type(error).__name__}
    return {
        "detections": [
            {
                "label": one["class"],
                "score": one["score"],
                "box": [part / side for part, side in zip(one["box"], (width, height) * 2, strict=True)],
            }
            for one in found
        ]
    }


def write(stream: BinaryIO, answer: dict[str, Any]) -> None:
    """Send one message."""
    body = json.dumps(answer).encode()
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def read_pictures(stream: BinaryIO, pictures: queue.SimpleQueue[bytes]) -> None:
    """Ends the process when stdin ends, also in the middle of a picture: the parent is gone or wants no more."""
    while len(head := stream.read(LENGTH.size)) == LENGTH.size:
        (length,) = LENGTH.unpack(head)
        picture = stream.read(length)
        if len(picture) < length:
            break
        pictures.put(picture)
    os._exit(0)


def limit(memory: int) -> None:
    """The limits of the kernel, but for processor time: this process lives long, and its parent looks at the clock."""
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))


def shut_the_barrier(folder: str) -> None:
    """No network and no file from here on. Threads come after: the barrier holds for those that start behind it."""
    sys.path.append(folder)
    barrier = importlib.import_module("barrier")
    if not barrier.supported() or len(os.listdir("/proc/self/task")) != 1:
        raise RuntimeError("the barrier can't be shut here")
    barrier.close()
    try:
        socket.socket()
    except PermissionError:
        return
    raise RuntimeError("the barrier does not hold")


def prepare(memory: int, folder: str) -> Detector:
    """The loaded model behind limits and barrier. Raises RuntimeError, OSError, MemoryError, cv2.error."""
    limit(memory)
    cv2.setNumThreads(1)
    detector = Detector()
    # Whatever is loaded late is loaded by the first picture.
    _written, first = cv2.imencode(".jpg", np.zeros((SIDE, SIDE, 3), np.uint8))
    look(detector, first.tobytes())
    shut_the_barrier(folder)
    return detector


def main() -> None:
    """Look at pictures for ever, with the memory in bytes and the barrier's folder that the arguments tell."""
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints must not get between the messages.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    model = f"nudenet-{version('nudenet')}-{SIDE}n"
    try:
        detector = prepare(int(sys.argv[1]), sys.argv[2])
    except Exception as error:  # noqa: BLE001 - the parent logs what it was, and judges nothing
        write(answers, {"failure": f"{type(error).__name__}: {error}"[:500]})
        return
    pictures: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=read_pictures, args=(sys.stdin.buffer, pictures), daemon=True).start()
    write(answers, {"model": model})
    while True:
        picture = pictures.get()
        # An answer says whose it is: none may ever pass for another picture's.
        write(answers, {"of": hashlib.sha256(picture).hexdigest(), **look(detector, picture)})


if __name__ == "__main__":
    main()
