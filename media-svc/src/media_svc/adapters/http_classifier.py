"""A classifier behind HTTP, exactly as the setting NSFW_API_URL describes it."""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog

from chassis.upstream import HttpTransport, Reply
from chassis.web import strictjson
from media_svc.domain.policy import SEVERITY
from media_svc.ports import CheckUnavailable, Label, Sight, Verdict

log = structlog.get_logger("policy")

ANSWER_S = 20.0
LARGEST_ANSWER = 64 * 1024
LONGEST_NAME = 200
_FIELDS = {"flag", "labels", "minor"}


class HttpClassifier:
    """Asks an HTTP endpoint of the operator, which answers for all of MEDIA-4. For any thread.

    `seconds`: the time for one picture in all, from connecting to the last byte of the answer.
    """

    name = "http"
    sees: frozenset[Sight] = frozenset({"nudity", "minors", "acts", "gore", "symbols"})

    def __init__(self, url: str, key: str | None, seconds: float = ANSWER_S) -> None:
        parts = urlsplit(url)
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._key = key
        self._seconds = seconds
        # No connection is kept: one that the other side drops at the wrong moment would delay a check.
        self._transport = HttpTransport(url, keep=0)
        self.policy_version = f"http-{hashlib.sha256(url.encode()).hexdigest()[:8]}"

    def judge(self, picture: Path, content_type: str) -> Verdict:
        """The endpoint's verdict. Raises CheckUnavailable for everything that is not one."""
        headers = [
            ("Content-Type", content_type), ("Accept", "application/json"), ("Accept-Encoding", "identity"),
            ("Connection", "close"),
        ]  # fmt: skip
        if self._key is not None:
            headers.append(("Authorization", f"Bearer {self._key}"))
        try:
            reply = self._transport.open("POST", self._path, headers, picture.read_bytes(), self._seconds)
            try:
                body = _body_of(reply)
            finally:
                reply.close()
            return verdict_of(body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            log.warning("classifier_failed", provider=self.name, error=type(error).__name__, why=str(error)[:200])
            raise CheckUnavailable("the classifier gave no verdict") from error


def _body_of(reply: Reply) -> bytes:
    """Raises ValueError for an answer that can't be a verdict; a redirect is one."""
    if reply.status != 200:
        raise ValueError(f"status {reply.status}")
    content_type = (reply.header("content-type") or "").split(";")[0].strip().lower()
    if content_type != "application/json":
        raise ValueError("not application/json")
    return _at_most(reply.stream, LARGEST_ANSWER)


def _at_most(pieces: Iterable[bytes], limit: int) -> bytes:
    body = b""
    for piece in pieces:
        body += piece
        if len(body) > limit:
            raise ValueError("the answer is too long")
    return body


def verdict_of(body: bytes) -> Verdict:
    """Read an answer; exactly api.md's fields and types. Raises ValueError for anything else."""
    answer = strictjson.loads(body)
    if not isinstance(answer, dict) or set(answer) != _FIELDS:
        raise ValueError("not the fields of a verdict")
    flag, labels, minor = answer["flag"], answer["labels"], answer["minor"]
    known = next((one for one in SEVERITY if one == flag), None)
    if known is None:
        raise ValueError("unknown flag")
    if not isinstance(minor, bool):
        raise ValueError("minor is no boolean")
    if not isinstance(labels, list):
        raise ValueError("labels is no list")
    return Verdict(known, minor, tuple(_label_of(label) for label in labels))


def _label_of(value: Any) -> Label:
    if not isinstance(value, dict) or set(value) != {"name", "score"}:
        raise ValueError("not the fields of a label")
    name, score = value["name"], value["score"]
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise ValueError("a label without a usable name")
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise ValueError("a score that is not between 0 and 1")
    return Label(name, float(score))
