"""`duet keys`: fresh keys and passwords for docker-compose.yml, as the lines of an .env file."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from chassis.auth import generate_keys
from deploy import catalogue


def env_lines() -> Iterator[str]:
    """NAME='value' lines; the line breaks of PEM keys are escaped as `\\n`, which the services undo."""
    pems, jwks = generate_keys(catalogue.NAMES)
    for name, pem in pems.items():
        short = name.removesuffix("-svc").upper()
        escaped = pem.replace("\n", "\\n")
        yield f"SERVICE_KEY_{short}='{escaped}'"
    yield f"SERVICE_PUBLIC_KEYS='{jwks}'"
    yield f"SECRET_KEY='{secrets.token_urlsafe(48)}'"
    for server in ("POSTGRES", "RABBITMQ", "GRAFANA"):
        yield f"{server}_PASSWORD='{secrets.token_urlsafe(24)}'"
