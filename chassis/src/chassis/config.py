"""Settings from the environment: read once into frozen values; what is wrong is refused by its name."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2.extensions import make_dsn, parse_dsn


class ConfigError(ValueError):
    """A setting is missing or unusable; the message starts with its name."""


class Env:
    """A reader over environment-like mappings whose errors name the variable."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise ConfigError(f"{name} is not set")
        return default

    def optional(self, name: str) -> str | None:
        return self._values.get(name, "").strip() or None

    def number(self, name: str, default: float, *, at_least: float = 0) -> float:
        raw = self.optional(name)
        if raw is None:
            return default
        try:
            value = float(raw)
        except ValueError:
            raise ConfigError(f"{name} must be a number, not {raw!r}") from None
        if not math.isfinite(value):
            raise ConfigError(f"{name} must be a finite number")
        if value < at_least:
            raise ConfigError(f"{name} must be at least {at_least:g}")
        return value

    def integer(self, name: str, default: int, *, at_least: int = 0) -> int:
        value = self.number(name, default, at_least=at_least)
        if value != int(value):
            raise ConfigError(f"{name} must be a whole number")
        return int(value)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise ConfigError(f"{name} must be one of {', '.join(allowed)}")
        return value

    def url(self, name: str, default: str | None = None) -> str:
        value = self.text(name, default)
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ConfigError(f"{name} must be an http(s) address")
        return value.rstrip("/")

    def optional_url(self, name: str) -> str | None:
        return self.url(name) if self.optional(name) else None

    def pem(self, name: str) -> str:
        """A PEM key; its line breaks may be escaped as they are in .env files."""
        value = self.text(name).replace("\\n", "\n")
        if "-----BEGIN" not in value:
            raise ConfigError(f"{name} must be a PEM key")
        return value

    def jwks(self, name: str) -> tuple[Mapping[str, str], ...]:
        try:
            keys = json.loads(self.text(name))["keys"]
            return tuple({str(k): str(v) for k, v in key.items()} for key in keys)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ConfigError(f'{name} must be a JWKS: {{"keys": […]}}') from None


def database_dsn(server_url: str, service: str) -> str:
    """The DSN of a service's own database on the server: `<path of the URL, or duet>_<service without -svc>`."""
    try:
        parts = parse_dsn(server_url)
    except psycopg2.Error:
        raise ConfigError("DATABASE_URL must be a PostgreSQL address") from None
    prefix = parts.get("dbname") or "duet"
    if prefix == "postgres":
        prefix = "duet"
    parts["dbname"] = f"{prefix}_{service.removesuffix('-svc')}"
    return make_dsn(**parts)


def without_path(url: str) -> str:
    """scheme://host[:port] of an address."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "", "", ""))


NEIGHBOURS = {
    "gateway": "GATEWAY_URL",
    "media-svc": "MEDIA_URL",
    "chat-svc": "CHAT_URL",
    "ai-svc": "AI_URL",
    "quota-svc": "QUOTA_URL",
}
"""Which setting tells where a service is; the only place that knows the names of the neighbours."""


@dataclass(frozen=True)
class Common:
    """The settings that every service has."""

    service: str
    production: bool
    dsn: str = field(repr=False)
    bus_url: str = field(repr=False)
    service_key: str = field(repr=False)
    public_keys: tuple[Mapping[str, str], ...] = field(repr=False)
    secret_key: str = field(repr=False)
    log_level: str = "info"
    pool_size: int = 8
    rate_limit_factor: float = 1.0
    neighbours: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_env(cls, values: Mapping[str, str], service: str) -> Common:
        """Read the common settings. Raises ConfigError that names the variable."""
        env = Env(values)
        production = env.choice("DUET_ENV", "development", ("development", "test", "production")) == "production"
        factor = env.number("RATE_LIMIT_FACTOR", 1.0)
        if production and factor == 0:
            raise ConfigError("RATE_LIMIT_FACTOR must not be 0 in production")
        bus_url = env.text("BUS_URL", "memory:")
        if bus_url != "memory:" and urlsplit(bus_url).scheme not in ("amqp", "amqps"):
            raise ConfigError("BUS_URL must be amqp://… or memory:")
        if production and bus_url == "memory:":
            raise ConfigError("BUS_URL must be amqp://… in production")
        secret = env.text("SECRET_KEY")
        if len(secret) < 32:
            raise ConfigError("SECRET_KEY must have at least 32 characters")
        return cls(
            service=service,
            production=production,
            dsn=database_dsn(env.text("DATABASE_URL"), service),
            bus_url=bus_url,
            service_key=env.pem("SERVICE_KEY"),
            public_keys=env.jwks("SERVICE_PUBLIC_KEYS"),
            secret_key=secret,
            log_level=env.choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
            pool_size=env.integer("DATABASE_POOL", 8, at_least=2),
            rate_limit_factor=factor,
            neighbours={name: env.url(setting) for name, setting in NEIGHBOURS.items() if env.optional(setting)},
        )
