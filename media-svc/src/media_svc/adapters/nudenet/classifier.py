"""NudeNet as classifier: one child process for all threads, started when first needed and again after a failure."""

from __future__ import annotations

import json
import os
import sys
import threading
import weakref
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog

from media_svc.adapters.nudenet.pipes import Child, ChildFailed
from media_svc.domain.policy import NUDENET_LABELS, NUDENET_RULES, Box, Detection, fingerprint, flag_of_detections
from media_svc.ports import CheckUnavailable, Label, Sight, Verdict

log = structlog.get_logger("policy")

PROGRAM = Path(__file__).with_name("child.py")
MEMORY_BYTES = 1024 * 1024 * 1024
"""Address space of the child; loaded it takes 0.6 GB of it, of which 0.15 GB are memory."""
LOAD_S = 60.0
PICTURE_S = 20.0
QUEUE_S = 120.0
"""How long a thread waits until the others' pictures are done."""
THREADS = 1


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
        self.policy_version = f"nudenet-{version('nudenet')}-{fingerprint(NUDENET_RULES)}"
        self._command = [sys.executable, "-I", str(program), str(memory_bytes), str(THREADS)]
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
            if self._child is not None and self._child.has_ended():
                log.warning("classifier_ended", provider=self.name)
                self._forget(Child.close)
            child = self._child or self._start()
            return _detections(child.ask(picture, self._picture_s))
        except (ChildFailed, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("classifier_failed", provider=self.name, error=type(error).__name__, why=str(error))
            self._forget(Child.kill)
            raise CheckUnavailable("NudeNet's process failed") from error
        finally:
            self._lock.release()

    def _start(self) -> Child:
        # Nothing of our settings is of use to it.
        child = Child(self._command, {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": str(THREADS)})
        self._child = child
        self._at_the_end = weakref.finalize(self, child.close)
        log.info("classifier_started", provider=self.name, model=json.loads(child.answer(self._load_s))["model"])
        return child

    def _forget(self, end: Any) -> None:
        child, self._child = self._child, None
        if child is not None and self._at_the_end is not None:
            self._at_the_end.detach()
            end(child)


def _detections(answer: bytes) -> list[Detection]:
    """Raises ValueError, KeyError, TypeError for an answer that does not fit; a failure is one."""
    told = json.loads(answer)
    if "failure" in told:
        raise ChildFailed(f"could not look: {told['failure']}")
    return [_detection(one) for one in told["detections"]]


def _detection(one: Any) -> Detection:
    label, score, box = one["label"], float(one["score"]), Box(*map(float, one["box"]))
    if label not in NUDENET_LABELS:
        raise ValueError("a label that no rule was made for")
    if not 0.0 <= score <= 1.001:
        raise ValueError("a score that is none")
    return Detection(label, min(score, 1.0), box)
