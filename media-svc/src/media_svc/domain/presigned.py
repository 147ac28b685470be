"""What a presigned PUT of the local store allows, and the signature that holds it, as S3 does with SigV4."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

PATH = "/store/"
CREATE_ONLY = "*"
"""The `If-None-Match` that every PUT has to bring: nothing may lie at the key."""
_FIELDS = ("expires", "type", "length", "signature")
_NUMBER = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)


@dataclass(frozen=True)
class PutTerms:
    """One PUT of exactly `size` bytes of this type to this key, until `expires_at` (Unix seconds)."""

    key: str
    content_type: str
    size: int
    expires_at: int


def signing_key(secret: str) -> bytes:
    """A key for this purpose only, from the service's secret."""
    return hmac.digest(secret.encode(), b"duet local store: presigned PUT", "sha256")


def presigned_path(key: bytes, terms: PutTerms) -> str:
    """The path and query under which the PUT is allowed."""
    query = {
        "expires": terms.expires_at,
        "type": terms.content_type,
        "length": terms.size,
        "signature": _signature(key, terms),
    }
    return f"{PATH}{terms.key}?{urlencode(query)}"


def read_terms(key: bytes, object_key: str, query: Mapping[str, Sequence[str]]) -> PutTerms | None:
    """The terms that were signed, or None for a query that is not ours in every character. They may have expired."""
    if set(query) != set(_FIELDS) or any(len(values) != 1 for values in query.values()):
        return None
    expires, content_type, length, signature = (query[name][0] for name in _FIELDS)
    if not (_NUMBER.fullmatch(expires) and _NUMBER.fullmatch(length)):
        return None
    terms = PutTerms(object_key, content_type, int(length), int(expires))
    return terms if hmac.compare_digest(_signature(key, terms).encode(), signature.encode("utf-8", "replace")) else None


def _signature(key: bytes, terms: PutTerms) -> str:
    told = "\n".join(("PUT", terms.key, terms.content_type, str(terms.size), str(terms.expires_at)))
    return hmac.new(key, told.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
