"""A classifier over HTTP on a script: strict about what it is asked, faulty in every way such a server can be.

Without a script it judges by the dominant colour of the picture (`COLOURS`), so that a test decides by what it uploads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyvips

from tests.stubs.scripted_http import ScriptedHandler, ScriptedServer, Violation

KEY = "nsfw-stub-0815"
PATH = "/v2/check"
QUERY = "model=stub"
COLOURS: Mapping[str, tuple[int, int, int]] = {
    "soft": (240, 220, 30),
    "erotic": (240, 30, 220),
    "blocked": (230, 20, 20),
    "minor": (20, 20, 230),
}
"""Average colours (RGB) of pictures that get these verdicts; whatever is not near one is safe."""
NEAR = 70.0
"""How far from one of them, in RGB, an average may be after two lossy encodings."""
_MAGIC = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "image/webp": b"RIFF"}

Behaviour = Callable[["Handler"], None]
"""How one request is answered."""


@dataclass(frozen=True)
class Asked:
    """One picture that was asked about."""

    content_type: str
    body: bytes


class Handler(ScriptedHandler):
    """What media-svc asks its classifier."""

    def read_request(self, body: bytes) -> Asked:
        if fault := self._fault(body):
            raise Violation(fault)
        return Asked(self.headers["Content-Type"], body)

    def do_GET(self) -> None:
        self.server.stub.violations.append(f"GET {self.path}")
        self.send_error(405)

    def _fault(self, body: bytes) -> str | None:
        if self.path != f"{PATH}?{QUERY}":
            return f"path {self.path}"
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            return "another or no key"
        content_type = self.headers.get("Content-Type", "")
        if content_type not in _MAGIC:
            return f"content type {content_type}"
        if not body.startswith(_MAGIC[content_type]):
            return f"a body that is no {content_type}"
        return None

    def reply(self, status: int, body: bytes, content_type: str = "application/json", **headers: str) -> None:
        """A whole answer of a known length."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class ClassifierServer(ScriptedServer):
    """Judges by colour where the script says nothing else."""

    def __init__(self) -> None:
        super().__init__(Handler, by_colour)

    @property
    def url(self) -> str:
        return f"{self.address}{PATH}?{QUERY}"

    def environment(self) -> dict[str, str]:
        """The settings that make this server media-svc's classifier."""
        return {"MEDIA_CLASSIFIER": "http", "NSFW_API_URL": self.url, "NSFW_API_KEY": KEY}


def judged(flag: str, *, minor: bool = False, labels: Sequence[tuple[str, float]] = ()) -> Behaviour:
    """A proper verdict."""
    told = [{"name": name, "score": score} for name, score in labels]
    return raw(json.dumps({"flag": flag, "labels": told, "minor": minor}).encode())


def by_colour(handler: Handler) -> None:
    """The verdict whose colour of `COLOURS` is near the average of the picture; `minor` is safe but for the minor."""
    picture = pyvips.Image.new_from_buffer(handler.asked.body, "").colourspace("srgb")
    average = [picture.extract_band(band).avg() for band in range(3)]
    nearest = min(COLOURS, key=lambda name: _distance(average, COLOURS[name]))
    name = nearest if _distance(average, COLOURS[nearest]) <= NEAR else "safe"
    flag = "safe" if name == "minor" else name
    judged(flag, minor=name == "minor", labels=[(f"stub-{name}", 0.9)])(handler)


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    return float(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5)


def raw(body: bytes, *, status: int = 200, content_type: str = "application/json") -> Behaviour:
    """Any body at all."""
    return lambda handler: handler.reply(status, body, content_type)


def failing(status: int) -> Behaviour:
    """An error."""
    return raw(b'{"error": "stub"}', status=status)


def redirecting(url: str) -> Behaviour:
    """Somewhere else."""
    return lambda handler: handler.reply(307, b"", Location=url)


def garbage(handler: Handler) -> None:
    """What a proxy says in front of a dead server."""
    handler.reply(200, b"<!doctype html><html><body>Bad gateway</body></html>", "text/html")


def no_http(handler: Handler) -> None:
    """Nothing that HTTP knows."""
    handler.wfile.write(b"\x00\x01\x02 nonsense\r\n\r\n")
    handler.close_connection = True


def cut_off(handler: Handler) -> None:
    """Half of an answer."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "60")
    handler.end_headers()
    handler.wfile.write(b'{"flag": "safe", "labels"')
    handler.abort()


def outage(handler: Handler) -> None:
    """No answer, and the connection is gone."""
    handler.abort()


def silent(handler: Handler) -> None:
    """No answer at all until the server stops."""
    handler.server.stub.stopping.wait()
    handler.close_connection = True


def dripping(handler: Handler) -> None:
    """A byte now and then: never silent for long, never finished."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "60000")
    handler.end_headers()
    for _ in range(60_000):
        handler.wfile.write(b" ")
        if handler.server.stub.stopping.wait(0.02):
            break
    handler.close_connection = True


def endless(handler: Handler) -> None:
    """An answer without end, as fast as it is taken."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    while not handler.server.stub.stopping.is_set():
        handler.wfile.write(b" " * 8192)
    handler.close_connection = True


def slowly(seconds: float, then: Behaviour) -> Behaviour:
    """Another behaviour, later."""

    def behave(handler: Handler) -> None:
        handler.server.stub.stopping.wait(seconds)
        then(handler)

    return behave
