"""One OpenAPI document of the whole platform, merged from what each service says about itself."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any

import structlog

from chassis.config import NEIGHBOURS
from chassis.errors import Internal, Unavailable
from chassis.upstream import Network
from gateway.proxy.table import Path, is_public

log = structlog.get_logger("openapi")

FRESH_S = 60.0
TIMEOUT_S = 3.0
Document = Mapping[str, Any]
VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
OPEN_AUTH = ("challenge", "register", "login", "refresh", "password-reset", "password-reset/confirm")
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "duet_session"},
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
}


class Documents:
    """The merged document, made of the gateway's own (`own`) and those of its neighbours, kept for `fresh_s` seconds.

    A neighbour that is away is described as it was when it was last heard of.
    """

    def __init__(self, network: Network, own: Callable[[], Document], fresh_s: float = FRESH_S) -> None:
        self._fresh_s = fresh_s
        self._network = network
        self._own = own
        self._heard: dict[str, Document] = {}
        self._merged: Document | None = None
        self._fresh_until = 0.0
        self._lock = Lock()

    def merged(self) -> Document:
        """Raises Unavailable when a neighbour is away that was never heard of."""
        with self._lock:
            if self._merged is None or time.monotonic() >= self._fresh_until:
                documents = {"gateway": self._own()}
                for service in NEIGHBOURS:
                    if service != "gateway":
                        documents[service.removesuffix("-svc")] = self._ask(service)
                self._merged = merge(documents)
                self._fresh_until = time.monotonic() + self._fresh_s
            return self._merged

    def _ask(self, service: str) -> Document:
        try:
            self._heard[service] = _fetch(self._network, service)
        except (OSError, ValueError, http.client.HTTPException) as error:
            log.warning("openapi_not_heard", callee=service, error=type(error).__name__)
            if service not in self._heard:
                raise Unavailable("The documents of a service are not available at the moment.") from error
        return self._heard[service]


def _fetch(network: Network, service: str) -> Document:
    reply = network.transport(service).open("GET", "/openapi.json", [], None, TIMEOUT_S)
    try:
        raw = b"".join(reply.stream)
    finally:
        reply.close()
    if reply.status != 200:
        raise ConnectionError(f"status {reply.status}")
    document = json.loads(raw)
    if not isinstance(document, dict):
        raise ValueError("not a document")
    return document


def merge(documents: Mapping[str, Document]) -> Document:
    """One document of several, by short service name: no path twice, no internal paths, components renamed to
    `<service>_<name>`, only those that are used. Raises Internal where two services claim one path."""
    paths: dict[str, Any] = {}
    components: dict[str, dict[str, Any]] = {}
    tags: dict[str, Any] = {}
    for service, document in documents.items():
        renamed = _renamed(document, service)
        tags.update({tag["name"]: tag for tag in renamed.get("tags", [])})
        for path, item in renamed.get("paths", {}).items():
            if path.startswith("/internal"):
                continue
            if path in paths:
                raise Internal(f"two services document {path}")
            paths[path] = _secured(path, item)
        for kind, named in renamed.get("components", {}).items():
            components.setdefault(kind, {}).update({f"{service}_{name}": body for name, body in named.items()})
    used_tags = {tag for item in paths.values() for verb in VERBS for tag in item.get(verb, {}).get("tags", [])}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Duet", "version": "v1"},
        "servers": [{"url": "/"}],
        "tags": [tag for name, tag in tags.items() if name in used_tags],
        "paths": dict(sorted(paths.items())),
        "components": {**_used(paths, components), "securitySchemes": SECURITY_SCHEMES},
    }


def for_viewer(document: Document) -> Document:
    """The same document as OpenAPI 3.0, the newest that the bundled viewer reads: it differs in how null is said."""

    def older(value: Any) -> Any:
        if isinstance(value, list):
            return [older(item) for item in value]
        if not isinstance(value, dict):
            return value
        found = {key: older(item) for key, item in value.items()}
        kinds = found.get("type")
        if isinstance(kinds, list):
            named = [kind for kind in kinds if kind != "null"]
            found.update({"type": named[0]} if len(named) == 1 else {"anyOf": [{"type": kind} for kind in named]})
            if len(named) != 1:
                del found["type"]
            if "null" in kinds:
                found["nullable"] = True
        for word in ("anyOf", "oneOf"):
            choices = found.get(word)
            if isinstance(choices, list) and {"type": "null"} in choices:
                found[word] = [choice for choice in choices if choice != {"type": "null"}]
                found["nullable"] = True
        return found

    return {**older(document), "openapi": "3.0.3"}


def _renamed(document: Document, service: str) -> Any:
    """The document with every reference to its components pointing at their new names."""

    def rename(value: Any) -> Any:
        if isinstance(value, list):
            return [rename(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {
            key: _new_reference(item, service) if key == "$ref" and isinstance(item, str) else rename(item)
            for key, item in value.items()
        }

    return rename(document)


def _new_reference(reference: str, service: str) -> str:
    if not reference.startswith("#/components/"):
        return reference
    where, _slash, name = reference.rpartition("/")
    return f"{where}/{service}_{name}"


def _secured(path: str, item: Any) -> Any:
    """Which operations need a sign-in: all that the gateway does not answer to everybody."""
    segments = tuple(path.strip("/").split("/"))
    is_open = segments[0] != "v1" or (segments[:2] == ("v1", "auth") and "/".join(segments[2:]) in OPEN_AUTH)
    secured = dict(item)
    for verb in VERBS:
        if verb in item:
            public = is_open or is_public(verb.upper(), Path(segments, path))
            needed: list[dict[str, list[str]]] = (
                [] if public else [{"bearer": []}, {"cookie": []} if verb == "get" else {"cookie": [], "csrf": []}]
            )
            secured[verb] = {**item[verb], "security": needed}
    return secured


def _used(paths: Any, components: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The components that the paths need, directly or through others."""
    used: dict[str, dict[str, Any]] = {}
    waiting = list(_references(paths))
    while waiting:
        _hash, _word, kind, name = waiting.pop().split("/", 3)
        if name in used.setdefault(kind, {}) or name not in components.get(kind, {}):
            continue
        used[kind][name] = components[kind][name]
        waiting.extend(_references(components[kind][name]))
    return {kind: dict(sorted(named.items())) for kind, named in sorted(used.items()) if named}


def _references(value: Any) -> Iterable[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            reference = item.get("$ref")
            if isinstance(reference, str) and reference.startswith("#/components/"):
                yield reference
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
