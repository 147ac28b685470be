"""A strict local stand-in for Cloudflare Turnstile's siteverify: form-encoded, tokens good once, answers as theirs."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, jsonify, request

from tests.stubs.http_server import serving

SECRET = "turnstile-secret"
SITE_KEY = "turnstile-site-key"
_MAX_TOKEN = 2048


class Turnstile:
    """`issue` gives tokens as the widget would. `misbehave`: None, "error" (500), "html", "hang", "internal-error"."""

    def __init__(self) -> None:
        self.url = ""
        self.misbehave: str | None = None
        self.seen: list[dict[str, str]] = []
        self._tokens: dict[str, dict[str, object]] = {}
        self._spent: dict[str, str | None] = {}
        self._lock = threading.Lock()
        self.hanging = threading.Event()
        self.app = Flask("turnstile")
        self.app.post("/turnstile/v0/siteverify")(self._siteverify)

    def issue(self, *, hostname: str = "duet.test", action: str | None = None) -> str:
        """A token that the widget would hand out on that page."""
        token = f"0.{uuid.uuid4().hex}"
        answer: dict[str, object] = {
            "success": True, "error-codes": [], "challenge_ts": "2026-11-20T07:30:00.000Z", "hostname": hostname,
            "cdata": "",
        }  # fmt: skip
        if action is not None:
            answer["action"] = action
        self._tokens[token] = answer
        return token

    def _siteverify(self) -> Response | tuple[Response, int]:
        assert request.mimetype in ("application/x-www-form-urlencoded", "application/json")
        form = {name: str(value) for name, value in request.form.items()}
        assert set(form) <= {"secret", "response", "remoteip", "idempotency_key"}, form
        with self._lock:
            self.seen.append(form)
        if self.misbehave == "hang":
            self.hanging.wait(20)
        if self.misbehave == "error":
            return jsonify(error="overloaded"), 500
        if self.misbehave == "html":
            return Response("<html>a proxy's page</html>", content_type="text/html")
        if self.misbehave == "internal-error":
            return _refused("internal-error")
        return self._judge(form)

    def _judge(self, form: dict[str, str]) -> Response:
        if form.get("secret") != SECRET:
            return _refused("invalid-input-secret" if form.get("secret") else "missing-input-secret")
        token, key = form.get("response", ""), form.get("idempotency_key")
        if not token:
            return _refused("missing-input-response")
        if key is not None:
            uuid.UUID(key)
        with self._lock:
            if len(token) > _MAX_TOKEN or token not in self._tokens:
                return _refused("invalid-input-response")
            if token in self._spent and (key is None or self._spent[token] != key):
                return _refused("timeout-or-duplicate")
            self._spent[token] = key
            return jsonify(self._tokens[token])


def _refused(code: str) -> Response:
    return jsonify({"success": False, "error-codes": [code], "messages": []})


@contextmanager
def running() -> Iterator[Turnstile]:
    """The stand-in on a free port."""
    stub = Turnstile()
    with serving(stub.app) as address:
        stub.url = f"{address}/turnstile/v0/siteverify"
        try:
            yield stub
        finally:
            stub.hanging.set()
