"""The known-bad hash list (MEDIA_HASHLIST): a file of SHA-256 and PDQ hashes, read again whenever it changes.

A file that can't be read as a whole is no list at all: until it is mended, nothing is judged, so that neither a typing
error nor half a copy lets through what the list names.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import structlog

from chassis.config import ConfigError
from media_svc.config import PolicyConfig
from media_svc.ports import CheckUnavailable

log = structlog.get_logger("policy")

DEFAULT_DISTANCE = 31
LARGEST_DISTANCE = 127
"""Of 256 bits: from here on, a PDQ hash matches half of all pictures there are."""
SETTLED_S = 0.5
"""A file that was changed less than so many seconds ago may still be in the middle of being written."""
LONGEST_WAIT_S = 5.0
_LINE = re.compile(
    r"sha256:(?P<sha256>[0-9a-f]{64})|pdq:(?P<pdq>[0-9a-f]{64})(?::(?P<distance>[0-9]{1,3}))?", re.ASCII | re.IGNORECASE
)

Stamp = tuple[int, int, int, int]
"""What tells one version of a file from another: inode, size, and when it and its entry were changed."""


class UnreadableLine(ValueError):
    """The line that makes a list unusable, counted from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line} {why}")
        self.line = line


@dataclass(frozen=True)
class _Hashes:
    """A list as it is searched: PDQ hashes as four 64-bit words each, with the distance that counts as a match."""

    sha256s: frozenset[str]
    pdq: npt.NDArray[np.uint64]
    distances: npt.NDArray[np.uint16]

    def match(self, sha256s: Sequence[str], pdq: Sequence[str]) -> bool:
        if not self.sha256s.isdisjoint(one.lower() for one in sha256s):
            return True
        return any(self._is_near(one) for one in pdq)

    def _is_near(self, pdq: str) -> bool:
        apart = np.bitwise_count(self.pdq ^ _words([pdq])).sum(axis=1, dtype=np.uint16)
        return bool((apart <= self.distances).any())


def _words(pdq: Sequence[str]) -> npt.NDArray[np.uint64]:
    return np.frombuffer(bytes.fromhex("".join(pdq)), dtype=np.uint64).reshape(-1, 4)


def read_hashes(lines: Iterable[str]) -> _Hashes:
    """A list from its lines; empty lines and those that start with `#` say nothing. Raises UnreadableLine."""
    sha256s: set[str] = set()
    pdq: list[str] = []
    distances: list[int] = []
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise UnreadableLine(number, "is neither sha256:<64 hex digits> nor pdq:<64 hex digits>[:distance]")
        if found["sha256"]:
            sha256s.add(found["sha256"].lower())
            continue
        distance = int(found["distance"] or DEFAULT_DISTANCE)
        if distance > LARGEST_DISTANCE:
            raise UnreadableLine(number, f"has a distance beyond {LARGEST_DISTANCE}")
        pdq.append(found["pdq"])
        distances.append(distance)
    return _Hashes(frozenset(sha256s), _words(pdq), np.array(distances, dtype=np.uint16))


class FileHashList:
    """The list in a file. For any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._hashes: _Hashes | None = None

    def matches(self, sha256s: Sequence[str], pdq: Sequence[str]) -> bool:
        """Whether any of these is on the list as it is now. Raises CheckUnavailable while the file is unusable."""
        try:
            hashes = self.load()
        except (OSError, ValueError) as error:
            raise CheckUnavailable("the hash list can't be read") from error
        return hashes.match(sha256s, pdq)

    def load(self) -> _Hashes:
        """The list, read again if the file is another one. Raises OSError, ValueError; both are logged."""
        with self._lock:
            try:
                if self._hashes is None or _stamp(self._path) != self._stamp:
                    self._hashes = None
                    self._stamp, self._hashes = self._read()
                    log.info("hash_list_read", sha256=len(self._hashes.sha256s), pdq=len(self._hashes.distances))
                return self._hashes
            except UnreadableLine as error:
                log.error("hash_list_refused", line=error.line)
                raise
            except (OSError, ValueError) as error:
                log.error("hash_list_refused", error=type(error).__name__)
                raise

    def _read(self) -> tuple[Stamp, _Hashes]:
        gives_up = time.monotonic() + LONGEST_WAIT_S
        while time.monotonic() < gives_up:
            before = _stamp(self._path)
            age = time.time() - self._path.stat().st_mtime
            if 0 <= age < SETTLED_S:
                time.sleep(SETTLED_S - age)
                continue
            text = self._path.read_text(encoding="ascii")
            if not text:
                raise ValueError("the file is empty: a list without hashes has at least a comment")
            if _stamp(self._path) == before:
                return before, read_hashes(text.splitlines())
        raise ValueError("the file does not stop changing")


def _stamp(path: Path) -> Stamp:
    state = os.stat(path)
    return state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


class NoHashList:
    """No list is configured."""

    def matches(self, sha256s: Sequence[str], pdq: Sequence[str]) -> bool:
        """Nothing is on it."""
        return False


def hash_list_of(config: PolicyConfig) -> FileHashList | NoHashList:
    """The list that MEDIA_HASHLIST names. Raises ConfigError for a file that can't be read as one at start."""
    if config.hash_list is None:
        return NoHashList()
    found = FileHashList(config.hash_list)
    try:
        found.load()
    except (OSError, ValueError) as error:
        reason = error if isinstance(error, UnreadableLine) else type(error).__name__
        raise ConfigError(f"MEDIA_HASHLIST can't be used: {reason}") from error
    return found
