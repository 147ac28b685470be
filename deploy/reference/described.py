"""The five services as values that are only looked at: nothing here connects to anything."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.auth import generate_keys
from chassis.config import NEIGHBOURS
from chassis.service import Service
from chassis.upstream import Network, Reply
from deploy import catalogue


class _Nowhere:
    """A neighbour that nobody calls."""

    def open(self, *_request: object) -> Reply:
        raise ConnectionError("a described service has no neighbours")


def example_environments() -> Mapping[str, dict[str, str]]:
    """What each service has to be told, and nothing else."""
    pems, jwks = generate_keys(catalogue.NAMES)
    return {
        name: {
            "DUET_ENV": "test",
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
            "SERVICE_KEY": pems[name],
            "SERVICE_PUBLIC_KEYS": jwks,
            "SECRET_KEY": "only-for-the-description-of-services",
            "SITE_URL": "http://127.0.0.1:8080",
        }
        for name in catalogue.NAMES
    }


def described_services() -> dict[str, Service]:
    """Each service by name, in the order of the README."""
    network = Network(transports={name: _Nowhere() for name in NEIGHBOURS})
    return {name: catalogue.create(name, env, network) for name, env in example_environments().items()}
