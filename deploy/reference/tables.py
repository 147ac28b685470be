"""Renders the tables: services, events, routes, settings."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

from chassis import contracts
from chassis.auth import Access, access_of
from chassis.envelope import Event
from chassis.service import Service
from deploy.reference.settings import Setting, host_settings, service_settings
from gateway.proxy.table import PUBLIC, ROUTES, SIGNED_URLS

IN_EVERY_SERVICE = ("/healthz", "/readyz", "/metrics", "/openapi.json")
PROXY = "proxy.forward_"
_PARAMETER = re.compile(r"<(?:[a-z0-9_]+:)?([a-z0-9_]+)>")


@dataclass(frozen=True)
class Route:
    """One route of one service; `rule` as Flask has it."""

    service: str
    method: str
    rule: str
    access: Access
    summary: str

    @property
    def path(self) -> str:
        return _PARAMETER.sub(r"{\1}", self.rule)

    @property
    def internal(self) -> bool:
        return self.rule.startswith("/internal/")


def event_classes() -> list[type[Event]]:
    """All events, by owner in the order of the contracts."""
    found: list[type[Event]] = []
    for info in pkgutil.iter_modules(contracts.__path__):
        module = importlib.import_module(f"{contracts.__name__}.{info.name}")
        found += [one for one in vars(module).values() if _is_event_of(one, module)]
    return found


def consumers_of(event: type[Event], services: Mapping[str, Service]) -> list[str]:
    """The services that have a handler for the event."""
    return [name for name, service in services.items() if event in service.handlers]


def routes_of(service: Service) -> list[Route]:
    """The service's own routes, in path order; what the gateway passes on is listed with its owner."""
    found = []
    for rule in service.app.url_map.iter_rules():
        view = service.app.view_functions[rule.endpoint]
        access = access_of(view)
        if rule.endpoint.startswith(PROXY) or access is None:
            continue
        found += [
            Route(service.name, method, rule.rule, access, _first_sentence(view.__doc__))
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]
    return sorted(found, key=lambda route: (route.internal, route.rule, route.method))


def services_table(services: Mapping[str, Service]) -> str:
    """Who owns what, who tells what to whom."""
    events = event_classes()
    return _table(
        ("service", "owns", "public paths", "tells", "hears"),
        (
            (
                f"`{name}`",
                _owns(name),
                " ".join(f"`{path}`" for path in _public_paths(service)),
                _names(event for event in events if name == event.OWNER),
                _names(event for event in events if event in service.handlers),
            )
            for name, service in services.items()
        ),
    )


def events_table(services: Mapping[str, Service]) -> str:
    """Every event with its owner and consumers."""
    return _table(
        ("event", "type", "owner", "consumers", "fact"),
        (
            (
                f"`{event.__name__}`",
                f"`{event.TYPE}`",
                event.OWNER,
                ", ".join(consumers_of(event, services)),
                _first_sentence(event.__doc__),
            )
            for event in event_classes()
        ),
    )


def routes_table(services: Mapping[str, Service]) -> str:
    """Every route but those that each service has."""
    return _table(
        ("route", "service", "for", "what"),
        (
            (f"`{route.method} {route.path}`", name, _for_whom(route), route.summary)
            for name, service in services.items()
            for route in routes_of(service)
            if route.path not in IN_EVERY_SERVICE or (name == "gateway" and route.path == "/openapi.json")
        ),
    )


def settings_table(services: Mapping[str, Service]) -> str:
    """Every setting of the services and the hosts."""
    return _table(
        ("setting", "read by", "default", "meaning"),
        (
            (
                f"`{setting.name}`",
                _readers(setting, len(services)),
                f"`{setting.default}`" if setting.default else "",
                setting.meaning,
            )
            for setting in (*service_settings(), *host_settings())
        ),
    )


TABLES: Mapping[str, Callable[[Mapping[str, Service]], str]] = {
    "services": services_table,
    "events": events_table,
    "routes": routes_table,
    "settings": settings_table,
}
"""The tables by the name in their markers."""


def _is_event_of(candidate: object, module: ModuleType) -> bool:
    return inspect.isclass(candidate) and issubclass(candidate, Event) and candidate.__module__ == module.__name__


def _owns(name: str) -> str:
    """What stands after the colon of the package's docstring."""
    text = inspect.getdoc(importlib.import_module(name.replace("-", "_"))) or ""
    return text.partition(": ")[2].rstrip(".")


def _public_paths(service: Service) -> list[str]:
    if service.name != "gateway":
        return [prefix for prefix, owner in ROUTES if owner == service.name]
    own = (route.path for route in routes_of(service) if not route.internal)
    heads = {re.sub(r"^(/v1/(?:admin/)?[a-z-]+|/[^/]*).*$", r"\1", path) for path in own}
    return sorted(heads - (set(IN_EVERY_SERVICE) - {"/openapi.json"}))


def _for_whom(route: Route) -> str:
    """People who come through the gateway, or the services that may call."""
    access = route.access
    if access.kind in ("role", "service"):
        return ", ".join(access.names)
    if access.kind == "user":
        return "signed in"
    if access.kind == "anyone" and not _open_to_visitors(route):
        return "signed in"
    return "anybody"


def _open_to_visitors(route: Route) -> bool:
    shape = re.sub(r"\{[^}]*\}", "*", route.path)
    signed = route.path.startswith(tuple(f"{prefix}/" for prefix in SIGNED_URLS))
    return route.service == "gateway" or signed or (route.method, shape) in PUBLIC


def _readers(setting: Setting, services: int) -> str:
    if not setting.readers:
        return "host"
    return "all" if len(setting.readers) == services else ", ".join(setting.readers)


def _names(events: Iterator[type[Event]]) -> str:
    return ", ".join(event.__name__ for event in events)


def _first_sentence(doc: str | None) -> str:
    text = " ".join((doc or "").split())
    return re.split(r"(?<=\.)\s", text, maxsplit=1)[0].rstrip(".")


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
