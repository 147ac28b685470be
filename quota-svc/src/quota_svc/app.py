"""Puts quota-svc together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chassis.service import Basis, Service
from chassis.upstream import Network
from chassis.web.app import by_identity_header, create_app
from quota_svc import consumers, internal, jobs, models, routes
from quota_svc.config import Config
from quota_svc.domain import media_limit, permit_limit
from quota_svc.usecases.admissions import Admissions
from quota_svc.usecases.permits import Permits
from quota_svc.usecases.premium import PremiumGrants
from quota_svc.usecases.quotas import Quotas
from quota_svc.usecases.settlement import Settlement
from quota_svc.usecases.spends import Spends

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class UseCases:
    """What quota-svc does; the command line reaches it here."""

    permits: Permits
    quotas: Quotas
    admissions: Admissions
    spends: Spends
    premium: PremiumGrants
    settlement: Settlement


def create_usecases(basis: Basis, config: Config) -> UseCases:
    """The use cases on the database and the neighbours of `basis`."""
    database, outbox = basis.database, basis.outbox
    models.database.initialize(database.peewee)
    gateway = basis.network.upstream("gateway", basis.signer)
    chat = basis.network.upstream("chat-svc", basis.signer)
    factor = config.common.rate_limit_factor
    admissions = Admissions(database, outbox, media_limit(factor))
    return UseCases(
        permits=Permits(database, gateway, permit_limit(factor)),
        quotas=Quotas(database),
        admissions=admissions,
        spends=Spends(database, outbox),
        premium=PremiumGrants(database, outbox),
        settlement=Settlement(database, admissions, chat),
    )


def create_service(env: Mapping[str, str], network: Network | None = None) -> Service:
    """quota-svc as a value. Raises ConfigError for unusable settings."""
    config = Config.from_env(env)
    basis = Basis.build(config.common, network)
    use = create_usecases(basis, config)
    count = basis.metrics.counter
    minted = count("duet_quota_permits_minted", "Permits minted.", ("scope",))
    outcomes = count("duet_quota_admissions", "Sends that wanted in, by what became of them.", ("outcome",))
    reversals = count("duet_quota_reversals", "Admissions reversed as their reply failed for good.")
    app = create_app(
        config.common,
        title="Duet quota-svc",
        blueprints=[
            routes.blueprint(use.permits, minted),
            internal.blueprint(use.quotas, use.admissions, use.spends, outcomes, reversals),
        ],
        authenticate=by_identity_header(basis.verifier),
        metrics=basis.metrics,
        checks=basis.readiness(MIGRATIONS),
    )
    handlers = consumers.handlers(use.admissions)
    loops = jobs.loops(use.settlement, use.permits, use.admissions)
    return Service(basis, app, MIGRATIONS, handlers=handlers, loops=loops, usecases=use)
