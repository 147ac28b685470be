"""chat-svc with strict stand-ins for its neighbours around it, and steps that many tests share."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from flask import Response, jsonify

from chassis.ids import uuid7
from chassis.testing import Caller, Harness, Keys
from tests.chat_svc.media_stand_in import Uploads
from tests.stubs.strict_neighbour import StrictNeighbour

T = TypeVar("T")
ADMISSION_FIELDS = {
    "admission_id", "user_id", "companion_id", "conversation_id", "permit_id", "scope", "spend", "sender_id",
    "client_id",
}  # fmt: skip


class Quota(StrictNeighbour):
    """quota-svc: permits and free texts are counted as the real one counts them."""

    def __init__(self, keys: Keys, database_url: str) -> None:
        super().__init__("quota-svc", "chat-svc", keys, database_url)
        self.permits: dict[str, int] = {}
        self.counters: dict[tuple[str, str], dict[str, int]] = {}
        self.opened: dict[tuple[str, str], str] = {}
        self.premium: set[str] = set()
        self.admissions: dict[str, dict[str, Any]] = {}
        self.standing_calls: list[list[str]] = []
        self.before_admitting: Callable[[], object] = lambda: None
        self.after_admitting: Callable[[dict[str, Any]], object] = lambda _admission: None
        self.loses_question = False
        self.loses_answer = False
        self.media_left = 100
        self.app.post("/internal/quotas/open")(self._open)
        self.app.post("/internal/standing")(self._standing)
        self.app.post("/internal/admissions")(self._admissions)

    def permit(self, uses: int = 1000) -> str:
        permit_id = str(uuid7())
        self.permits[permit_id] = uses
        return permit_id

    def reverse(self, admission_id: str) -> None:
        with self.lock:
            row = self.admissions[admission_id]
            row["state"] = "reversed"
            if row["spend"] == "text":
                self.counters[row["user_id"], row["companion_id"]]["text"] += row["spent"]
            else:
                self.media_left += row["spent"]

    def _open(self) -> Response:
        body = self.body({"user_id", "companion_id", "conversation_id"})
        if body is None:
            return self.refuse(422, "validation-failed")
        pair = body["user_id"], body["companion_id"]
        with self.lock:
            counter = self.counters.setdefault(pair, {"text": 10, "media": 2, "audio": 3})
            first = self.opened.setdefault(pair, body["conversation_id"])
            if first != body["conversation_id"]:
                return self.fault("opened under another conversation id")
            return jsonify(free_remaining=counter, premium_active=pair[0] in self.premium)

    def _standing(self) -> Response:
        body = self.body({"user_id", "companion_ids"})
        if body is None or len(body["companion_ids"]) > 100:
            return self.fault("standing")
        with self.lock:
            self.standing_calls.append(body["companion_ids"])
            user = body["user_id"]
            known = {one: self.counters[user, one] for one in body["companion_ids"] if (user, one) in self.counters}
            return jsonify(premium_active=user in self.premium, premium_until=None, quotas=known)

    def _admissions(self) -> Response:
        body = self.body(ADMISSION_FIELDS)
        if body is None or body["scope"] != "chat_send" or body["spend"] not in ("text", "media"):
            return self.fault("admission")
        if body["sender_id"] != body["user_id"]:
            return self.fault("sender is not the user")
        self.before_admitting()
        if self.loses_question:
            return self.refuse(503, "unavailable")
        with self.lock:
            answer = self._admit_locked(body)
        if answer.status_code == 200:
            self.after_admitting(self.admissions[body["admission_id"]])
        if self.loses_answer:
            return self.refuse(503, "unavailable")
        return answer

    def _admit_locked(self, body: dict[str, Any]) -> Response:
        row = self.admissions.get(body["admission_id"])
        if row is not None and row["state"] != "reversed":
            return jsonify(generation=row["generation"])
        if self.permits.get(body["permit_id"], 0) <= 0:
            return self.refuse(403, "permit-invalid")
        counter = self.counters[body["user_id"], body["companion_id"]]
        spent = 0 if body["user_id"] in self.premium else 1
        if body["spend"] == "text" and counter["text"] < spent:
            return self.refuse(402, "quota-exhausted")
        if body["spend"] == "media" and self.media_left < spent:
            refused = self.refuse(429, "rate-limited")
            refused.headers.update({"Retry-After": "4000", "RateLimit-Limit": "100", "RateLimit-Remaining": "0"})
            return refused
        self.permits[body["permit_id"]] -= 1
        if body["spend"] == "text":
            counter["text"] -= spent
        else:
            self.media_left -= spent
        generation = row["generation"] + 1 if row else 1
        self.admissions[body["admission_id"]] = {**body, "state": "admitted", "generation": generation, "spent": spent}
        return jsonify(generation=generation)


class Companions(StrictNeighbour):
    """ai-svc: the companions it knows."""

    def __init__(self, keys: Keys, database_url: str) -> None:
        super().__init__("ai-svc", "chat-svc", keys, database_url)
        self.known: dict[str, dict[str, Any]] = {}
        self.app.get("/internal/companions/<companion_id>")(self._find)

    def add(self, name: str = "Mira", **more: Any) -> str:
        companion_id = str(uuid7())
        self.known[companion_id] = {
            "id": companion_id, "name": name, "avatar_key": "companions/mira/avatar", "is_active": True,
            "engine": "offline", **more,
        }  # fmt: skip
        return companion_id

    def _find(self, companion_id: str) -> Response:
        if companion_id not in self.known:
            return self.refuse(404, "not-found")
        return jsonify(self.known[companion_id])


class Chat(Harness):
    """chat-svc under test with its neighbours, and the steps that most tests begin with."""

    def __init__(self, service: Any, keys: Keys, quota: Quota, ai: Companions, media: Uploads) -> None:
        super().__init__(service, keys)
        self.quota = quota
        self.ai = ai
        self.media = media
        self.as_ai = self.neighbour("ai-svc")
        self.as_gateway = self.neighbour("gateway")
        self.as_quota = self.neighbour("quota-svc")

    def row(self, statement: str, *params: Any) -> tuple[Any, ...]:
        with self.service.database.reading():
            found = self.service.database.row(statement, params)
        assert found is not None
        return found

    def count(self, table: str) -> int:
        return int(self.row(f"SELECT count(*) FROM {table}")[0])  # noqa: S608 - a test's own table name

    def conversation(self, user: Caller, companion_id: str | None = None) -> dict[str, Any]:
        answer = user("POST", "/v1/conversations", {"companion_id": companion_id or self.ai.add()})
        assert answer.status_code in (200, 201), answer.json
        return dict(answer.json)

    def draft(self, text: str = "Hello you", **more: Any) -> dict[str, Any]:
        return {
            "client_id": str(uuid.uuid4()), "permit_id": self.quota.permit(), "kind": "text", "text": text, **more,
        }  # fmt: skip

    def media_draft(self, upload_id: str, **more: Any) -> dict[str, Any]:
        return {
            "client_id": str(uuid.uuid4()), "permit_id": self.quota.permit(), "kind": "image", "upload_id": upload_id,
            **more,
        }  # fmt: skip

    def send(self, user: Caller, conversation_id: str, text: str = "Hello you", **more: Any) -> dict[str, Any]:
        answer = user("POST", f"/v1/conversations/{conversation_id}/messages", self.draft(text, **more))
        assert answer.status_code == 201, answer.json
        return dict(answer.json)

    def reply(
        self, conversation_id: str, message_ids: list[str], text: str = "Hi!", *, reply_id: str | None = None
    ) -> dict[str, Any]:
        answer = self.as_ai(
            "PUT",
            f"/internal/conversations/{conversation_id}/replies/{reply_id or uuid7()}",
            {"message_ids": message_ids, "kind": "text", "text": text, "engine": "offline"},
        )
        assert answer.status_code in (200, 201), answer.json
        return dict(answer.json)

    def fail(self, conversation_id: str, message_ids: list[str], *, reply_id: str | None = None) -> None:
        answer = self.as_ai(
            "PUT",
            f"/internal/conversations/{conversation_id}/replies/{reply_id or uuid7()}/failure",
            {"message_ids": message_ids},
        )
        assert answer.status_code == 200, answer.json

    def settle(self, admission: dict[str, Any]) -> bool:
        """What quota-svc asks about an admission of which it has heard nothing more."""
        fields = ("admission_id", "generation", "conversation_id", "sender_id", "client_id")
        answer = self.as_quota("POST", "/internal/sends/settle", {name: admission[name] for name in fields})
        assert answer.status_code == 200, answer.json
        return bool(answer.json["exists"])

    def messages(self, user: Caller, conversation_id: str, query: str = "") -> list[dict[str, Any]]:
        answer = user("GET", f"/v1/conversations/{conversation_id}/messages{query}")
        assert answer.status_code == 200, answer.json
        return list(answer.json["items"])


def in_parallel(count: int, run: Callable[[int], T]) -> list[T]:
    """`run(0)` … `run(count - 1)`, all started at the same moment."""
    ready = threading.Barrier(count)

    def start(number: int) -> T:
        ready.wait(60)
        return run(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(start, range(count)))
