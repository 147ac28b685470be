"""The body of a request on its way to a service, read ahead: a slow client keeps a greenlet of ours waiting, never one
of the service's few threads."""

from __future__ import annotations

import io
import sys
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Request

from chassis.errors import Malformed
from chassis.web.app import MAX_BODY_BYTES

IN_MEMORY = 64 * 1024
"""What is read ahead beyond that waits in a file."""
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
"""The largest object that a client may put (MEDIA-2)."""
CHUNK = 64 * 1024


class CutShort(Malformed):
    """The client stopped in the middle of its request: no fault of the service that was to get it."""


class AheadBody(io.RawIOBase):
    """At most `ahead` bytes read before the service is called, and then the rest as the client sends it.

    A longer body is passed on as it comes: a service that takes no more than this refuses it without reading.
    """

    def __init__(self, source: IO[bytes], length: int | None, ahead: int = MAX_BODY_BYTES) -> None:
        self._source = source
        self._ahead = ahead
        self._left = length
        self._kept = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with this object
        if length is None or length <= ahead:
            self._read_ahead()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._kept.read(len(buffer)) or self._pull(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._kept.close()
        super().close()

    def _read_ahead(self) -> None:
        size = 0
        while size < self._ahead and (chunk := self._pull(min(CHUNK, self._ahead - size))):
            self._kept.write(chunk)
            size += len(chunk)
        self._kept.seek(0)

    def _pull(self, size: int) -> bytes:
        """The next bytes from the client, b"" at the end. Raises CutShort."""
        wanted = size if self._left is None else min(size, self._left)
        if not wanted:
            return b""
        try:
            chunk = self._source.read(wanted)
        except OSError as error:
            raise CutShort("The request ended early.") from error
        if self._left is not None:
            if not chunk:
                raise CutShort("The request ended early.")
            self._left -= len(chunk)
        return chunk


def body_of(incoming: Request, ahead: int = MAX_BODY_BYTES) -> AheadBody | bytes | None:
    """The request's body; None where a method that has none came without. Raises CutShort.

    The gateway sets no limit of its own: the service that reads the body knows what it takes.
    """
    length = incoming.content_length
    if not length and "chunked" not in incoming.headers.get("Transfer-Encoding", "").lower():
        return None if incoming.method in ("GET", "HEAD") else b""
    incoming.max_content_length = sys.maxsize
    return AheadBody(incoming.stream, length or None, ahead)
