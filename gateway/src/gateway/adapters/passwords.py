"""Argon2id with OWASP's parameters, a few at a time; and which passwords are too common."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Callable
from typing import TypeVar

import argon2
import gevent
import gevent.monkey
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from gateway.domain import too_many

T = TypeVar("T")

AT_ONCE = 2
PATIENCE_S = 5.0
"""A rush of two hundred gets through."""
MEMORY_KIB = 19 * 1024


class Argon2Hasher:
    """Hashes at most two passwords at once in this process: each takes 19 MiB and some 40 ms of a core.

    `patience_s`: how long a caller waits for its turn before it is told to come again.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._argon2 = argon2.PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1)
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._nobodys = self._argon2.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """The encoded hash. Raises RateLimited when it would take too long to get a turn."""
        return self._in_turn(lambda: self._argon2.hash(_bytes(password)))

    def verify(self, hashed: str | None, password: str) -> bool:
        """Whether they match; None (nobody's hash) takes as long and never does. Raises RateLimited."""

        def matches() -> bool:
            try:
                return self._argon2.verify(hashed or self._nobodys, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False

        return self._in_turn(matches) and hashed is not None

    def _in_turn(self, work: Callable[[], T]) -> T:
        if not self._turns.acquire(timeout=self._patience_s):
            raise too_many(AT_ONCE, 1)
        try:
            if gevent.monkey.is_module_patched("threading"):
                # In a green process a native thread hashes, so that the other requests go on meanwhile.
                result: T = gevent.get_hub().threadpool.apply(work)
                return result
            return work()
        finally:
            self._turns.release()


def common_passwords() -> frozenset[str]:
    """The most common passwords, casefolded.

    All lists of zxcvbn, for each holds only what is in no other: `basketball` is a common word before it is a password.
    """
    return frozenset(entry.casefold() for entries in FREQUENCY_LISTS.values() for entry in entries)


def _bytes(password: str) -> bytes:
    """The same bytes however a keyboard composes the characters."""
    return unicodedata.normalize("NFKC", password).encode()
