"""One service's use cases beside the running platform, for commands of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.service import Service
from chassis.upstream import Network, Reply
from deploy import catalogue
from deploy.home import attached


class _Nowhere:
    """The neighbours of a command that works on one database: none can be called."""

    def open(self, *_request: Any) -> Reply:
        raise ConnectionError("this command has no neighbours")


def attach(name: str, env: Mapping[str, str]) -> Service:
    """One service as a value, on the database of the platform."""
    network = Network(transports={neighbour: _Nowhere() for neighbour in catalogue.NAMES})
    return catalogue.create(name, attached(env, name), network)
