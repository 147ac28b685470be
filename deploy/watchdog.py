"""Stops started servers when the process that owns them is gone, however it went (also by kill -9).

The owner keeps a pipe to a small child; the end of the owner closes the pipe, and the child then stops whatever it was
told to guard. Run as a script this file is that child: it must import nothing of Duet.
"""

import atexit
import contextlib
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

STOP_SECONDS = 20.0


class Watchdog:
    """One child that guards any number of processes of this process. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._guarded: dict[int, str] = {}

    def guard(self, pid: int, stop_signal: signal.Signals) -> None:
        """Have the process `pid` sent `stop_signal`, and SIGKILL 20 s later, once this process is gone."""
        line = f"guard {pid} {psutil.Process(pid).create_time()!r} {int(stop_signal)}\n"
        with self._lock:
            self._guarded[pid] = line
            self._tell(line)

    def forget(self, pid: int) -> None:
        """Guard `pid` no longer, as it was stopped."""
        with self._lock:
            if self._guarded.pop(pid, None) is not None:
                self._tell(f"forget {pid}\n")

    def close(self) -> None:
        """Stop what is still guarded and end the child. A later `guard` starts a new child."""
        with self._lock:
            child, self._child = self._child, None
            self._guarded.clear()
        if child is not None:
            _hang_up(child)

    def _tell(self, line: str) -> None:
        if self._child is not None and self._child.poll() is not None:
            _hang_up(self._child)  # somebody killed the guard: the next one has to know everything
            self._child = None
        if self._child is None:
            atexit.register(self.close)
            self._child = subprocess.Popen(
                [sys.executable, "-P", __file__], stdin=subprocess.PIPE, start_new_session=True, cwd="/", text=True
            )
            line = "".join(self._guarded.values())
        assert self._child.stdin is not None  # noqa: S101 - tells mypy what PIPE means
        self._child.stdin.write(line)
        self._child.stdin.flush()


def _hang_up(child: subprocess.Popen[str]) -> None:
    if child.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
    child.wait()


def stop_process(pid: int, created: float, stop_signal: int) -> None:
    """Stop one process and wait for its end; nothing happens if it is gone or another process has its number by now."""
    try:
        process = psutil.Process(pid)
        if process.create_time() != created:
            return
        process.send_signal(stop_signal)
        deadline = time.monotonic() + STOP_SECONDS
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                process.kill()
                return
            time.sleep(0.05)
    except psutil.NoSuchProcess:
        return


def all_ended(name: str, folder: Path, within: float) -> bool:
    """Whether every process of that name that works in a folder ends within so many seconds; returns once all have."""
    deadline = time.monotonic() + within
    while any(_works_in(process, name, folder) for process in psutil.process_iter()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _works_in(process: psutil.Process, name: str, folder: Path) -> bool:
    try:
        return bool(process.name() == name and process.cwd() == str(folder))
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False  # gone, or somebody else's


def main() -> None:
    """Keep the list of guarded processes from the lines on stdin, and stop them in order at its end."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)  # a stop of the whole group must not take the guard first
    guarded: dict[int, tuple[float, int]] = {}
    for line in sys.stdin:
        match line.split():
            case ["guard", pid, created, stop_signal]:
                guarded[int(pid)] = (float(created), int(stop_signal))
            case ["forget", pid]:
                guarded.pop(int(pid), None)
    for number, (started, how) in guarded.items():
        stop_process(number, started, how)


if __name__ == "__main__":
    main()
