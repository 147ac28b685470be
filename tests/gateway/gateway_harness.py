"""The gateway under test, strict stand-ins for quota-svc and media-svc, and people who sign in."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, jsonify, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.auth import Verifier
from chassis.errors import Conflict, DomainError, Malformed, NotFound
from chassis.ids import uuid7
from chassis.service import Service
from chassis.testing import Harness, Keys
from chassis.web.app import by_identity_header

PASSWORD = "correct horse battery"
BIRTH_DATE = "1990-12-31"


class QuotaStandIn:
    """quota-svc as far as the gateway's accounts need it: strict about what it is asked and by whom."""

    def __init__(self, keys: Keys) -> None:
        self.premium_until: dict[str, str] = {}
        self.is_away = False
        self.app = Flask("quota-stand-in")
        authenticate = by_identity_header(Verifier("quota-svc", _jwks(keys)))

        @self.app.post("/internal/standing")
        def standing() -> Response | tuple[Response, int]:
            identity = authenticate(request)
            assert identity is not None
            assert (identity.role, identity.issuer) == ("service", "gateway")
            body = request.get_json()
            if self.is_away:
                return jsonify({"code": "unavailable", "status": 503}), 503
            if set(body) != {"user_id", "companion_ids"} or not isinstance(body["companion_ids"], list):
                raise Malformed()
            until = self.premium_until.get(body["user_id"])
            quotas = {one: {"text": 10, "media": 2, "audio": 3} for one in body["companion_ids"]}
            return jsonify({"premium_active": until is not None, "premium_until": until, "quotas": quotas})

        @self.app.errorhandler(DomainError)
        def refused(error: DomainError) -> tuple[Response, int]:
            return jsonify(error.to_problem("stand-in")), error.status


class MediaStandIn:
    """media-svc as far as profiles need it: uploads by id, each with its owner, and what else is said of one."""

    def __init__(self, keys: Keys) -> None:
        self.owners: dict[str, str] = {}
        self.refusals: dict[str, DomainError] = {}
        self.used: dict[str, str] = {}
        self.is_away = False
        self.app = Flask("media-stand-in")
        authenticate = by_identity_header(Verifier("media-svc", _jwks(keys)))

        @self.app.post("/internal/uploads/<upload_id>/use")
        def use(upload_id: str) -> Response | tuple[Response, int]:
            identity = authenticate(request)
            assert identity is not None
            assert (identity.role, identity.issuer) == ("service", "gateway")
            body = request.get_json()
            assert set(body) == {"use_id", "user_id", "purpose", "companion_id"}
            assert (body["purpose"], body["companion_id"]) == ("avatar", None)
            if self.is_away:
                return jsonify({"code": "unavailable", "status": 503}), 503
            if self.owners.get(upload_id) != body["user_id"]:
                raise NotFound()
            if upload_id in self.refusals:
                raise self.refusals[upload_id]
            if self.used.setdefault(upload_id, body["use_id"]) != body["use_id"]:
                raise Conflict(code="upload-already-used")
            return jsonify({"key": avatar_key(body["user_id"], upload_id), "version": 3})

        @self.app.errorhandler(DomainError)
        def refused(error: DomainError) -> tuple[Response, int]:
            return jsonify(error.to_problem("stand-in")), error.status

    def upload(self, owner: Person, refusal: DomainError | None = None) -> str:
        """The id of a picture that somebody has uploaded; a refusal: why it can't be used."""
        upload_id = str(uuid7())
        self.owners[upload_id] = owner.id
        if refusal is not None:
            self.refusals[upload_id] = refusal
        return upload_id


def avatar_key(user_id: str, upload_id: str) -> str:
    """Where an avatar lies."""
    return f"avatars/{user_id}/{upload_id}/full.jpg"


class Person:
    """Somebody with a client of their own, signed in by tokens once registered."""

    def __init__(self, gateway: GatewayHarness, email: str) -> None:
        self.client: FlaskClient = gateway.service.app.test_client()
        self.email = email
        self.password = PASSWORD
        self.session: dict[str, Any] = {}

    @property
    def id(self) -> str:
        return str(self.session["user"]["id"])

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self.session.get("access_token"):
            headers.setdefault("Authorization", f"Bearer {self.session['access_token']}")
        return self.client.open(path, method=method, json=json, headers=headers, **options)

    def sign_in(self, **more: Any) -> TestResponse:
        """Log in and use the new session from now on."""
        body = {"email": self.email, "password": self.password, "bot_token": "x", **more}
        answer = self.client.post("/v1/auth/login", json=body)
        if answer.status_code == 200:
            self.session = answer.json or {}
        return answer


class GatewayHarness(Harness):
    """The gateway under test, and who comes to it."""

    def __init__(self, service: Service, keys: Keys, quota: QuotaStandIn, media: MediaStandIn) -> None:
        super().__init__(service, keys)
        self.quota = quota
        self.media = media

    def register(self, email: str | None = None, **more: Any) -> Person:
        """A new person with an account, signed in by tokens."""
        person = Person(self, email or f"{secrets.token_hex(6)}@example.com")
        answer = self.try_register(person.email, client=person.client, **more)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        person.session = answer.json or {}
        return person

    def try_register(self, email: str, *, client: FlaskClient | None = None, **more: Any) -> TestResponse:
        """Register, whatever the answer."""
        body = {"email": email, "password": PASSWORD, "birth_date": BIRTH_DATE, "bot_token": "x", **more}
        return (client or self.stranger()).post(
            "/v1/auth/register", json={name: value for name, value in body.items() if value is not None}
        )

    def admin(self) -> Person:
        """A person who is an admin."""
        person = self.register()
        self.service.usecases.admin.create_admin(person.email)
        return person

    def sql(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        """Look into, or age, the rows of the gateway; statements without a result give none."""
        with self.service.database.transaction():
            cursor = self.service.database.peewee.execute_sql(statement, params)
            return list(cursor.fetchall()) if cursor.description else []


def refresh(gateway: GatewayHarness, token: str) -> TestResponse:
    """Refresh, whatever the answer."""
    return gateway.stranger().post("/v1/auth/refresh", json={"refresh_token": token})


def body(answer: TestResponse) -> Any:
    """What an answer that must be a success says."""
    assert answer.status_code < 400, answer.get_data(as_text=True)
    return answer.get_json()


def me(gateway: GatewayHarness, token: str) -> TestResponse:
    """Ask who a token signs in."""
    return gateway.stranger().get("/v1/me", headers={"Authorization": f"Bearer {token}"})


def browser(gateway: GatewayHarness, person: Person, **headers: str) -> tuple[FlaskClient, str]:
    """A client signed in by cookie, and its CSRF token."""
    client = gateway.service.app.test_client()
    credentials = {"email": person.email, "password": person.password, "bot_token": "x", "cookie": True}
    answer = client.post("/v1/auth/login", json=credentials, headers=headers)
    assert body(answer) == {"user": person.session["user"]}
    cookie = client.get_cookie("duet_csrf")
    assert cookie is not None
    return client, cookie.value


def _jwks(keys: Keys) -> list[Mapping[str, str]]:
    return [{str(k): str(v) for k, v in key.items()} for key in json.loads(keys.jwks)["keys"]]
