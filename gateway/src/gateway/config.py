"""Settings of the gateway."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from chassis.config import Common, ConfigError, Env, without_path

TURNSTILE_VERIFY_URL = "https://challenges.cloudflare.com/turnstile/v0/siteverify"


@dataclass(frozen=True)
class Config:
    """What the gateway needs to know.

    `site_url`: the public origin, None where nobody said it; `trusted_proxies`: how many proxies of ours stand in
    front and add to X-Forwarded-For; `bot_check`: altcha, turnstile or off.
    """

    common: Common
    site_url: str | None
    trusted_proxies: int
    bot_check: str
    altcha_key: str = field(repr=False)
    turnstile_site_key: str
    turnstile_secret: str = field(repr=False)
    turnstile_verify_url: str
    max_streams: int

    @classmethod
    def from_env(cls, values: Mapping[str, str]) -> Config:
        """Raises ConfigError that names the variable."""
        env = Env(values)
        common = Common.from_env(values, "gateway")
        switch = env.choice("DUET_BOT_CHECK", "on", ("on", "off"))
        secret = env.optional("TURNSTILE_SECRET_KEY") or ""
        site_url = env.optional_url("SITE_URL")
        if site_url is not None and without_path(site_url) != site_url:
            raise ConfigError("SITE_URL must be an origin, without a path")
        if common.production:
            if switch == "off":
                raise ConfigError("DUET_BOT_CHECK must not be off in production")
            if site_url is None or not site_url.startswith("https://"):
                raise ConfigError("SITE_URL must be https://… in production")
        return cls(
            common=common,
            site_url=site_url,
            trusted_proxies=env.integer("TRUSTED_PROXIES", 0),
            bot_check="off" if switch == "off" else "turnstile" if secret else "altcha",
            altcha_key=env.optional("ALTCHA_HMAC_KEY") or derived_key(common.secret_key, "altcha").hex(),
            turnstile_site_key=env.text("TURNSTILE_SITE_KEY") if secret else "",
            turnstile_secret=secret,
            # In the one-process host each stream has a thread; in web processes a greenlet.
            max_streams=500 if common.bus_url == "memory:" else 5_000,
            turnstile_verify_url=env.url("TURNSTILE_VERIFY_URL", TURNSTILE_VERIFY_URL),
        )

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over https, so that cookies must say so."""
        return self.site_url is not None and self.site_url.startswith("https://")

    @property
    def hostname(self) -> str | None:
        """The host of SITE_URL, where it was said."""
        return urlsplit(self.site_url).hostname if self.site_url else None


def derived_key(secret: str, purpose: str) -> bytes:
    """The key for one purpose that SECRET_KEY gives: 32 bytes."""
    return hmac.new(secret.encode(), b"duet:" + purpose.encode(), hashlib.sha256).digest()
