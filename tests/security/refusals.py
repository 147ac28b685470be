"""How a refusal must look: a known problem, one line in the log, nothing of ours in it; and who may ask for what."""

from __future__ import annotations

import io
import json
import re
from typing import Any

from werkzeug.test import TestResponse

from chassis.config import NEIGHBOURS
from chassis.ids import uuid7
from chassis.testing import problem
from tests.security.attacks import CANARY
from tests.security.in_process import InProcess
from tests.security.route_matrix import MATRIX

KNOWN_PROBLEMS = {
    400: {"malformed", "invalid-code"},
    401: {"unauthenticated", "invalid-credentials"},
    402: {"quota-exhausted"},
    403: {
        *("forbidden", "underage", "bot-check-failed", "banned", "csrf-failed", "wrong-origin", "permit-invalid"),
        *("signature-invalid", "signature-expired", "uploads-stopped"),
    },
    404: {"not-found"},
    405: {"method-not-allowed"},
    409: {
        *("conflict", "email-taken", "username-taken", "client-id-reused", "companion-unavailable", "reply-settled"),
        *("nothing-to-regenerate", "reply-in-progress", "reply-id-reused", "not-likeable", "spend-mismatch"),
        *("not-uploaded", "in-use", "upload-not-ready", "upload-blocked", "upload-already-used", "spend-returned"),
    },
    413: {"too-large"},
    415: {"unsupported-type"},
    422: {"validation-failed"},
}


class Log:
    """What the platform logs, as lines."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def take(self) -> list[dict[str, Any]]:
        """The lines since the last time; each must be one JSON object without a canary in it."""
        text = self.stream.getvalue()
        self.stream.seek(0)
        self.stream.truncate()
        assert CANARY not in text
        return [json.loads(line) for line in text.splitlines()]


def created(answer: TestResponse) -> dict[str, Any]:
    """What was created."""
    assert answer.status_code == 201, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    return body


def allowed(service: str, route: str) -> str:
    """Somebody whom the route serves; where it looks at signatures rather than people, an admin."""
    row = MATRIX[service][route]
    return next((who for who in ("admin", *NEIGHBOURS) if row[who] not in (401, 403)), "admin")


def filled(route: str, known: dict[str, str]) -> tuple[str, str]:
    """Method and path with ids that are there, where there are any."""
    method, path = route.split()
    return method, re.sub(r"\{([a-z_]+)\}", lambda found: known.get(found[1]) or str(uuid7()), path)


def refused_or_served(answer: TestResponse, what: str) -> int:
    """The status; never a failure, every refusal a known problem, nothing injected into the headers."""
    status = answer.status_code
    assert status < 500, f"{what}: {status} {answer.get_data(as_text=True)[:500]}"
    if status >= 400:
        body = problem(answer)
        assert body["code"] in KNOWN_PROBLEMS[status], f"{what}: {status} {body['code']}"
        assert "Traceback" not in json.dumps(body)
    assert re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", answer.headers["X-Request-Id"]), what
    assert "X-Injected" not in answer.headers, what
    assert not any(c in value for _name, value in answer.headers for c in "\r\n"), what
    return status


def one_line(log: Log, service: str, status: int, what: str) -> None:
    """A refusal is told once: method, route, status, and no more."""
    lines = [line for line in log.take() if line.get("service") == service]
    assert [line["status"] for line in lines if line["event"] == "http_request"] == [status], f"{what}: {lines}"
    if status in (400, 404, 405, 413, 415, 422):
        # Refused logins and the like are facts of their own, told besides.
        assert len(lines) == 1, f"{what}: {lines}"


def document(duet: InProcess, service: str) -> dict[str, Any]:
    """What a service says about its routes."""
    found: dict[str, Any] = duet.services[service].app.extensions["duet_api"].spec.to_dict()
    return found


def latin(text: str) -> str:
    """As a server puts bytes into the WSGI environment."""
    return text.encode().decode("latin-1")
