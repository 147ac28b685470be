"""Reads of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.db import Database
from gateway.domain import Account

_COLUMNS = (
    "id, email, role, username, name, birth_date, country, avatar_key, earn_on, mature_opt_in, banned_at, created_at"
)


@dataclass(frozen=True)
class Credentials:
    """What a log-in compares with."""

    user_id: UUID
    password_hash: str
    is_banned: bool


def by_id(database: Database, user_id: UUID | str) -> Account | None:
    """The account with that id."""
    return _one(database, "id = %s", user_id)


def by_email(database: Database, email: str) -> Account | None:
    """The account with that normalised e-mail."""
    return _one(database, "email = %s", email)


def by_username(database: Database, username: str) -> Account | None:
    """The account with that username, ignoring case."""
    return _one(database, "username_key = %s", username.lower())


def credentials(database: Database, email: str) -> Credentials | None:
    """What the account with that normalised e-mail signs in with."""
    row = database.row("SELECT id, password_hash, banned_at IS NOT NULL FROM users WHERE email = %s", (email,))
    return Credentials(*row) if row else None


def search(database: Database, text: str, *, before: UUID | str | None, limit: int) -> list[Account]:
    """Accounts whose e-mail, username or name contains `text`, or whose id it is; the newest first."""
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    statement = f"SELECT {_COLUMNS} FROM users WHERE (%s = '' OR email ILIKE %s OR username ILIKE %s OR name ILIKE %s"  # noqa: S608 - constant
    params: list[Any] = [text, pattern, pattern, pattern]
    statement += " OR id::text = %s) AND (%s::uuid IS NULL OR id < %s::uuid) ORDER BY id DESC LIMIT %s"
    params += [text.lower(), before, before, limit]
    return [Account(*row) for row in database.rows(statement, params)]


def session_ids(database: Database, user_id: UUID | str) -> Sequence[str]:
    """The ids of the user's sessions."""
    return [str(row[0]) for row in database.rows("SELECT id FROM sessions WHERE user_id = %s", (user_id,))]


def _one(database: Database, condition: str, value: object) -> Account | None:
    row = database.row(f"SELECT {_COLUMNS} FROM users WHERE {condition}", (value,))  # noqa: S608 - constants
    return Account(*row) if row else None
