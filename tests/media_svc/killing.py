"""An object store around which the process dies at a chosen moment, before or after any of its calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from media_svc.ports import ObjectStore

QUIET = frozenset({"presign_put", "list", "read", "check"})
"""Calls that are the test's own or change nothing."""


class Killed(BaseException):
    """The process is gone: nothing that comes after runs, not even what catches every Exception."""


class DeadlyStore:
    """Dies at moment number `deadly`: even ones are before a call, odd ones after it had its effect."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.deadly: int | None = None
        self.moment = 0

    def arm(self, deadly: int | None) -> None:
        """Count moments anew, and die at this one."""
        self.moment, self.deadly = 0, deadly

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call: Callable[..., Any] = getattr(self._store, name)
        if name in QUIET:
            return call

        def dangerous(*args: Any, **kwargs: Any) -> Any:
            self._pass()
            try:
                return call(*args, **kwargs)
            finally:
                self._pass()

        return dangerous

    def _pass(self) -> None:
        now, self.moment = self.moment, self.moment + 1
        if now == self.deadly:
            raise Killed
