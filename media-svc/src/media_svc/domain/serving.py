"""An object as the local edge serves it: whole or a range of it (RFC 9110, 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=\s*(?:([0-9]{1,18})\s*-\s*([0-9]{1,18})?|-\s*([0-9]{1,18}))\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Served:
    """An object that may be seen; `size` in bytes."""

    key: str
    content_type: str
    size: int
    sha256: str

    @property
    def etag(self) -> str:
        """Names the bytes; they never change."""
        return f'"{self.sha256}"'


@dataclass(frozen=True)
class Span:
    """`length` bytes from `start`."""

    start: int
    length: int


class NotSatisfiable(Exception):
    """The range lies behind the object's end."""


def span_of(header: str | None, size: int) -> Span | None:
    """What a Range header asks for; None: the whole, also for what is no single byte range, as RFC 9110 lets us.

    Raises NotSatisfiable.
    """
    found = _RANGE.fullmatch(header) if header else None
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        if length == 0:
            raise NotSatisfiable
        return Span(size - length, length)
    start, end = int(first), int(last) if last is not None else size - 1
    if last is not None and end < start:
        return None
    if start >= size:
        raise NotSatisfiable
    return Span(start, min(end, size - 1) - start + 1)
