"""NudeNet as classifier: one child process for all threads, started when first needed and again after a failure."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import weakref
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog

from media_svc.adapters.nudenet.pipes import Child, ChildEnded, ChildFailed
from media_svc.domain.policy import NUDENET_LABELS, NUDENET_RULES, Box, Detection, fingerprint, flag_of_detections
from media_svc.ports import CheckUnavailable, Label, Sight, Verdict

log = structlog.get_logger("policy")

PROGRAM = Path(__file__).with_name("child.py")
BARRIER = Path(__file__).parent.with_name("decoding") / "sandbox"
"""The folder of the barrier that every child shuts before it looks at the first hostile byte."""
MEMORY_BYTES = 1024 * 1024 * 1024
"""Address space of the child; loaded it takes 0.6 GB of it, of which 0.15 GB are memory."""
LOOKING = 1
"""Changes when child.py prepares pictures in another way: kept verdicts then count no more."""
LOAD_S = 60.0
PICTURE_S = 20.0
QUEUE_S = 120.0
"""How long a thread waits until the others' pictures are done."""
ENVIRONMENT = {
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}
"""Nothing of our settings is of use to the child. ONNX Runtime would report to its makers from a thread of its own."""


class NudeNetClassifier:
    """Sees bare and barely covered parts of bodies, and nothing else: not who is young, nor gore, nor symbols.

    For any thread; one picture is looked at at a time. `picture_s`: seconds for one, `memory_bytes`: what the child may
    take. `program` is run by this process's Python, and speaks as child.py does.
    """

    name = "nudenet"
    sees: frozenset[Sight] = frozenset({"nudity"})

    def __init__(
        self,
        *,
        memory_bytes: int = MEMORY_BYTES,
        picture_s: float = PICTURE_S,
        load_s: float = LOAD_S,
        program: Path = PROGRAM,
    ) -> None:
        self.policy_version = f"nudenet-{version('nudenet')}-{fingerprint(NUDENET_RULES, LOOKING)}"
        self._command = [sys.executable, "-I", str(program), str(memory_bytes), str(BARRIER)]
        self._picture_s = picture_s
        self._load_s = load_s
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._at_the_end: weakref.finalize[[], NudeNetClassifier] | None = None

    @property
    def pid(self) -> int | None:
        """Of the child; None while there is none."""
        child = self._child
        return child.pid if child is not None else None

    def judge(self, picture: Path, content_type: str) -> Verdict:
        """Raises CheckUnavailable: the child failed, or could not read the picture."""
        detections = self._look(picture.read_bytes())
        labels = tuple(Label(one.label, round(one.score, 4)) for one in detections)
        return Verdict(flag_of_detections(detections), False, labels)

    def close(self) -> None:
        """End the child; the next picture starts another one."""
        with self._lock:
            self._forget(Child.close)

    def _look(self, picture: bytes) -> list[Detection]:
        if not self._lock.acquire(timeout=QUEUE_S):
            raise CheckUnavailable("the classifier is busy")
        try:
            return _detections(self._ask(picture), hashlib.sha256(picture).hexdigest())
        except (ChildFailed, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("classifier_failed", provider=self.name, error=type(error).__name__, why=str(error))
            self._forget(Child.kill)
            raise CheckUnavailable("NudeNet's process failed") from error
        except BaseException:
            # Interrupted: its answer to this picture is still to come.
            self._forget(Child.kill)
            raise
        finally:
            self._lock.release()

    def _ask(self, picture: bytes) -> bytes:
        if self._child is not None:
            try:
                return self._child.ask(picture, self._picture_s)
            except ChildEnded:
                # It may have ended before this picture came: the kernel ends it with the thread that started it.
                log.warning("classifier_ended", provider=self.name)
                self._forget(Child.kill)
        return self._start().ask(picture, self._picture_s)

    def _start(self) -> Child:
        child = Child(self._command, ENVIRONMENT)
        self._child = child
        self._at_the_end = weakref.finalize(self, child.close)
        log.info("classifier_started", provider=self.name, model=_told(child.answer(self._load_s))["model"])
        return child

    def _forget(self, end: Any) -> None:
        child, self._child = self._child, None
        if child is not None and self._at_the_end is not None:
            self._at_the_end.detach()
            end(child)


def _told(answer: bytes) -> Any:
    """Raises ChildFailed for a failure, ValueError, TypeError for what is no answer."""
    told = json.loads(answer)
    if "failure" in told:
        raise ChildFailed(f"told {told['failure']}")
    return told


def _detections(answer: bytes, digest: str) -> list[Detection]:
    """Raises what `_told` does, and KeyError, for an answer that does not fit or is to another picture."""
    told = _told(answer)
    if told["of"] != digest:
        raise ChildFailed("answered for another picture")
    return [_detection(one) for one in told["detections"]]


def _detection(one: Any) -> Detection:
    label, score, box = one["label"], float(one["score"]), Box(*map(float, one["box"]))
    if label not in NUDENET_LABELS:
        raise ValueError("a label that no rule was made for")
    if not 0.0 <= score <= 1.001:
        raise ValueError("a score that is none")
    return Detection(label, min(score, 1.0), box)
