"""What stand-ins for the neighbours of a service share: they believe that service only, and judge every body."""

import threading
from typing import Any

from flask import Flask, Response, g, jsonify, request

from chassis import auth
from chassis.auth import Verifier
from chassis.config import Common
from chassis.testing import Keys, environment


class StrictNeighbour:
    """A neighbour that answers only `caller`'s own signed calls, and only bodies with exactly the agreed fields."""

    def __init__(self, name: str, caller: str, keys: Keys, database_url: str) -> None:
        self._caller = caller
        config = Common.from_env(environment(name, database_url, keys), name)
        self._verifier = Verifier(name, config.public_keys)
        self.lock = threading.Lock()
        self.faults: list[str] = []
        self.is_down = False
        self.calls: list[str] = []
        self.app = Flask(f"stand-in {name}")
        self.app.config["PROPAGATE_EXCEPTIONS"] = False
        self.app.before_request(self._admit)

    def _admit(self) -> Response | None:
        self.calls.append(request.path)
        if self.is_down:
            return self.refuse(503, "unavailable")
        identity = self._verifier.verify(request.headers.get(auth.HEADER, ""))
        if (identity.issuer, identity.role) != (self._caller, auth.SERVICE):
            return self.fault(f"called as {identity}")
        g.caller = identity
        return None

    def fault(self, text: str) -> Response:
        self.faults.append(text)
        return self.refuse(422, "validation-failed")

    @staticmethod
    def refuse(status: int, code: str) -> Response:
        response = jsonify(type=f"/problems/{code}", title=code, status=status, detail=f"{code}.", code=code)
        response.status_code = status
        return response

    def body(self, fields: set[str]) -> dict[str, Any] | None:
        """The body where it has exactly these fields; else None, and the fault is noted."""
        given = request.get_json()
        if set(given) != fields:
            self.fault(f"{request.path} got {sorted(given)}")
            return None
        return dict(given)
