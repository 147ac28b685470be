"""quota-svc with the words of its domain, and strict stand-ins for the gateway's bot check and for chat-svc."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response, jsonify, request
from werkzeug.test import TestResponse

from chassis.auth import HEADER, Verifier
from chassis.config import Env
from chassis.errors import DomainError, Forbidden, Unavailable
from chassis.ids import derive, is_uuid7, uuid7
from chassis.testing import Harness, Keys
from chassis.web.app import problem_response


class Neighbours:
    """The gateway's bot check and chat-svc's settling, as strict as the real ones; tests set what they answer."""

    def __init__(self, keys: Keys) -> None:
        self.checks: list[dict[str, Any]] = []
        self.settled: list[dict[str, Any]] = []
        self.passes_bot_check = True
        self.gateway_is_away = False
        self.chat_answer: Callable[[dict[str, Any]], bool] = lambda _body: False
        jwks = Env({"KEYS": keys.jwks}).jwks("KEYS")
        self.gateway = self._app("gateway", jwks)
        self.chat = self._app("chat-svc", jwks)
        self.gateway.post("/internal/bot-checks")(self._check)
        self.chat.post("/internal/sends/settle")(self._settle)

    def _app(self, name: str, jwks: Any) -> Flask:
        app, verifier = Flask(name), Verifier(name, jwks)

        @app.before_request
        def only_quota_svc() -> None:
            assert verifier.verify(request.headers[HEADER]).issuer == "quota-svc"

        @app.errorhandler(DomainError)
        def refused(error: DomainError) -> Response:
            return problem_response(error)

        return app

    def _check(self) -> tuple[str, int]:
        body = request.get_json()
        assert set(body) == {"check_id", "bot_token", "action"}
        assert is_uuid7(body["check_id"])
        assert body["action"] == "permit"
        self.checks.append(body)
        if self.gateway_is_away:
            raise Unavailable()
        if not self.passes_bot_check:
            raise Forbidden(code="bot-check-failed")
        return "", 204

    def _settle(self) -> Response:
        body = request.get_json()
        assert set(body) == {"admission_id", "generation", "conversation_id", "sender_id", "client_id"}
        assert type(body["generation"]) is int
        self.settled.append(body)
        return jsonify(exists=self.chat_answer(body))


class Quota(Harness):
    """The service under test, with the words of its domain."""

    neighbours: Neighbours

    def mint(self, user_id: UUID) -> str:
        answer = self.user(user_id)("POST", "/v1/permits", {"bot_token": "human", "scope": "chat_send"})
        assert answer.status_code == 201, answer.json
        return str(answer.json["permit_id"])

    def open(self, user_id: UUID, companion_id: UUID, conversation_id: UUID | None = None) -> dict[str, Any]:
        answer = self.neighbour("chat-svc")(
            "POST",
            "/internal/quotas/open",
            {
                "user_id": str(user_id),
                "companion_id": str(companion_id),
                "conversation_id": str(conversation_id or uuid7()),
            },
        )
        assert answer.status_code == 200, answer.json
        return dict(answer.json)

    def post(self, path: str, body: Any, caller: str = "chat-svc") -> TestResponse:
        return self.neighbour(caller)("POST", path, body)

    def admit(self, body: dict[str, Any]) -> TestResponse:
        return self.post("/internal/admissions", body)

    def reverse(self, *admissions: tuple[str, int]) -> int:
        named = [{"admission_id": one, "generation": generation} for one, generation in admissions]
        answer = self.post("/internal/admissions/reverse", {"admissions": named}, "ai-svc")
        assert answer.status_code == 200, answer.json
        return int(answer.json["reversed"])

    def text_left(self, user_id: UUID, companion_id: UUID) -> int:
        answer = self.post("/internal/standing", {"user_id": str(user_id), "companion_ids": [str(companion_id)]})
        return int(answer.json["quotas"][str(companion_id)]["text"])

    def uses_left(self, permit_id: str) -> int:
        (row,) = self.rows("SELECT uses_left FROM permits WHERE id = %s", permit_id)
        return int(row[0])

    def rows(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        with self.service.database.reading():
            return self.service.database.rows(statement, params)

    def execute(self, statement: str, *params: object) -> int:
        with self.service.database.transaction():
            return self.service.database.execute(statement, params)

    def age(self, table: str, column: str, by: timedelta) -> None:
        """Let time pass for the rows of a table."""
        self.execute(f"UPDATE {table} SET {column} = {column} - %s", by)  # noqa: S608 - names from tests

    def at_once(self, calls: Sequence[Callable[[], TestResponse]]) -> list[TestResponse]:
        """All calls in parallel, let go at the same moment."""
        gate = threading.Barrier(len(calls))

        def run(call: Callable[[], TestResponse]) -> TestResponse:
            gate.wait(60)
            return call()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls))


class Person:
    """A user with an open conversation, who sends."""

    def __init__(self, quota: Quota) -> None:
        self.quota = quota
        self.id = uuid7()
        self.companion_id = uuid7()
        self.conversation_id = uuid7()
        quota.open(self.id, self.companion_id, self.conversation_id)

    def send(self, permit_id: str, client_id: UUID | None = None, **more: Any) -> dict[str, Any]:
        """The body of the admission of a send."""
        client = client_id or uuid4()
        return {
            "admission_id": str(derive(self.conversation_id, "send", self.id, client)),
            "user_id": str(self.id),
            "companion_id": str(self.companion_id),
            "conversation_id": str(self.conversation_id),
            "permit_id": permit_id,
            "scope": "chat_send",
            "spend": "text",
            "sender_id": str(self.id),
            "client_id": str(client),
            **more,
        }

    @property
    def text_left(self) -> int:
        return self.quota.text_left(self.id, self.companion_id)
