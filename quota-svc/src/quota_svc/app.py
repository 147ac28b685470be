"""Puts quota-svc together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chassis.service import Basis, Service
from chassis.upstream import Network
from chassis.web.app import by_identity_header, create_app
from quota_svc import internal, models, routes
from quota_svc.config import Config
from quota_svc.domain import permit_limit
from quota_svc.usecases.admissions import Admissions
from quota_svc.usecases.permits import Permits
from quota_svc.usecases.quotas import Quotas

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class UseCases:
    """The use cases that need nothing but the database: also for the command line."""

    quotas: Quotas
    admissions: Admissions


def create_usecases(basis: Basis) -> UseCases:
    """Connect the use cases to the database of `basis`."""
    models.database.initialize(basis.database.peewee)
    return UseCases(Quotas(basis.database), Admissions(basis.database, basis.outbox))


def create_service(env: Mapping[str, str], network: Network | None = None) -> Service:
    """quota-svc as a value. Raises ConfigError for unusable settings."""
    config = Config.from_env(env)
    basis = Basis.build(config.common, network)
    usecases = create_usecases(basis)
    gateway = basis.network.upstream("gateway", basis.signer)
    permits = Permits(basis.database, gateway, permit_limit(config.common.rate_limit_factor))
    minted = basis.metrics.counter("duet_quota_permits_minted", "Permits minted.", ("scope",))
    outcomes = basis.metrics.counter("duet_quota_admissions", "Sends by what became of them.", ("outcome",))
    app = create_app(
        config.common,
        title="Duet quota-svc",
        blueprints=[
            routes.blueprint(permits, minted),
            internal.blueprint(usecases.quotas, usecases.admissions, outcomes),
        ],
        authenticate=by_identity_header(basis.verifier),
        metrics=basis.metrics,
        checks=basis.readiness(MIGRATIONS),
    )
    return Service(basis, app, MIGRATIONS)
