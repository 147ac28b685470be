"""Who is calling: bearer tokens, cookies with their CSRF value, origins, and how much a session may ask at once."""

from __future__ import annotations

import time
from threading import Lock

from flask import Request, Response, g, request
from werkzeug.exceptions import NotFound

from chassis.auth import ANONYMOUS, GATEWAY, HEADER, Identity, Verifier
from chassis.errors import Forbidden, Unauthenticated
from gateway.config import Config
from gateway.domain import USER, SessionRow, TokenBucket, client_address, too_many
from gateway.usecases.sessions import Opened, Sessions
from gateway.usecases.tokens import Tokens

COOKIE_SECONDS = 30 * 24 * 3600
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
SESSION_RATE, SESSION_BURST = 50.0, 500.0
"""Requests a second, and at once, of one session in one process."""
OPEN_PATHS = (
    "/v1/auth/challenge", "/v1/auth/register", "/v1/auth/login", "/v1/auth/refresh",
)  # fmt: skip
"""Where credentials are not looked at: a client may come here just because its token has expired."""
OWN_PATHS = ("/v1/me/", "/v1/users/", "/v1/auth/sessions/", "/v1/admin/")
"""Below these nothing at all is told to strangers, as below the paths of the services."""
NOBODY = Identity(ANONYMOUS, ANONYMOUS, "-", GATEWAY)


class Doorkeeper:
    """Finds out who a request comes from, and hands out and takes back cookies.

    `authenticate` puts the session into `g.session` (None for nobody); the other services learn no more than that.
    """

    def __init__(self, config: Config, sessions: Sessions, tokens: Tokens, verifier: Verifier) -> None:
        prefix = "__Host-" if config.secure else ""
        self.session_cookie, self.csrf_cookie = f"{prefix}duet_session", f"{prefix}duet_csrf"
        self._config = config
        self._sessions = sessions
        self._tokens = tokens
        self._verifier = verifier
        self._buckets = Buckets(config.common.rate_limit_factor)

    def authenticate(self, request: Request) -> Identity | None:
        """Who is calling. Raises Unauthenticated for a bearer token that is no good, Forbidden `csrf-failed` or
        `wrong-origin`, RateLimited."""
        g.session = None
        if request.path.startswith("/internal/"):
            token = request.headers.get(HEADER)
            return self._verifier.verify(token) if token else None
        if not request.path.startswith("/v1/"):
            return NOBODY
        self._require_own_origin(request)
        row = None
        if request.path.rstrip("/") not in OPEN_PATHS:
            row = self._by_bearer(request) or self._by_cookie(request)
        if row is None:
            return NOBODY
        self._buckets.take(row.session_id)
        g.session = row
        return Identity(row.user_id, row.role or USER, row.session_id, GATEWAY)

    def refuse_strangers(self) -> None:
        """Before each request: 401 comes before 404, also for an id that no route takes. Raises as `authenticate`."""
        is_nothing = isinstance(request.routing_exception, NotFound)
        if is_nothing and request.path.startswith(OWN_PATHS) and self.authenticate(request) is NOBODY:
            raise Unauthenticated()

    def address(self, request: Request) -> str:
        """Whom limits per address count."""
        forwarded = request.headers.get("X-Forwarded-For", "")
        return client_address(request.remote_addr or "", forwarded, self._config.trusted_proxies)

    def give_cookies(self, response: Response, session_id: str, cookie: str) -> Response:
        """Put a cookie session into the answer, for 30 days from now."""
        secure = self._config.secure
        for name, value, hidden in (
            (self.session_cookie, cookie, True),
            (self.csrf_cookie, self._tokens.csrf(session_id), False),
        ):
            response.set_cookie(
                name, value, max_age=COOKIE_SECONDS, path="/", secure=secure, httponly=hidden, samesite="Lax"
            )
        return response

    def give_session(self, response: Response, opened: Opened) -> Response:
        """The cookies of a session that was opened with one."""
        return response if opened.cookie is None else self.give_cookies(response, opened.session_id, opened.cookie)

    def renew_cookies(self, response: Response) -> Response:
        """After each request: a browser that is in use keeps its cookies (30 days rolling)."""
        renewed = g.get("renewed_cookie")
        return response if renewed is None else self.give_cookies(response, *renewed)

    def take_cookies(self, response: Response) -> Response:
        """Make the browser forget its session."""
        g.renewed_cookie = None
        for name, hidden in ((self.session_cookie, True), (self.csrf_cookie, False)):
            response.delete_cookie(name, path="/", secure=self._config.secure, httponly=hidden, samesite="Lax")
        return response

    def _by_bearer(self, request: Request) -> SessionRow | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _space, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("The Authorization header must be a bearer token.")
        return self._sessions.by_access_token(token.strip())

    def _by_cookie(self, request: Request) -> SessionRow | None:
        cookie = request.cookies.get(self.session_cookie)
        if not cookie:
            return None
        row = self._sessions.by_cookie(cookie)
        if row is None:
            return None
        given = request.headers.get(CSRF_HEADER, "")
        if request.method not in SAFE_METHODS and not self._tokens.csrf_matches(row.session_id, given):
            raise Forbidden("The request lacks the CSRF token of its session.", code="csrf-failed")
        if row.is_stale:
            g.renewed_cookie = (row.session_id, cookie)
        return row

    def _require_own_origin(self, request: Request) -> None:
        origin = request.headers.get("Origin")
        if origin is None:
            return
        if self._config.site_url is not None:
            is_own = origin.lower() == self._config.site_url.lower()
        else:
            is_own = origin.partition("://")[2].lower() == request.host.lower()
        if not is_own:
            raise Forbidden("This site may not call Duet for its visitors.", code="wrong-origin")


class Buckets:
    """A token bucket per session in this process."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._lock = Lock()
        self._buckets: dict[str, TokenBucket] = {}

    def take(self, session_id: str) -> None:
        """Raises RateLimited for a session that asks too much at once."""
        if not self._factor:
            return
        now = time.monotonic()
        rate, burst = SESSION_RATE * self._factor, max(1.0, SESSION_BURST * self._factor)
        with self._lock:
            bucket = self._buckets.get(session_id)
            if bucket is None:
                if len(self._buckets) >= 10_000:
                    self._forget_idle(now)
                bucket = self._buckets[session_id] = TokenBucket(rate, burst, burst, now)
            wait = bucket.take(now)
        if wait:
            raise too_many(int(burst), wait)

    def _forget_idle(self, now: float) -> None:
        """A bucket untouched for as long as it takes to fill is like a new one."""
        full_after = SESSION_BURST / SESSION_RATE
        self._buckets = {name: kept for name, kept in self._buckets.items() if now - kept.at < full_after}
