"""`duet migrate`: databases, tables and queues of all services, before any of their processes starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chassis.db import create_database, migrate
from chassis.rabbit import declare_topology
from deploy import catalogue
from deploy.home import attached


def prepare(env: Mapping[str, str], names: Iterable[str] = catalogue.NAMES) -> Iterator[str]:
    """Create and migrate the databases of the services and declare their queues; a line for each step.

    May run any number of times and side by side: an advisory lock lets one migrate.
    """
    consumers = {}
    bus_url = "memory:"
    for name in names:
        service = catalogue.create(name, attached(env, name))
        made = create_database(service.basis.config.dsn)
        applied = migrate(service.basis.config.dsn, service.migrations)
        consumers[name] = sorted(event.TYPE for event in service.handlers)
        bus_url = service.basis.config.bus_url
        yield f"{name}: {'database made, ' if made else ''}{', '.join(applied) or 'nothing to apply'}"
    if bus_url != "memory:":
        declare_topology(bus_url, consumers)
        yield f"queues declared for {', '.join(consumers)}"
