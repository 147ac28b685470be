"""What a way to a neighbour looks like, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Protocol

Headers = Sequence[tuple[str, str]]
OF_ONE_CONNECTION = frozenset(("connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"))


@dataclass
class Reply:
    """An answer whose body is still to be read. `close` must be called; reading to the end is not required.

    `stream` raises OSError or HTTPException where the body ends too early.
    """

    status: int
    headers: Headers
    stream: Iterable[bytes]
    close: Callable[[], None]

    def header(self, name: str) -> str | None:
        """The value of a header (`name` in lower case), the first one where there are several."""
        return next((value for given, value in self.headers if given.lower() == name), None)


class Transport(Protocol):
    """One neighbour that can be called. Raises OSError or HTTPException when it can't.

    `timeout`: how many seconds in all may be spent waiting for the neighbour, its body included.
    """

    def open(
        self, method: str, path: str, headers: Headers, body: bytes | IO[bytes] | None, timeout: float
    ) -> Reply: ...
