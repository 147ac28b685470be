"""Registering and logging in (AUTH-1, AUTH-2), and accounts that hosts make."""

from __future__ import annotations

import secrets
import string
from datetime import date
from uuid import UUID

import structlog

from chassis.db import Database
from chassis.errors import Conflict, DomainError, Forbidden, Internal, Unauthenticated
from chassis.ids import uuid7
from chassis.times import utcnow
from gateway import domain
from gateway.domain import LOGINS_PER_ACCOUNT, LOGINS_PER_ADDRESS, REGISTRATIONS, Visitor
from gateway.ports import PasswordHasher
from gateway.queries import accounts
from gateway.usecases.botcheck import BotChecks
from gateway.usecases.ratelimits import RateLimits
from gateway.usecases.sessions import Opened, Sessions

log = structlog.get_logger("accounts")

USERNAME_TRIES = 5


class Accounts:
    """Makes accounts and proves who somebody is. `common_passwords` in casefolded form."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        bot_checks: BotChecks,
        limits: RateLimits,
        hasher: PasswordHasher,
        common_passwords: frozenset[str],
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._bot_checks = bot_checks
        self._limits = limits
        self._hasher = hasher
        self._common_passwords = common_passwords

    def register(
        self, visitor: Visitor, email: str, password: str, birth_date: date, bot_token: str, *, cookie: bool
    ) -> Opened:
        """A new account and its first session (AUTH-1). `email` may be spelled in any case.

        Raises Invalid, Forbidden (`underage`, `bot-check-failed`), Conflict `email-taken`, RateLimited, Unavailable.
        """
        email = domain.normal_email(email)
        domain.require_good_password(password, email, self._common_passwords)
        domain.require_adult(birth_date, utcnow().date())
        self._limits.take(REGISTRATIONS, visitor.address)
        self._bot_checks.require(bot_token, "register", visitor.address)
        if self.find_by_email(email) is not None:
            raise _email_taken()
        hashed = self._hasher.hash(password)
        with self._database.transaction():
            user_id = self.create(email, hashed, birth_date)
            if user_id is None:
                raise _email_taken()
            opened = self._sessions.open(user_id, visitor, cookie=cookie)
        log.info("registered", user_id=str(user_id), session_id=opened.session_id)
        return opened

    def log_in(self, visitor: Visitor, email: str, password: str, bot_token: str, *, cookie: bool) -> Opened:
        """A new session of an account (AUTH-2). Wrong e-mail and wrong password cost and say the same.

        Raises Unauthenticated `invalid-credentials`, Forbidden (`bot-check-failed`; `banned` after the right
        password), RateLimited, Unavailable. Tries are counted before they are judged, so that parallel ones count.
        """
        email, address = domain.normal_email(email), visitor.address
        self._limits.take(LOGINS_PER_ADDRESS, address)
        try:
            self._bot_checks.require(bot_token, "login", address)
            self._limits.take(LOGINS_PER_ACCOUNT, email)
        except DomainError as refusal:
            if refusal.retryable:
                self._limits.give_back(LOGINS_PER_ADDRESS, address)
            raise
        try:
            with self._database.reading():
                found = accounts.credentials(self._database, email)
            is_right = self._hasher.verify(found.password_hash if found else None, password)
        except DomainError:
            self._forgive(email, address)
            raise
        if found is None or not is_right:
            log.info("login_failed")
            raise Unauthenticated("The e-mail address or the password is wrong.", code="invalid-credentials")
        self._forgive(email, address)
        if found.is_banned:
            raise Forbidden("This account is banned.", code="banned")
        opened = self._sessions.open(found.user_id, visitor, cookie=cookie)
        log.info("logged_in", user_id=str(found.user_id), session_id=opened.session_id)
        return opened

    def find_by_email(self, email: str) -> UUID | None:
        """The id of the account with that e-mail."""
        with self._database.reading():
            found = accounts.by_email(self._database, domain.normal_email(email))
        return found.id if found else None

    def ensure_demo(self, email: str, password: str, *, name: str | None = "Demo") -> tuple[UUID, bool]:
        """The account for trying the product out, made where it is missing; (its id, whether it was made)."""
        email = domain.normal_email(email)
        known = self.find_by_email(email)
        if known is not None:
            return known, False
        hashed = self._hasher.hash(password)
        with self._database.transaction():
            made = self.create(email, hashed, date(1990, 1, 1), name=name)
        if made is not None:
            return made, True
        known = self.find_by_email(email)
        if known is None:
            raise Internal("the account vanished")
        return known, False

    def create(
        self, email: str, password_hash: str, birth_date: date | None, *, name: str | None = None,
        role: str | None = None,
    ) -> UUID | None:  # fmt: skip
        """Insert an account with a made-up username; None when the normalised e-mail is taken."""
        for _ in range(USERNAME_TRIES):
            username = "user_" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(8))
            with self._database.transaction():
                row = self._database.row(
                    "INSERT INTO users (id, email, password_hash, birth_date, role, username, username_key, name,"
                    " earn_on, mature_opt_in) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, false, false)"
                    " ON CONFLICT DO NOTHING RETURNING id",
                    (uuid7(), email, password_hash, birth_date, role, username, username, name),
                )
                if row is not None:
                    return UUID(str(row[0]))
                if accounts.by_email(self._database, email) is not None:
                    return None
        raise Internal("no username was free")

    def _forgive(self, email: str, address: str) -> None:
        with self._database.transaction():
            self._limits.give_back(LOGINS_PER_ADDRESS, address)
            self._limits.give_back(LOGINS_PER_ACCOUNT, email)


def _email_taken() -> Conflict:
    return Conflict("There is an account with this e-mail address already.", code="email-taken")
