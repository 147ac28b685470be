"""Puts media-svc together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chassis.service import Basis, Service
from chassis.upstream import Network
from chassis.web.app import by_identity_header, create_app
from media_svc import models
from media_svc.adapters import connect
from media_svc.config import Config
from media_svc.routes import cdn, media, store
from media_svc.usecases.edge import LocalEdge

MIGRATIONS = Path(__file__).parent / "migrations"


def create_service(env: Mapping[str, str], network: Network | None = None) -> Service:
    """media-svc as a value. Raises ConfigError for unusable settings."""
    config = Config.from_env(env)
    basis = Basis.build(config.common, network)
    models.database.initialize(basis.database.peewee)
    ports = connect(config)
    basis.checks["store"] = ports.store.check
    edge = LocalEdge(basis.database, ports.store, ports.receiver, ports.verifier)
    app = create_app(
        config.common,
        title="Duet media-svc",
        blueprints=[media.blueprint(), store.blueprint(edge), cdn.blueprint(edge)],
        authenticate=by_identity_header(basis.verifier),
        metrics=basis.metrics,
        checks=basis.readiness(MIGRATIONS),
    )
    return Service(basis, app, MIGRATIONS)
