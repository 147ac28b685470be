"""Rules of accounts on plain values: ages, e-mails, names, roles, limits."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from chassis.errors import Forbidden, Invalid, RateLimited

ADULT_AGE = 18
OLDEST_AGE = 120
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256
LONGEST_EMAIL = 254
USERNAME_PATTERN = r"[A-Za-z0-9_.]{3,30}"
_USERNAME = re.compile(USERNAME_PATTERN)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
_RUNS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qazwsxedcrfvtgbyhnujm")
ROLES = ("admin", "moderator")
USER = "user"
"""The role, towards the other services, of somebody without one (AUTH-5)."""
Action = Literal["register", "login", "permit"]
"""What a bot check stands in front of (AUTH-4)."""


def normal_email(text: str) -> str:
    """The form in which e-mail addresses are kept and compared (AUTH-1)."""
    return text.strip().lower()


def is_email(text: str) -> bool:
    """Whether it can be an e-mail address: ASCII only, so that no two look or compare alike by accident."""
    return len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None


def is_username(text: str) -> bool:
    """PROF-1."""
    return _USERNAME.fullmatch(text) is not None


def age_on(today: date, birth_date: date) -> int:
    """Full years lived."""
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def require_adult(birth_date: date, today: date) -> None:
    """Raises Forbidden `underage` below 18, Invalid for a date that nobody alive was born on (AUTH-1).

    `today`: the present date in UTC.
    """
    age = age_on(today, birth_date)
    if birth_date > today or age > OLDEST_AGE:
        raise Invalid(errors={"birth_date": ["Not a possible birth date."]})
    if age < ADULT_AGE:
        raise Forbidden("Duet is for adults only.", code="underage")


def is_common(password: str, common: frozenset[str]) -> bool:
    """Whether it is, or only repeats, a listed word, a single character or a run along the keyboard."""
    text = password.casefold()
    piece = text[: (text + text).find(text, 1)]
    return len(piece) == 1 or piece in common or any(piece in run or piece in run[::-1] for run in _RUNS)


def require_good_password(password: str, email: str, common: frozenset[str]) -> None:
    """Raises Invalid for a password that is too short, very common, or the e-mail address itself (AUTH-1)."""
    fault = None
    if len(password) < SHORTEST_PASSWORD:
        fault = f"Use at least {SHORTEST_PASSWORD} characters."
    elif is_common(password, common):
        fault = "This password is one of the most common ones."
    elif normal_email(password) == email:
        fault = "Use something other than your e-mail address."
    if fault:
        raise Invalid(errors={"password": [fault]})


@dataclass(frozen=True)
class Account:
    """An account with its profile (PROF-1)."""

    id: UUID
    email: str = field(repr=False)
    role: str | None
    username: str
    name: str | None
    birth_date: date | None
    country: str | None
    avatar_key: str | None
    earn_on: bool
    mature_opt_in: bool
    banned_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class SessionRow:
    """A session that may be used now, with its user. `role` is None for most; `version` changes when tokens minted
    for the user before must not be used again; `is_stale`: it is time to note that the session is in use."""

    session_id: str
    user_id: str
    role: str | None
    version: str
    email: str = field(repr=False)
    by_cookie: bool
    is_stale: bool


@dataclass(frozen=True)
class Listed:
    """A session as its owner sees it."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    user_agent: str


@dataclass(frozen=True)
class Visitor:
    """Where a request comes from: `address` is what limits count by, `user_agent` what the list of sessions shows."""

    address: str
    user_agent: str


@dataclass(frozen=True)
class Limit:
    """At most `hits` in `seconds`, counted in the database per `name` and key."""

    name: str
    hits: int
    seconds: int

    def scaled(self, factor: float) -> int:
        """The hits allowed under RATE_LIMIT_FACTOR; at least one."""
        return max(1, int(self.hits * factor))


REGISTRATIONS = Limit("register-address", 50, 3600)
LOGINS_PER_ACCOUNT = Limit("login-account", 10, 900)
LOGINS_PER_ADDRESS = Limit("login-address", 100, 900)


def too_many(allowed: int, wait_seconds: float) -> RateLimited:
    """The refusal of somebody who has used all `allowed` hits and may come again in `wait_seconds`."""
    wait = max(1, int(wait_seconds + 0.999))
    headers = {"RateLimit-Limit": str(allowed), "RateLimit-Remaining": "0", "RateLimit-Reset": str(wait)}
    return RateLimited("Too many requests. Please wait a little.", retry_after=wait, headers=headers)


@dataclass
class TokenBucket:
    """Refills by `rate` a second up to `burst`; `level` at the moment `at` (seconds of any steady clock)."""

    rate: float
    burst: float
    level: float
    at: float

    def take(self, now: float) -> float:
        """Take one: 0 when it was there, else the seconds until it is."""
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1:
            return (1 - self.level) / self.rate
        self.level -= 1
        return 0.0


def client_address(peer: str, forwarded: str, trusted_proxies: int) -> str:
    """Whom limits per address count: IPv4 as it is, IPv6 by its /64.

    `peer` is the other end of the connection; with n trusted proxies the n-th entry from the right of
    X-Forwarded-For is what the outermost of them saw. What is no address counts as the peer.
    """
    found = peer
    if trusted_proxies:
        entries = [entry.strip() for entry in forwarded.split(",")]
        if len(entries) >= trusted_proxies:
            found = entries[-trusted_proxies]
    for text in (found, peer):
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if isinstance(address, ipaddress.IPv6Address):
            return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
        return str(address)
    return "unknown"
