"""A chat completions server on a script: strict about what it is asked, faulty in every way a model server can be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from tests.stubs.scripted_http import ScriptedHandler, ScriptedServer, Violation

KEY = "sk-stub-4711"
MODEL = "stub-model"
TEXT = "Hello you, how was your day?"
ANSWER = json.dumps({"type": "text", "text": TEXT, "tags": []})
_REQUIRED = {"model", "messages", "temperature", "max_tokens", "stream"}

Behaviour = Callable[["Handler"], None]
"""How one request is answered."""


class Handler(ScriptedHandler):
    """What ai-svc asks a chat completions endpoint."""

    def read_request(self, body: bytes) -> dict[str, Any]:
        asked: dict[str, Any] = json.loads(body)
        if fault := self._fault(asked):
            raise Violation(fault)
        return asked

    def _fault(self, body: dict[str, Any]) -> str | None:
        if self.path != "/v1/chat/completions":
            return f"path {self.path}"
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            return f"authorization {self.headers.get('Authorization')}"
        if self.headers.get("Content-Type") != "application/json":
            return f"content type {self.headers.get('Content-Type')}"
        if set(body) - {"response_format"} != _REQUIRED:
            return f"fields {sorted(body)}"
        if (body["model"], body["temperature"], body["max_tokens"], body["stream"]) != (MODEL, 0.8, 220, True):
            return f"values {body}"
        roles = [message.get("role") for message in body["messages"]]
        if roles[:1] != ["system"] or not set(roles[1:]) <= {"user", "assistant"}:
            return f"roles {roles}"
        if any(set(message) != {"role", "content"} for message in body["messages"]):
            return "a message with other fields"
        return None

    def reply(self, status: int, content_type: str, body: bytes) -> None:
        """A whole answer of a known length."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin_events(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        """One chunk of a body of unknown length; an empty one ends it."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


class ModelServer(ScriptedServer):
    """Streams a friendly answer where the script says nothing else."""

    def __init__(self) -> None:
        super().__init__(Handler, streamed())

    @property
    def base_url(self) -> str:
        return self.address

    def environment(self, place: str) -> dict[str, str]:
        """The settings that make this server the `PRIMARY` or `FALLBACK` endpoint."""
        return {
            f"LLM_BASE_URL_{place}": self.base_url + "/v1/",
            f"LLM_API_KEY_{place}": KEY,
            f"LLM_MODEL_{place}": MODEL,
        }


def event(piece: str | None = None, finish: str | None = None) -> bytes:
    """One event of a streamed answer."""
    delta = {} if piece is None else {"content": piece}
    body = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def streamed(answer: str = ANSWER, size: int = 7) -> Behaviour:
    """A proper stream in pieces of `size` characters."""
    pieces = [answer[at : at + size] for at in range(0, len(answer), size)]
    return events([event(""), *map(event, pieces), event(finish="stop"), b"data: [DONE]\n\n"])


def events(chunks: Iterable[bytes], *, cut: bool = False) -> Behaviour:
    """These chunks as an event stream that ends properly, or by a cut connection."""
    kept = list(chunks)

    def behave(handler: Handler) -> None:
        handler.begin_events()
        for chunk in kept:
            handler.chunk(chunk)
        if cut:
            handler.abort()
        else:
            handler.chunk(b"")

    return behave


def whole(answer: str | None = ANSWER, content_type: str = "application/json") -> Behaviour:
    """One JSON object although a stream was asked for."""
    message = {"role": "assistant", "content": answer}
    body = {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    return raw(json.dumps(body).encode(), content_type=content_type)


def raw(body: bytes, *, status: int = 200, content_type: str = "application/json") -> Behaviour:
    """Any body at all."""
    return lambda handler: handler.reply(status, content_type, body)


def failing(status: int) -> Behaviour:
    """An error as OpenAI words it."""
    return raw(json.dumps({"error": {"message": "stub", "type": "stub"}}).encode(), status=status)


def refusing_formats(*accepted: str | None) -> Behaviour:
    """400 unless `response_format` is one of these types (None: absent)."""

    def behave(handler: Handler) -> None:
        body = handler.server.stub.requests[-1]
        if body.get("response_format", {}).get("type") in accepted:
            streamed()(handler)
        else:
            failing(400)(handler)

    return behave


def html(handler: Handler) -> None:
    """What a proxy says in front of a dead model."""
    handler.reply(200, "text/html", b"<!doctype html><html><body>Bad gateway</body></html>")


def silent(handler: Handler) -> None:
    """No answer at all until the server stops."""
    handler.server.stub.stopping.wait()
    handler.close_connection = True


def stalling(handler: Handler) -> None:
    """The first words, and then nothing any more."""
    handler.begin_events()
    handler.chunk(event('{"type":"text","text":"Well, I wanted to say that '))
    silent(handler)


def dripping(handler: Handler) -> None:
    """A byte now and then: never silent for long, never finished."""
    handler.begin_events()
    for byte in b": " + b"." * 10_000:
        handler.chunk(bytes([byte]))
        if handler.server.stub.stopping.wait(0.02):
            break
    handler.close_connection = True


def dripping_headers(handler: Handler) -> None:
    """Not even the headers come to an end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(10_000):
        handler.wfile.write(b".")
        if handler.server.stub.stopping.wait(0.02):
            break
    handler.close_connection = True


def endless(handler: Handler) -> None:
    """Text without end, as fast as it is taken."""
    handler.begin_events()
    handler.chunk(event('{"type":"text","text":"'))
    while not handler.server.stub.stopping.is_set():
        handler.chunk(event("and on and on ") * 20)
    handler.close_connection = True
