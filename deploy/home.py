"""The data folder of the embedded host (`DUET_HOME`): its keys, its database, and how other commands find them."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chassis.auth import generate_keys
from chassis.config import ConfigError
from deploy.catalogue import NAMES
from deploy.postgres import EmbeddedPostgres, PostgresError

DEMO_EMAIL = "demo@duet.example"
DEFAULT_PORT = 8080


@dataclass(frozen=True)
class Home:
    """One data folder."""

    folder: Path

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Home:
        return cls(Path(env.get("DUET_HOME") or ".duet").expanduser().absolute())

    @property
    def postgres_folder(self) -> Path:
        return self.folder / "postgres"

    @property
    def media_folder(self) -> Path:
        return self.folder / "media"

    @property
    def log_file(self) -> Path:
        return self.folder / "duet.log"

    def secrets(self) -> dict[str, str]:
        """The generated keys and the demo password: made at first start, readable by the owner only."""
        file = self.folder / "keys.json"
        try:
            found: dict[str, str] = json.loads(file.read_text())
            return found
        except FileNotFoundError:
            pass
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        pems, jwks = generate_keys(NAMES)
        made = {f"key:{name}": pem for name, pem in pems.items()}
        made |= {"jwks": jwks, "secret": secrets.token_urlsafe(48), "demo_password": secrets.token_urlsafe(9)}
        fresh = file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(made, out)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
        return made

    def environment(self, env: Mapping[str, str], service: str, database_url: str) -> dict[str, str]:
        """The environment of one service in the embedded host: what was given, and generated keys for the rest."""
        generated = self.secrets()
        defaults = {
            "SERVICE_KEY": generated[f"key:{service}"],
            "SERVICE_PUBLIC_KEYS": generated["jwks"],
            "SECRET_KEY": generated["secret"],
            "DATABASE_URL": database_url,
            "BUS_URL": "memory:",
            "MEDIA_FOLDER": str(self.media_folder),
        }
        if env.get("DUET_ENV") == "production":
            missing = [name for name in ("SERVICE_KEY", "SERVICE_PUBLIC_KEYS", "SECRET_KEY") if not env.get(name)]
            if missing:
                raise ConfigError(f"{missing[0]} is not set; generated keys are for development only")
        return {**defaults, **{name: value for name, value in env.items() if value}}


def attached(env: Mapping[str, str], service: str) -> dict[str, str]:
    """The environment with which a command works beside a running platform, without stopping it.

    With DATABASE_URL and the keys set (containers) they are used; else the embedded host of DUET_HOME is found.
    Raises ConfigError where nothing runs.
    """
    if env.get("DATABASE_URL") and env.get("SERVICE_KEY"):
        return dict(env)
    home = Home.of(env)
    url = env.get("DATABASE_URL")
    if not url:
        try:
            url = EmbeddedPostgres.attach(home.postgres_folder).uri("duet")
        except PostgresError as error:
            raise ConfigError(f"DUET_HOME {error}") from None
    return home.environment(env, service, url)
