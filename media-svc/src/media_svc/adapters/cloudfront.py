"""CloudFront: signed URLs with RSA or ECDSA P-256 keys, the same judgement for the local edge, and invalidations.

SHA-1 is what CloudFront takes unless a URL says otherwise, and all that botocore's own signer knows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import boto3
import structlog
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chassis.config import ConfigError
from chassis.errors import Forbidden, Unavailable
from chassis.ids import uuid7
from media_svc.domain.urls import SignedPolicy, allows, canned_policy, read_policy, to_url

log = structlog.get_logger("cdn")

PATH = "/cdn/"
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_HASHES: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}
_MOST_PATHS = 3_000
"""How many paths CloudFront takes in the invalidations that are under way."""


def read_key(pem: str) -> PrivateKey:
    """Raises ConfigError for anything but RSA with 2048 bits or more, or ECDSA P-256."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ConfigError("CF_PRIVATE_KEY can't be read as a PEM private key") from error
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ConfigError("CF_PRIVATE_KEY must be an RSA-2048 or ECDSA P-256 key")


def derived_key(secret: str) -> PrivateKey:
    """The P-256 key that belongs to a secret: every process of the platform comes to the same."""
    stretched = HKDF(hashes.SHA256(), 48, salt=None, info=b"duet local edge: URL signing key").derive(secret.encode())
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return ec.derive_private_key(int.from_bytes(stretched, "big") % (order - 1) + 1, ec.SECP256R1())


def signature_of(key: PrivateKey, message: bytes) -> bytes:
    """The same message always gets the same signature, so that a URL is stable within its window (MEDIA-6)."""
    sha1 = hashes.SHA1()  # noqa: S303 - CloudFront's choice, and collisions are no use against a policy we write
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), sha1)
    return key.sign(message, ec.ECDSA(sha1, deterministic_signing=True))


class CloudFrontSigner:
    """Signs URLs below `base` with canned policies. `relative`: they are told as paths."""

    def __init__(self, base: str, key_pair_id: str, key: PrivateKey, *, relative: bool) -> None:
        self._base = base
        self._shown = urlsplit(base).path if relative else base
        self._key_pair_id = key_pair_id
        self._key = key

    def sign(self, key: str, expires_at: int) -> str:
        signature = to_url(signature_of(self._key, canned_policy(self._base + key, expires_at)))
        return f"{self._shown}{key}?Expires={expires_at}&Signature={signature}&Key-Pair-Id={self._key_pair_id}"


class LocalVerifier:
    """Judges a URL below `base` as CloudFront would. `clock`: seconds since 1970."""

    def __init__(self, base: str, key_pair_id: str, key: PrivateKey, *, clock: Callable[[], float] = time.time) -> None:
        self._base = base
        self._key_pair_id = key_pair_id
        self._public = key.public_key()
        self._clock = clock

    def verify(self, key: str, query: Mapping[str, Sequence[str]], address: str | None) -> None:
        resource = self._base + key
        policy = read_policy(resource, query)
        if policy is None or policy.key_pair_id != self._key_pair_id or not self._signed(policy):
            raise Forbidden("The signature of this address is not valid.", code="signature-invalid")
        if not allows(policy.text, resource, self._clock(), address):
            raise Forbidden("This address has expired or is for something else.", code="signature-expired")

    def _signed(self, policy: SignedPolicy) -> bool:
        digest = _HASHES[policy.hash]()
        try:
            if isinstance(self._public, rsa.RSAPublicKey):
                self._public.verify(policy.signature, policy.text, padding.PKCS1v15(), digest)
            else:
                self._public.verify(policy.signature, policy.text, ec.ECDSA(digest))
        except InvalidSignature:
            return False
        return True


class LocalEdge:
    """Keeps no copies: it asks for every look whether the object may be seen."""

    def forget(self, keys: Sequence[str]) -> None:
        """Nothing is kept."""


class CloudFrontEdge:
    """The caches of a distribution. `client`: boto3's, or one made from the settings."""

    def __init__(self, distribution_id: str, client: Any) -> None:
        self._distribution_id = distribution_id
        self._client = client

    def forget(self, keys: Sequence[str]) -> None:
        paths = [f"/{key}" for key in keys]
        for start in range(0, len(paths), _MOST_PATHS):
            some = paths[start : start + _MOST_PATHS]
            batch = {"Paths": {"Quantity": len(some), "Items": some}, "CallerReference": str(uuid7())}
            try:
                self._client.create_invalidation(DistributionId=self._distribution_id, InvalidationBatch=batch)
            except (BotoCoreError, ClientError) as error:
                log.warning("invalidation_failed", error=type(error).__name__)
                raise Unavailable("The edge is not available at the moment.") from error


def cloudfront_client(access_key: str | None, secret_key: str | None) -> Any:
    """boto3's client; without keys it finds the machine's own role."""
    return boto3.client(
        "cloudfront",
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=ClientConfig(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "max_attempts": 3}),
    )
