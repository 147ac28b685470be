"""The parent's end of a zygote: starts it, asks it for one file at a time, kills it and its child when it is late."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.errors import Unavailable

_START_S = 60.0
_LONGEST_ANSWER = 4_096
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from sandbox.zygote import main; main()"
_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "VIPS_BLOCK_UNTRUSTED": "1",
    "VIPS_CONCURRENCY": "1",
    "VIPS_DISC_THRESHOLD": "16g",
}
"""All that a zygote knows of the outside: no setting and no secret of the service. One thread each for pictures, as
several files are worked on at once; a thread of numpy would forbid the fork. Large pictures stay in memory: a child can
open no temporary file."""


class TooSlow(Exception):
    """The child did not end in time, and is no more."""


@dataclass(frozen=True)
class Ended:
    """How a child ended: exit status or signal, and what it took of memory (bytes, its peak) and processor time."""

    exit: int | None
    signal: int | None
    peak_bytes: int
    cpu_s: float


class Zygote:
    """One running zygote. For one caller at a time."""

    def __init__(self) -> None:
        """Raises Unavailable with what it said when it does not come up behind a barrier that holds."""
        # Isolated (-I): neither the environment nor the folder of the service says what is imported.
        command = [sys.executable, "-I", "-B", "-c", _PROGRAM, str(Path(__file__).parent)]
        with tempfile.TemporaryFile() as errors:
            self._process = subprocess.Popen(
                command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
            try:
                hello = self._answer(time.monotonic() + _START_S)
            except (OSError, TooSlow) as error:
                self.close()
                errors.seek(0)
                said = errors.read().decode("utf-8", "replace").strip().rsplit("\n", 1)[-1][:200]
                raise Unavailable(f"the decoder does not start: {said or error}") from error
        if hello.get("ready") is not True:
            self.close()
            raise Unavailable("the decoder's barrier (seccomp) does not hold on this system: nothing is decoded")

    def ask(self, request: dict[str, Any], timeout_s: float) -> Ended:
        """Have a child work on one file. Raises TooSlow or OSError; then the zygote has to be closed."""
        deadline = time.monotonic() + timeout_s
        if self._process.stdin is None:
            raise OSError("the zygote has no input")
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        return Ended(**self._answer(deadline))

    def close(self) -> None:
        """Kill it and its child, if there is one."""
        # Not reaped yet, so its number, which is its group's too, still is its own.
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _answer(self, deadline: float) -> dict[str, Any]:
        """The next line. Raises TooSlow, or OSError when the zygote is gone or talks nonsense."""
        if self._process.stdout is None:
            raise OSError("the zygote has no output")
        output, line = self._process.stdout.fileno(), b""
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([output], [], [], left)[0]:
                raise TooSlow
            piece = os.read(output, _LONGEST_ANSWER)
            if not piece or len(line) > _LONGEST_ANSWER:
                raise OSError("the zygote is gone")
            line += piece
        answer = json.loads(line)
        if not isinstance(answer, dict):
            raise OSError("the zygote does not answer")
        return answer
