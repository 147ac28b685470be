"""The five services by name, loaded when they are wanted: no process imports a service it does not run."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import ModuleType

from chassis.config import NEIGHBOURS, ConfigError
from chassis.service import Service
from chassis.upstream import Network

NAMES = tuple(NEIGHBOURS)


def module(name: str) -> ModuleType:
    """The `app` module of a service. Raises ConfigError for a name that is none."""
    if name not in NAMES:
        raise ConfigError(f"there is no service {name!r}; the services are {', '.join(NAMES)}")
    return importlib.import_module(f"{name.replace('-', '_')}.app")


def create(name: str, env: Mapping[str, str], network: Network | None = None) -> Service:
    """The service as a value, from its environment."""
    service: Service = module(name).create_service(env, network)
    return service
