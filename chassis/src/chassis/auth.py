"""Signed identities between services: short-lived Ed25519 JWTs, and what a route demands of its caller."""

from __future__ import annotations

import functools
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import g

from chassis.errors import Forbidden, Internal, NotFound, Unauthenticated
from chassis.ids import uuid7

HEADER = "X-Duet-Identity"
LIFETIME_S = 60
REFRESH_BEFORE_S = 20
CLOCK_SKEW_S = 2
"""How far apart the clocks of two machines may be."""
CLAIMS = ["iss", "aud", "sub", "role", "sid", "iat", "exp", "jti"]
ANONYMOUS = "anonymous"
SERVICE = "service"
GATEWAY = "gateway"


@dataclass(frozen=True)
class Identity:
    """Who is calling. `subject`: a user id, a service's name, or `anonymous`; `issuer`: the service that vouches."""

    subject: str
    role: str
    session_id: str
    issuer: str

    @property
    def is_user(self) -> bool:
        return self.role not in (ANONYMOUS, SERVICE)


class Signer:
    """Mints identity tokens with this service's private key and keeps each until 20 s before its end.

    `clock`: seconds since 1970. Where it was set back, a token from the time before is from the future: no good.
    """

    def __init__(self, issuer: str, private_key_pem: str, *, clock: Callable[[], float] = time.time) -> None:
        key = serialization.load_pem_private_key(private_key_pem.encode(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("SERVICE_KEY must be an Ed25519 private key")
        self.issuer = issuer
        self._key = key
        self._clock = clock
        self._cache: dict[tuple[str, ...], tuple[float, str]] = {}

    def token(self, audience: str, *, subject: str, role: str, session_id: str = "-", version: str = "") -> str:
        """A token for `audience`. `version` changes whenever an older cached token must not be used again."""
        cache_key = (audience, subject, role, session_id, version)
        now = self._clock()
        kept = self._cache.get(cache_key)
        if kept is not None and REFRESH_BEFORE_S < kept[0] - now <= LIFETIME_S:
            return kept[1]
        if len(self._cache) > 20_000:
            self._cache.clear()
        expires = now + LIFETIME_S
        token = jwt.encode(
            {
                "iss": self.issuer, "aud": audience, "sub": subject, "role": role, "sid": session_id,
                "iat": int(now), "exp": int(expires), "jti": str(uuid7()),
            },
            self._key,
            algorithm="EdDSA",
            headers={"kid": self.issuer},
        )  # fmt: skip
        self._cache[cache_key] = (expires, token)
        return token

    def service_token(self, audience: str) -> str:
        """The token with which this service calls a neighbour on its own behalf."""
        return self.token(audience, subject=self.issuer, role=SERVICE)


class Verifier:
    """Verifies identity tokens for one audience and keeps each verdict until the token expires."""

    def __init__(self, audience: str, jwks: Sequence[Mapping[str, str]]) -> None:
        self._audience = audience
        self._keys: dict[str, list[Any]] = {}
        for entry in jwks:
            if entry.get("kty") != "OKP" or entry.get("crv") != "Ed25519":
                raise ValueError("SERVICE_PUBLIC_KEYS must hold Ed25519 keys only")
            self._keys.setdefault(entry["kid"], []).append(jwt.PyJWK(dict(entry), algorithm="EdDSA").key)
        self._cache: dict[str, tuple[float, Identity]] = {}
        self._lock = threading.Lock()

    def verify(self, token: str) -> Identity:
        """The identity in the token. Raises Unauthenticated for anything but a valid one for us."""
        kept = self._cache.get(token)
        if kept is not None and 0 < kept[0] - time.time() <= LIFETIME_S + CLOCK_SKEW_S:
            return kept[1]
        identity, expires = self._decode(token)
        with self._lock:
            if len(self._cache) > 20_000:
                self._cache.clear()
            self._cache[token] = (expires, identity)
        return identity

    def _decode(self, token: str) -> tuple[Identity, float]:
        try:
            kid = str(jwt.get_unverified_header(token).get("kid"))
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise Unauthenticated() from None
        for key in self._keys.get(kid, []):
            try:
                claims = jwt.decode(
                    token,
                    key,
                    algorithms=["EdDSA"],
                    audience=self._audience,
                    issuer=kid,
                    leeway=CLOCK_SKEW_S,
                    options={"require": CLAIMS},
                )
            except jwt.PyJWTError:
                continue
            identity = Identity(str(claims["sub"]), str(claims["role"]), str(claims["sid"]), kid)
            return identity, float(claims["exp"])
        raise Unauthenticated()


def generate_keys(names: Sequence[str]) -> tuple[dict[str, str], str]:
    """A fresh Ed25519 key per service: PEM by name, and the JWKS document of their public halves."""
    pems, public = {}, []
    for name in names:
        key = Ed25519PrivateKey.generate()
        pems[name] = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        entry = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
        public.append({**entry, "kid": name, "use": "sig", "alg": "EdDSA"})
    return pems, json.dumps({"keys": public})


Kind = Literal["public", "anyone", "user", "role", "service"]


@dataclass(frozen=True)
class Access:
    """What a route demands. `public`: nothing; `anyone`: a caller that the gateway let through; `user`: a signed-in
    user; `role`: one of `names` as role; `service`: one of `names` as issuer."""

    kind: Kind
    names: tuple[str, ...] = ()

    def check(self, identity: Identity | None) -> None:
        """Raises Unauthenticated or Forbidden."""
        if self.kind == "public":
            return
        if identity is None:
            raise Unauthenticated()
        if self.kind == "service":
            if identity.role != SERVICE or identity.issuer not in self.names:
                raise Forbidden()
            return
        if identity.issuer != GATEWAY or identity.role == SERVICE:
            raise Unauthenticated()
        if self.kind != "anyone" and not identity.is_user:
            raise Unauthenticated()
        if self.kind == "role" and identity.role not in self.names:
            raise Forbidden()


View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "__access__"


def _demand(access: Access) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            access.check(g.get("identity"))
            return view(*args, **kwargs)

        setattr(guarded, ATTRIBUTE, access)
        return cast(View, guarded)

    return decorate


def public(view: View) -> View:
    """A route open to the world (health, documents)."""
    return _demand(Access("public"))(view)


def anyone(view: View) -> View:
    """A route for everybody who comes through the gateway, signed in or not."""
    return _demand(Access("anyone"))(view)


def user(view: View) -> View:
    """A route for signed-in users of any role."""
    return _demand(Access("user"))(view)


def roles(*names: str) -> Callable[[View], View]:
    """A route for users with one of these roles (AUTH-5)."""
    return _demand(Access("role", names))


def callers(*services: str) -> Callable[[View], View]:
    """An internal route for these services only."""
    return _demand(Access("service", services))


def access_of(view: Callable[..., Any]) -> Access | None:
    """What a view function demands, or None where nobody stated it."""
    found = getattr(view, ATTRIBUTE, None)
    return found if isinstance(found, Access) else None


def current() -> Identity:
    """The caller of the request at hand."""
    identity = g.get("identity")
    if not isinstance(identity, Identity):
        raise Internal("no identity")
    return identity


def current_user_id() -> str:
    """The id of the signed-in user. Raises NotFound for an identity that names no user: it owns nothing."""
    identity = current()
    if not identity.is_user:
        raise NotFound()
    return identity.subject
