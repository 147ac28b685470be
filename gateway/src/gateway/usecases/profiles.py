"""Profiles (PROF-1): one's own, and what others see of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import peewee

from chassis.db import Database
from chassis.errors import Conflict, NotFound, Unauthenticated
from chassis.upstream import Upstream
from gateway import domain
from gateway.domain import Account
from gateway.models.accounts import User
from gateway.queries import accounts


class Profiles:
    """Reads and changes profiles; premium is asked of quota-svc at that moment."""

    def __init__(self, database: Database, quota: Upstream) -> None:
        self._database = database
        self._quota = quota

    def mine(self, user_id: str) -> dict[str, Any]:
        """The caller's own profile with premium. Raises Unavailable when quota-svc is away."""
        with self._database.reading():
            found = accounts.by_id(self._database, user_id)
        return self._with_premium(found)

    def change(self, user_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change the fields given. Raises Conflict `username-taken`; of parallel claims of a name one wins."""
        fields = {getattr(User, name): value for name, value in changes.items()}
        if "username" in changes:
            fields[User.username_key] = changes["username"].lower()
        try:
            with self._database.transaction():
                if fields:
                    User.update(fields).where(User.id == user_id).execute()
                found = accounts.by_id(self._database, user_id)
        except peewee.IntegrityError as error:
            raise Conflict("This username is taken.", code="username-taken") from error
        return self._with_premium(found)

    def of(self, username: str) -> Account:
        """The account whose public profile is asked for, ignoring case. Raises NotFound."""
        if not domain.is_username(username):
            raise NotFound()
        with self._database.reading():
            found = accounts.by_username(self._database, username)
        if found is None:
            raise NotFound()
        return found

    def _with_premium(self, found: Account | None) -> dict[str, Any]:
        if found is None:
            raise Unauthenticated()
        standing = self._quota.call("POST", "/internal/standing", {"user_id": str(found.id), "companion_ids": []})
        until = standing["premium_until"]
        return {
            **vars(found),
            "premium_until": datetime.fromisoformat(until) if until else None,
            "premium_active": bool(standing["premium_active"]),
        }
