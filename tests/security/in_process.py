"""The platform in one process without workers, called directly as anybody there is."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from psycopg2.extensions import parse_dsn
from werkzeug.test import TestResponse

from chassis.auth import ANONYMOUS, GATEWAY, HEADER
from chassis.config import NEIGHBOURS
from chassis.service import Service
from chassis.testing import Keys, environment, prepare
from chassis.upstream import Network, WsgiTransport
from deploy import catalogue

PEOPLE = ("user", "moderator", "admin")
IDENTITIES = ("stranger", ANONYMOUS, *PEOPLE, *NEIGHBOURS)
"""A direct call without identity, a visitor vouched for by the gateway, people by role, services as callers."""
PASSWORD = "correct horse battery"


class Account:
    """Somebody with a role at the gateway."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.email = f"{role}-{secrets.token_hex(6)}@example.com"
        self.id = ""
        self.token = ""


class InProcess:
    """Five services that call each other as WSGI apps."""

    def __init__(self, database_url: str) -> None:
        self.keys = Keys()
        network = Network(transports={name: WsgiTransport(self._app_of(name)) for name in NEIGHBOURS})
        self.services: dict[str, Service] = {}
        for name in NEIGHBOURS:
            env = environment(name, database_url, self.keys, RATE_LIMIT_FACTOR="0", LOG_LEVEL="info")
            self.services[name] = catalogue.create(name, env, network)
            prepare(self.services[name])
        self._signers = {name: self.keys.signer(name) for name in NEIGHBOURS}
        self.accounts = {role: self._registered(role) for role in PEOPLE}
        self.sign_in_again()

    def call(
        self, service: str, who: str, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> TestResponse:
        """One request to a service's own app, with what that caller would bring."""
        client = self.services[service].app.test_client()
        return client.open(
            path, method=method, headers={**self.credentials(service, who), **(headers or {})}, **options
        )

    def credentials(self, service: str, who: str) -> dict[str, str]:
        """The headers by which a service knows the caller."""
        if who == "stranger":
            return {}
        if who in PEOPLE and service == GATEWAY:
            return {"Authorization": f"Bearer {self.accounts[who].token}"}
        if who in NEIGHBOURS:
            return {HEADER: self._signers[who].service_token(service)}
        subject, role = (self.accounts[who].id, who) if who in PEOPLE else (ANONYMOUS, ANONYMOUS)
        return {HEADER: self._signers[GATEWAY].token(service, subject=subject, role=role, session_id="test")}

    def sign_in_again(self) -> None:
        """New sessions for those who have lost theirs: some routes end it."""
        for account in self.accounts.values():
            if self._gateway("GET", "/v1/me", token=account.token).status_code == 401:
                account.token = self._sign_in(account)

    def close(self) -> list[str]:
        """Close the connections; the names of the databases that were made."""
        for service in self.services.values():
            service.database.close()
        return [parse_dsn(service.basis.config.dsn)["dbname"] for service in self.services.values()]

    def _app_of(self, name: str) -> Callable[[], Any]:
        return lambda: self.services[name].app

    def _gateway(self, method: str, path: str, body: Any = None, token: str = "") -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.services[GATEWAY].app.test_client().open(path, method=method, json=body, headers=headers)

    def _registered(self, role: str) -> Account:
        account = Account(role)
        body = {"email": account.email, "password": PASSWORD, "birth_date": "1990-05-17", "bot_token": "x"}
        answer = self._gateway("POST", "/v1/auth/register", body)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        account.id = str(answer.get_json()["user"]["id"])
        if role == "admin":
            self.services[GATEWAY].usecases.admin.create_admin(account.email)
        elif role == "moderator":
            self.services[GATEWAY].usecases.admin.set_role(account.id, role, actor=account.id)
        return account

    def _sign_in(self, account: Account) -> str:
        body = {"email": account.email, "password": PASSWORD, "bot_token": "x"}
        answer = self._gateway("POST", "/v1/auth/login", body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return str(answer.get_json()["access_token"])
