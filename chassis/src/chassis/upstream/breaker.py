"""Stops calling a neighbour that does not answer, so that its callers do not wait for it one by one."""

from __future__ import annotations

import threading
import time


class Breaker:
    """Opens after `threshold` failures in a row and lets one trial through every `cooldown` seconds until one works."""

    def __init__(self, *, threshold: int = 5, cooldown: float = 2.0) -> None:
        self._threshold = threshold
        self._cooldown = cooldown
        self._failures = 0
        self._retry_at = 0.0
        self._lock = threading.Lock()

    def allow(self) -> bool:
        """Whether a call may go out now."""
        with self._lock:
            if self._failures < self._threshold:
                return True
            now = time.monotonic()
            if now < self._retry_at:
                return False
            self._retry_at = now + self._cooldown
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= self._threshold:
                self._retry_at = time.monotonic() + self._cooldown

    @property
    def is_open(self) -> bool:
        return self._failures >= self._threshold
