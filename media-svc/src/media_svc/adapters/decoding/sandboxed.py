"""The decoder that media-svc uses: one child process for each file, forked from a zygote that is kept for the next."""

from __future__ import annotations

import signal
import stat
import threading
import uuid
import weakref
from dataclasses import asdict
from pathlib import Path

import structlog

from chassis.errors import Unavailable
from media_svc.adapters.decoding import results
from media_svc.adapters.decoding.sandbox import barrier
from media_svc.adapters.decoding.zygotes import Ended, TooSlow, Zygote
from media_svc.domain.limits import GRACE_MS
from media_svc.ports import Decoded, DecodeLimits, Rejected

log = structlog.get_logger("decoder")
MEGABYTE = 1_048_576
_ATTEMPTS = 2
_RESULT_BYTES = 256 * MEGABYTE


class SandboxedDecoder:
    """Implements ports.MediaDecoder; any number of threads may call it, each call has a child of its own.

    A child knows no secret, has no network and no files but its one result, and is bound by `memory_bytes` of address
    space, `cpu_s` of processor time and `timeout_s` of the clock. Which of the two times runs out, the owner is told
    `timeout`. A child that dies of anything else is given a second try; then the file counts as undecodable.

    Only Linux on x86_64 and aarch64 can shut a process off so (seccomp). Elsewhere nothing is decoded: that is said in
    the log at the start, and every call raises Unavailable. A container on such a system decodes.
    """

    def __init__(self, *, timeout_s: float = 300.0, cpu_s: int = 240, memory_bytes: int = 1536 * MEGABYTE) -> None:
        self._timeout_s, self._cpu_s, self._memory_bytes = timeout_s, cpu_s, memory_bytes
        self._idle: list[Zygote] = []
        self._lock = threading.Lock()
        self._highest_peak = 0
        self._crashes = 0
        self._end = weakref.finalize(self, _close_all, self._idle)
        if not barrier.supported():
            log.error("decoder.no_barrier", detail="no seccomp on this system: uploads are not decoded")

    @property
    def highest_peak_bytes(self) -> int:
        """The most memory that any child has used so far."""
        return self._highest_peak

    @property
    def crashes(self) -> int:
        """How many children have ended otherwise than by a result."""
        return self._crashes

    def close(self) -> None:
        """End the idle zygotes. They also end by themselves with this process."""
        with self._lock:
            _close_all(self._idle)

    def decode(self, source: Path, *, kind: str, content_type: str, limits: DecodeLimits, target: Path) -> Decoded:
        """Make everything that is shown of `source` in the folder `target`, which exists and is empty.

        `kind`: image or video. Raises Rejected; Unavailable when it is not the file's fault.
        """
        if kind not in ("image", "video"):
            raise ValueError(f"nothing decodes {kind}")
        if not barrier.supported():
            raise Unavailable("this system can't shut a decoder off from the network: nothing is decoded")
        found = source.stat(follow_symlinks=False)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("only a regular file can be decoded")
        if found.st_size > limits.max_bytes:
            raise Rejected("too-large")
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                outcome = self._try(source, kind, content_type, limits, target)
            except results.Garbage as garbage:
                with self._lock:
                    self._crashes += 1
                for taken in target.iterdir():
                    taken.unlink()
                log.warning("decoder.crashed", attempt=attempt, kind=kind, size=found.st_size, reason=str(garbage))
                continue
            if isinstance(outcome, results.Refusal):
                raise Rejected(outcome.code)
            return outcome
        raise Rejected("undecodable")

    def _try(
        self, source: Path, kind: str, content_type: str, limits: DecodeLimits, target: Path
    ) -> Decoded | results.Refusal:
        """One child. Raises results.Garbage when it crashed, Rejected when it was too slow."""
        result = target / f"{uuid.uuid4().hex}.result"
        budget = asdict(limits)
        if limits.max_duration_ms is not None:
            budget["max_duration_ms"] = limits.max_duration_ms + GRACE_MS
        request = {
            "source": str(source.absolute()),
            "result": str(result.absolute()),
            "kind": kind,
            "content_type": content_type,
            "limits": budget,
            "max_bytes": limits.max_bytes,
            "memory_bytes": self._memory_bytes,
            "cpu_s": self._cpu_s,
            "result_bytes": _RESULT_BYTES,
        }
        try:
            ended = self._ask(request)
            if ended.signal == signal.SIGXCPU:
                raise TooSlow
            if ended.signal is not None:
                raise results.Garbage(f"signal {ended.signal}")
            return results.read(result, target, kind=kind, limits=limits, peak_bytes=ended.peak_bytes)
        except TooSlow:
            raise Rejected("timeout") from None
        except FileNotFoundError:
            raise results.Garbage("no result") from None
        finally:
            result.unlink(missing_ok=True)

    def _ask(self, request: dict[str, object]) -> Ended:
        """Ask an idle zygote, or a new one. Raises TooSlow or Unavailable."""
        with self._lock:
            zygote = self._idle.pop() if self._idle else None
        while True:
            asked = zygote or Zygote()
            try:
                ended = asked.ask(request, self._timeout_s)
            except TooSlow:
                asked.close()
                raise
            except (OSError, ValueError) as error:
                asked.close()
                if zygote is None:
                    raise Unavailable("the decoder went away") from error
                zygote = None  # it may have been killed while it was idle
            else:
                break
        with self._lock:
            self._idle.append(asked)
            self._highest_peak = max(self._highest_peak, ended.peak_bytes)
        return ended


def _close_all(zygotes: list[Zygote]) -> None:
    while zygotes:
        zygotes.pop().close()
