"""Reads the answer of a chat completions endpoint: server-sent events, or one JSON object where a server ignored that
streaming was asked for. Trusts neither the content type nor the end of the stream."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import Any

from ai_svc.ports import TryFailed

MAX_BYTES = 1024 * 1024
MAX_CONTENT = 65_536
"""More text than any reply may have: what comes after it is not read."""
_BLANK = b"\xef\xbb\xbf \t\r\n"
_BEGINNINGS_OF_EVENTS = b"deir:"


class _Capped:
    """The chunks of a body up to MAX_BYTES."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._total = 0
        self._pushed_back = b""
        self.full = False

    def push_back(self, chunk: bytes) -> None:
        self._pushed_back = chunk

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._pushed_back:
            chunk, self._pushed_back = self._pushed_back, b""
            return chunk
        if self._total >= MAX_BYTES:
            self.full = True
            raise StopIteration
        chunk = next(self._chunks)
        self._total += len(chunk)
        return chunk


def answer_pieces(chunks: Iterator[bytes]) -> Generator[str, None, None]:
    """The text of the answer, piece by piece. Raises TryFailed where there is none or it does not end properly.

    A body that goes on beyond every limit is an answer as far as it was read.
    """
    body = _Capped(chunks)
    head = b""
    for chunk in body:
        head += chunk
        if head.strip(_BLANK):
            break
    start = head.lstrip(_BLANK)[:1]
    body.push_back(head)
    if start == b"{":
        yield _whole(b"".join(body))
    elif start and start in _BEGINNINGS_OF_EVENTS:
        yield from _events(body)
    else:
        raise TryFailed("malformed")


def _whole(raw: bytes) -> str:
    piece, _ended, said_something = _read(raw.strip(_BLANK))
    if not said_something:
        raise TryFailed("malformed")
    return piece


def _events(body: _Capped) -> Generator[str, None, None]:
    length, answering = 0, False
    for line in _lines(body):
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if not data:
            continue
        if data == b"[DONE]":
            if answering:
                return
            raise TryFailed("malformed")
        piece, ended, has_choice = _read(data)
        answering = answering or has_choice
        if piece:
            length += len(piece)
            yield piece
        if ended or length > MAX_CONTENT:
            return
    if not (body.full and length):
        raise TryFailed("cut-off" if answering else "malformed")


def _lines(body: _Capped) -> Iterator[bytes]:
    rest = b""
    for chunk in body:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    yield rest


def _read(raw: bytes) -> tuple[str, bool, bool]:
    """The text of one object, whether it ends the answer, and whether it is part of an answer at all."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise TryFailed("malformed") from None
    if not isinstance(value, dict):
        raise TryFailed("malformed")
    if value.get("error"):
        raise TryFailed("server-error")
    choices = value.get("choices")
    if not isinstance(choices, list):
        raise TryFailed("malformed")
    if not choices:
        return "", False, False
    choice = choices[0]
    if not isinstance(choice, dict):
        raise TryFailed("malformed")
    holder = choice.get("delta") or choice.get("message") or {"content": choice.get("text")}
    if not isinstance(holder, dict):
        raise TryFailed("malformed")
    return _text(holder.get("content")), choice.get("finish_reason") is not None, True


def _text(content: Any) -> str:
    if content is None:
        return ""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    if not isinstance(content, str):
        raise TryFailed("malformed")
    return content
