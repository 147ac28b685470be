"""`duet keys`: fresh keys and passwords for docker-compose.yml, as the lines of an .env file."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.auth import generate_keys
from deploy import catalogue


def env_lines() -> Iterator[str]:
    """NAME='value' lines; the line breaks of PEM keys are escaped as `\\n`, which the services undo."""
    pems, jwks = generate_keys(catalogue.NAMES)
    for name, pem in pems.items():
        short = name.removesuffix("-svc").upper()
        yield f"SERVICE_KEY_{short}='{_on_one_line(pem)}'"
    yield f"SERVICE_PUBLIC_KEYS='{jwks}'"
    yield f"SECRET_KEY='{secrets.token_urlsafe(48)}'"
    yield f"CF_PRIVATE_KEY='{_on_one_line(_url_signing_key())}'"
    yield f"AWS_ACCESS_KEY_ID='duet{secrets.token_hex(8)}'"
    yield f"AWS_SECRET_ACCESS_KEY='{secrets.token_urlsafe(30)}'"
    for server in ("POSTGRES", "RABBITMQ", "GRAFANA"):
        yield f"{server}_PASSWORD='{secrets.token_urlsafe(24)}'"


def _url_signing_key() -> str:
    """ECDSA P-256: ten times as many URLs a second as RSA, and CloudFront takes both."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _on_one_line(pem: str) -> str:
    return pem.replace("\n", "\\n")
