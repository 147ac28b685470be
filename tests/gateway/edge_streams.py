"""What tests of the stream share: the services it asks, strict about it, and a client that reads it as a browser."""

from __future__ import annotations

import http.client
import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, jsonify, request

from chassis.auth import HEADER, Verifier
from chassis.contracts.chat import MessagePosted
from chassis.ids import uuid7
from chassis.testing import Keys
from chassis.upstream import Network, WsgiTransport


class Neighbours:
    """chat-svc, quota-svc and media-svc as the stream sees them: strict about who calls and what is asked."""

    def __init__(self, keys: Keys) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.away = False
        self.hidden: set[tuple[str, int]] = set()
        self.companions: dict[str, str] = {}
        self.chat = self._app("chat-svc", keys)
        self.quota = self._app("quota-svc", keys)
        self.media = self._app("media-svc", keys)
        self.gone: set[str] = set()
        self.media.post("/internal/uploads:batch")(self._uploads)
        self.chat.post("/internal/messages:batch")(self._messages)
        self.chat.post("/internal/conversations:batch")(self._conversations)
        self.quota.post("/internal/standing")(self._standing)
        self.network = Network(
            transports={
                "chat-svc": WsgiTransport(lambda: self.chat),
                "quota-svc": WsgiTransport(lambda: self.quota),
                "media-svc": WsgiTransport(lambda: self.media),
            }
        )

    def _app(self, name: str, keys: Keys) -> Flask:
        app = Flask(name)
        verifier = Verifier(name, json.loads(keys.jwks)["keys"])

        @app.before_request
        def check() -> Any:
            identity = verifier.verify(request.headers[HEADER])
            assert (identity.issuer, identity.role) == ("gateway", "service")
            if self.away:
                return jsonify(code="unavailable", detail="away"), 503
            return None

        return app

    def _messages(self) -> Any:
        body = request.get_json()
        assert set(body) == {"viewer", "refs"}
        assert 0 < len(body["refs"]) <= 200
        self.asked.append(("messages", body))
        return jsonify(items=[self.message(body["viewer"], ref["conversation_id"], ref["seq"]) for ref in body["refs"]])

    def message(self, viewer: str, conversation_id: str, seq: int) -> dict[str, Any] | None:
        if (conversation_id, seq) in self.hidden:
            return None
        return {"conversation_id": conversation_id, "seq": seq, "text": f"text {seq}", "for": viewer}

    def _conversations(self) -> Any:
        body = request.get_json()
        assert set(body) == {"viewer", "ids"}
        assert 0 < len(body["ids"]) <= 100
        self.asked.append(("conversations", body))
        return jsonify(
            items=[
                {"id": one, "companion_id": self.companions.setdefault(one, str(uuid.uuid4())), "free_remaining": None,
                 "premium_active": False}
                for one in body["ids"]
            ]
        )  # fmt: skip

    def _uploads(self) -> Any:
        body = request.get_json()
        assert set(body) == {"viewer", "ids"}
        assert 0 < len(body["ids"]) <= 200
        self.asked.append(("uploads", body))
        return jsonify(
            items=[
                None if one in self.gone else {"upload_id": one, "status": "completed", "for": body["viewer"]}
                for one in body["ids"]
            ]
        )

    def _standing(self) -> Any:
        body = request.get_json()
        assert set(body) == {"user_id", "companion_ids"}
        assert len(body["companion_ids"]) <= 100
        self.asked.append(("standing", body))
        return jsonify(
            premium_active=True,
            premium_until="2027-01-01T00:00:00.000Z",
            quotas={one: {"text": 9, "media": 2, "audio": 3} for one in body["companion_ids"]},
        )


@dataclass(frozen=True)
class Received:
    """One event as a client gets it."""

    event: str
    id: str | None
    data: Any


class StreamClient:
    """Reads a stream as a browser would, over HTTP."""

    def __init__(
        self, url: str, user_id: Any, session_id: str = "s1", *, last_event_id: str | None = None, timeout: float = 60.0
    ) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
        headers = {"Authorization": f"Bearer {user_id}/{session_id}"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        self._connection.request("GET", "/v1/stream", headers=headers)
        self.response = self._connection.getresponse()
        self.status = self.response.status
        self.last_id: str | None = None
        self.comments = 0

    def next(self) -> Received | None:
        """The next event; None where the stream has ended. Comments are counted and skipped."""
        fields: dict[str, str] = {}
        while True:
            line = self.response.readline()
            if not line:
                return None
            text = line.decode().rstrip("\n")
            if text.startswith(":"):
                self.comments += 1
            elif text:
                name, _colon, value = text.partition(": ")
                fields[name] = value
            elif "event" in fields:
                self.last_id = fields.get("id", self.last_id)
                return Received(fields["event"], fields.get("id"), json.loads(fields["data"]))
            else:
                fields = {}

    def take(self, count: int) -> list[Received]:
        found = []
        for _ in range(count):
            one = self.next()
            assert one is not None, f"the stream ended after {found}"
            found.append(one)
        return found

    def until(self, event: str) -> list[Received]:
        """Everything up to and with the first event of that name."""
        found: list[Received] = []
        while not found or found[-1].event != event:
            found += self.take(1)
        return found

    def close(self) -> None:
        self.response.close()
        self._connection.close()

    def __enter__(self) -> StreamClient:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def posted(conversation_id: uuid.UUID, seq: int, *recipients: uuid.UUID) -> MessagePosted:
    """A text message; the first of the recipients sent it."""
    return MessagePosted(uuid7(), conversation_id, seq, recipients[0], list(recipients), "text", uuid7(), 1)


def seqs(events: list[Received], event: str = "message.created") -> list[int]:
    """The seqs that the events of a name tell, in the order in which they came."""
    return [one.data["seq"] for one in events if one.event == event]
