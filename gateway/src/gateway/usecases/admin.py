"""Accounts as admins see and change them (AUTH-5)."""

from __future__ import annotations

import secrets
from uuid import UUID

import structlog

from chassis.db import Database
from chassis.errors import Conflict, Invalid, NotFound
from gateway import domain
from gateway.domain import Account
from gateway.ports import Announcer, PasswordHasher
from gateway.queries import accounts
from gateway.usecases.accounts import Accounts

log = structlog.get_logger("admin")


class Admin:
    """Finding accounts and appointing admins and moderators."""

    def __init__(self, database: Database, users: Accounts, hasher: PasswordHasher, announcer: Announcer) -> None:
        self._database = database
        self._users = users
        self._hasher = hasher
        self._announcer = announcer

    def search(self, text: str, *, before: str | None, limit: int) -> list[Account]:
        """Accounts whose e-mail, username or name contains `text`, the newest first."""
        with self._database.reading():
            return accounts.search(self._database, text, before=before, limit=limit)

    def set_role(self, user_id: str, role: str | None, *, actor: str) -> Account:
        """Give or take a role; it acts on the user's next request, and open streams end. Raises NotFound, and
        Conflict `last-admin` where nobody would be left to appoint others."""
        with self._database.transaction():
            admins = {str(row[0]) for row in self._database.rows(
                "SELECT id FROM users WHERE role = 'admin' ORDER BY id FOR UPDATE"
            )}  # fmt: skip
            found = accounts.by_id(self._database, user_id)
            if found is None:
                raise NotFound()
            if role != "admin" and admins == {user_id}:
                raise Conflict("The last admin can't step down.", code="last-admin")
            changed = self._database.execute(
                "UPDATE users SET role = %s, version = version + 1 WHERE id = %s AND role IS DISTINCT FROM %s",
                (role, user_id, role),
            )
            found = accounts.by_id(self._database, user_id)
            affected = accounts.session_ids(self._database, user_id) if changed else []
        if found is None:
            raise NotFound()
        if affected:
            self._announcer.close_sessions(affected)
        log.info("role_changed", user_id=user_id, actor_id=actor, role=role, changed=bool(changed))
        return found

    def create_admin(self, email: str) -> tuple[UUID, str | None]:
        """Make an existing account an admin, else make one with a password that is told once: (id, password | None).

        Raises Invalid for what is no e-mail address.
        """
        email = domain.normal_email(email)
        if not domain.is_email(email):
            raise Invalid("That is not an e-mail address.", errors={"email": ["Not a valid email address."]})
        known = self._users.find_by_email(email)
        if known is None:
            password = secrets.token_urlsafe(12)
            hashed = self._hasher.hash(password)
            with self._database.transaction():
                made = self._users.create(email, hashed, None, role="admin")
            if made is not None:
                log.info("admin_made", user_id=str(made))
                return made, password
            known = self._users.find_by_email(email)
            if known is None:
                raise NotFound()
        self.set_role(str(known), "admin", actor="command-line")
        return known, None
