"""media-svc between strict stand-ins for chat-svc, ai-svc and quota-svc, and the steps that many tests begin with."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, jsonify
from werkzeug.test import TestResponse

from chassis.ids import uuid7
from chassis.testing import Caller, Harness, Keys
from media_svc.ports import Ports
from tests.stubs.strict_neighbour import StrictNeighbour

T = TypeVar("T")


class _StandIn(StrictNeighbour):
    """A neighbour of media-svc, which can be made to talk nonsense."""

    def __init__(self, name: str, keys: Keys, database_url: str) -> None:
        super().__init__(name, "media-svc", keys, database_url)
        self.nonsense: bytes | None = None
        """What is answered, with a 200, in place of what was agreed."""
        self.app.before_request(self._talk_nonsense)

    def _talk_nonsense(self) -> Response | None:
        return None if self.nonsense is None else Response(self.nonsense, content_type="application/json")


class Chat(_StandIn):
    """chat-svc: who takes part in which conversation."""

    def __init__(self, keys: Keys, database_url: str) -> None:
        super().__init__("chat-svc", keys, database_url)
        self.conversations: dict[str, tuple[str, str]] = {}
        self.app.post("/internal/conversations/standing")(self._standing)

    def open(self, user_id: UUID, companion_id: UUID | None = None) -> UUID:
        """A conversation of this user with a companion."""
        conversation_id = uuid7()
        self.conversations[str(conversation_id)] = (str(user_id), str(companion_id or uuid7()))
        return conversation_id

    def _standing(self) -> Response:
        body = self.body({"user_id", "conversation_ids", "companion_ids"})
        if body is None:
            return self.refuse(422, "validation-failed")
        if max(len(body["conversation_ids"]), len(body["companion_ids"])) > 200:
            return self.fault("more than 200 ids")
        theirs = {one: companion for one, (user, companion) in self.conversations.items() if user == body["user_id"]}
        return jsonify(
            conversations=[
                {"conversation_id": one, "type": "companion", "companion_id": theirs[one]}
                for one in body["conversation_ids"]
                if one in theirs
            ],
            companion_ids=[one for one in body["companion_ids"] if one in theirs.values()],
        )


class Ai(_StandIn):
    """ai-svc: which companions there are."""

    def __init__(self, keys: Keys, database_url: str) -> None:
        super().__init__("ai-svc", keys, database_url)
        self.known: dict[str, bool] = {}
        self.app.get("/internal/companions/<companion_id>")(self._find)

    def add(self, *, is_active: bool = True) -> UUID:
        """A companion."""
        companion_id = uuid7()
        self.known[str(companion_id)] = is_active
        return companion_id

    def _find(self, companion_id: str) -> Response:
        if companion_id not in self.known:
            return self.refuse(404, "not-found")
        return jsonify(
            id=companion_id, name="Mira", avatar_key=None, is_active=self.known[companion_id], engine="offline"
        )


class Quota(_StandIn):
    """quota-svc: who is premium."""

    def __init__(self, keys: Keys, database_url: str) -> None:
        super().__init__("quota-svc", keys, database_url)
        self.premium: set[str] = set()
        self.app.post("/internal/standing")(self._standing)

    def _standing(self) -> Response:
        body = self.body({"user_id", "companion_ids"})
        if body is None:
            return self.refuse(422, "validation-failed")
        return jsonify(premium_active=body["user_id"] in self.premium, premium_until=None, quotas={})


class Media(Harness):
    """media-svc under test with its neighbours."""

    def __init__(self, service: Any, keys: Keys, ports: Ports, folder: Path, chat: Chat, ai: Ai, quota: Quota) -> None:
        super().__init__(service, keys)
        self.ports = ports
        self.folder = folder
        self.chat = chat
        self.ai = ai
        self.quota = quota
        self.as_chat = self.neighbour("chat-svc")
        self.as_ai = self.neighbour("ai-svc")
        self.as_gateway = self.neighbour("gateway")

    def rows(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        with self.service.database.reading():
            return self.service.database.rows(statement, params)

    def row(self, statement: str, *params: Any) -> tuple[Any, ...]:
        (found,) = self.rows(statement, *params)
        return found

    def execute(self, statement: str, *params: Any) -> None:
        with self.service.database.transaction():
            self.service.database.execute(statement, params)

    def announce(self, user: Caller, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create an upload and expect that it may be."""
        answer = user("POST", "/v1/uploads", body)
        assert answer.status_code == 201, answer.json
        return dict(answer.json)

    def put(self, created: Mapping[str, Any], data: bytes) -> int:
        """PUT the bytes as a browser does: no identity, the headers that it was told; the status."""
        answer = self.anonymous()("PUT", created["upload_url"], data=data, headers=dict(created["headers"]))
        return int(answer.status_code)

    def complete(self, user: Caller, upload_id: str) -> dict[str, Any]:
        answer = user("POST", f"/v1/uploads/{upload_id}/complete")
        assert answer.status_code in (200, 202), answer.json
        return dict(answer.json)

    def get(self, user: Caller, upload_id: str) -> dict[str, Any]:
        answer = user("GET", f"/v1/uploads/{upload_id}")
        assert answer.status_code == 200, answer.json
        return dict(answer.json)

    def work(self) -> None:
        """Run the jobs that are due."""
        while self.run_loop("processing"):
            pass

    def upload(self, user_id: UUID, data: bytes, **more: Any) -> dict[str, Any]:
        """Announce, PUT, complete and process an upload; by default a chat picture. What its owner then sees."""
        role = more.pop("role", "user")
        user = self.user(user_id, role)
        body = {"purpose": "chat", "kind": "image", "content_type": "image/jpeg", "size": len(data), **more}
        if body["purpose"] == "chat" and "conversation_id" not in body:
            body["conversation_id"] = str(self.chat.open(user_id))
        created = self.announce(user, body)
        assert self.put(created, data) == 200
        assert self.complete(user, created["upload_id"])["status"] == "processing"
        self.work()
        return self.get(user, created["upload_id"])

    def claim(self, user_id: UUID, upload: Mapping[str, Any], **more: Any) -> TestResponse:
        """What chat-svc asks when the upload is sent."""
        body = {
            "send_id": str(uuid7()), "user_id": str(user_id), "conversation_id": upload["conversation_id"],
            "kind": upload["kind"], **more,
        }  # fmt: skip
        return self.as_chat("POST", f"/internal/uploads/{upload['upload_id']}/claim", body)

    def objects(self) -> dict[str, bytes]:
        """What lies in the store, by key."""
        store = self.ports.store
        return {found.key: b"".join(store.read(found.key, 0, found.size)) for found in store.list("")}


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def in_parallel(count: int, run: Callable[[int], T]) -> list[T]:
    """`run(0)` … `run(count - 1)`, all started at the same moment."""
    ready = threading.Barrier(count)

    def start(number: int) -> T:
        ready.wait(60)
        return run(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(start, range(count)))
