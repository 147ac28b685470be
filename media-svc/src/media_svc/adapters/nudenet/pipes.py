"""A child process that is spoken to in messages over its stdin and stdout, each within a time limit."""

from __future__ import annotations

import os
import select
import struct
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

LENGTH = struct.Struct("!I")
LARGEST_ANSWER = 1024 * 1024
CLOSE_S = 2.0
_CHUNK = 64 * 1024


class ChildFailed(Exception):
    """The child was too slow or said something that is no message; it is of no more use."""


class ChildEnded(ChildFailed):
    """The child is gone."""


class Child:
    """One child process. Not for several threads at once.

    It is told to end by the end of its stdin, which comes also when this process is killed.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(environment),
            bufsize=0, close_fds=True, start_new_session=True,
        )  # fmt: skip
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("a child without pipes")
        self._in, self._out = self._process.stdin, self._process.stdout
        for pipe in (self._in, self._out):
            os.set_blocking(pipe.fileno(), False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, message: bytes, seconds: float) -> bytes:
        """Send a message, and the answer to it. Raises ChildFailed."""
        ends = time.monotonic() + seconds
        left = memoryview(LENGTH.pack(len(message)) + message)
        while left:
            self._wait(self._in.fileno(), select.POLLOUT, ends)
            try:
                left = left[os.write(self._in.fileno(), left[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise ChildEnded("ended") from error
        return self._message(ends)

    def answer(self, seconds: float) -> bytes:
        """The next message of the child. Raises ChildFailed."""
        return self._message(time.monotonic() + seconds)

    def close(self) -> None:
        """Let it end by itself, or else end it."""
        self._in.close()
        try:
            self._process.wait(CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._out.close()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        with suppress(OSError):  # what was not written yet is lost with it
            self._in.close()
        self._out.close()

    def _message(self, ends: float) -> bytes:
        (length,) = LENGTH.unpack(self._read(LENGTH.size, ends))
        if length > LARGEST_ANSWER:
            raise ChildFailed("an answer that is too long")
        return self._read(length, ends)

    def _read(self, size: int, ends: float) -> bytes:
        body = b""
        while len(body) < size:
            self._wait(self._out.fileno(), select.POLLIN, ends)
            try:
                piece = os.read(self._out.fileno(), size - len(body))
            except BlockingIOError:
                continue
            if not piece:
                raise ChildEnded("ended")
            body += piece
        return body

    @staticmethod
    def _wait(fd: int, event: int, ends: float) -> None:
        poll = select.poll()
        poll.register(fd, event)
        left = ends - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise ChildFailed("too slow")
