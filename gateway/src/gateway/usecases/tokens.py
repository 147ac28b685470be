"""The secrets that sessions are held by, all keyed from SECRET_KEY: none is stored as it is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID

import jwt

from chassis.errors import Unauthenticated
from gateway.config import derived_key

ACCESS_SECONDS = 15 * 60
_ALGORITHM = "HS256"
_AUDIENCE = "duet"
_CLAIMS = ["sub", "sid", "iat", "exp", "aud"]


class Tokens:
    """Makes and reads access tokens; makes refresh tokens, cookies, CSRF values and what is stored of them."""

    def __init__(self, secret_key: str) -> None:
        self._access_key = derived_key(secret_key, "access-token")
        self._refresh_key = derived_key(secret_key, "refresh-token")
        self._csrf_key = derived_key(secret_key, "csrf")
        self._blind_key = derived_key(secret_key, "blind")

    def access(self, user_id: UUID | str, session_id: UUID | str, issued_at: datetime) -> str:
        """The access token issued at that moment: always the same one."""
        issued = int(issued_at.timestamp())
        ends = issued + ACCESS_SECONDS
        claims = {"sub": str(user_id), "sid": str(session_id), "aud": _AUDIENCE, "iat": issued, "exp": ends}
        return jwt.encode(claims, self._access_key, algorithm=_ALGORITHM)

    def read_access(self, token: str) -> tuple[str, str]:
        """(user id, session id) of an access token. Raises Unauthenticated for anything but a valid one of ours."""
        try:
            claims = jwt.decode(
                token, self._access_key, algorithms=[_ALGORITHM], audience=_AUDIENCE,
                # Whoever issued and reads it may be hosts with slightly different clocks.
                options={"require": _CLAIMS, "verify_iat": False},
            )  # fmt: skip
        except jwt.PyJWTError:
            raise Unauthenticated("The access token is not valid or has expired.") from None
        return str(claims["sub"]), str(claims["sid"])

    def fresh(self) -> str:
        """A new refresh token or cookie: 256 random bits."""
        return secrets.token_urlsafe(32)

    def next_refresh(self, token: str) -> str:
        """The refresh token that follows on `token`: always the same one, and none can be told without our key."""
        digest = hmac.new(self._refresh_key, token.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def stored(self, token: str) -> bytes:
        """What is kept of a refresh token or cookie."""
        return hashlib.sha256(token.encode()).digest()

    def csrf(self, session_id: str) -> str:
        """The value of the readable cookie and of X-CSRF-Token for a cookie session."""
        return hmac.new(self._csrf_key, session_id.encode(), hashlib.sha256).hexdigest()

    def csrf_matches(self, session_id: str, given: str) -> bool:
        """Compared in constant time."""
        return hmac.compare_digest(self.csrf(session_id).encode(), given.encode())

    def blind(self, text: str) -> str:
        """An e-mail or address as a key that does not tell which it was."""
        return hmac.new(self._blind_key, text.encode(), hashlib.sha256).hexdigest()
