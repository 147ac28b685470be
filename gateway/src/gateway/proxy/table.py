"""Which service owns a path, which paths need no sign-in, and which paths are none at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

from chassis.errors import NotFound

ROUTES = (
    ("/v1/uploads", "media-svc"),
    ("/v1/media", "media-svc"),
    ("/v1/companions/*/gallery", "media-svc"),
    ("/v1/companions/*/posts", "media-svc"),
    ("/v1/companion-media", "media-svc"),
    ("/v1/admin/companions/*/media", "media-svc"),
    ("/v1/admin/companion-media", "media-svc"),
    ("/store", "media-svc"),
    ("/cdn", "media-svc"),
    ("/v1/conversations", "chat-svc"),
    ("/v1/messages", "chat-svc"),
    ("/v1/search", "chat-svc"),
    ("/v1/blocks", "chat-svc"),
    ("/v1/admin/reports", "chat-svc"),
    ("/v1/companions", "ai-svc"),
    ("/v1/admin/companions", "ai-svc"),
    ("/v1/conversations/*/memories", "ai-svc"),
    ("/v1/permits", "quota-svc"),
    ("/v1/plans", "quota-svc"),
    ("/v1/checkout", "quota-svc"),
    ("/v1/payments", "quota-svc"),
    ("/v1/webhooks", "quota-svc"),
    ("/v1/wallet", "quota-svc"),
    ("/v1/admin/wallets", "quota-svc"),
)
"""Path prefix → owner; `*` is one segment. The longest prefix wins."""

PUBLIC = (
    ("GET", "/v1/plans"),
    ("GET", "/v1/companions"),
    ("GET", "/v1/companions/*"),
    ("POST", "/v1/media/sign"),
    ("POST", "/v1/webhooks/stripe"),
)
"""What a service answers to callers who are not signed in. HEAD counts as GET."""

SIGNED_URLS = ("/store", "/cdn")
"""Below these the signature in the URL says what may be done, and nothing else does: no session, cookie or origin is
looked at, by whatever method they are asked."""

_UNSAFE_SEGMENT = re.compile(rb"[\x00-\x1f\x7f/\\]")
_UNSAFE_QUERY = re.compile(rb"[^\x21\x22\x24-\x7e]")
_KEPT = "!$&'()*+,:;=@~-._"


@dataclass(frozen=True)
class Path:
    """A path that means the same to everybody: decoded segments, and the text in which it is passed on."""

    segments: tuple[str, ...]
    text: str


def read_path(environ: Mapping[str, Any]) -> Path:
    """The path of a request. Raises NotFound for one that two servers could read differently: empty, `.` and `..`
    segments, encoded slashes, backslashes, control characters, broken UTF-8.

    The server's decoded path is what we route and pass on; the raw one, where the server tells it, is judged too,
    because `%2f` cannot be seen in the decoded one.
    """
    decoded = environ.get("PATH_INFO", "").encode("latin-1")
    raw = _raw_path(environ)
    if raw is not None and unquote_to_bytes(raw) != decoded:
        raise NotFound()
    parts = decoded.split(b"/") if raw is None else [unquote_to_bytes(part) for part in raw.split("/")]
    if parts[0] or len(parts) < 2:
        raise NotFound()
    slash = b"/" if parts[-1] == b"" else b""
    inner = parts[1:-1] if slash else parts[1:]
    if any(part in (b"", b".", b"..") or _UNSAFE_SEGMENT.search(part) for part in inner):
        raise NotFound()
    try:
        segments = tuple(part.decode() for part in inner)
    except UnicodeDecodeError:
        raise NotFound() from None
    return Path(segments, "/" + "/".join(quote(part, safe=_KEPT) for part in inner) + slash.decode())


def read_query(environ: Mapping[str, Any]) -> str:
    """`?…` as the client wrote it, with bytes that do not belong into a request line percent-encoded; or nothing."""
    raw = environ.get("QUERY_STRING", "").encode("latin-1")
    return "?" + _UNSAFE_QUERY.sub(lambda found: b"%%%02X" % found[0][0], raw).decode("ascii") if raw else ""


def owner_of(path: Path) -> str | None:
    """The service that owns the path, or None where none does."""
    owned = [(len(pattern), owner) for pattern, owner in ROUTES if _begins(path.segments, pattern)]
    return max(owned)[1] if owned else None


def is_public(method: str, path: Path) -> bool:
    """Whether the owner of the path answers also to callers who are not signed in."""
    if has_signed_url(path):
        return True
    verb = "GET" if method == "HEAD" else method
    return any(
        verb == allowed and pattern.count("/") == len(path.segments) and _begins(path.segments, pattern)
        for allowed, pattern in PUBLIC
    )


def has_signed_url(path: Path) -> bool:
    """Whether the path is one of an object, in the store or at the edge."""
    return any(_begins(path.segments, prefix) for prefix in SIGNED_URLS)


def heads() -> list[str]:
    """The prefixes that the gateway routes to services, up to their first `*`, each once."""
    return sorted({pattern.split("/*", 1)[0] for pattern, _owner in ROUTES})


def _begins(segments: tuple[str, ...], pattern: str) -> bool:
    parts = pattern.split("/")[1:]
    return len(parts) <= len(segments) and all(
        part in ("*", segment) for part, segment in zip(parts, segments, strict=False)
    )


def _raw_path(environ: Mapping[str, Any]) -> str | None:
    target = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if not target:
        return None
    if not target.startswith("/"):
        # Absolute form, as proxies are asked.
        return urlsplit(target).path
    return str(target).split("?", 1)[0]
