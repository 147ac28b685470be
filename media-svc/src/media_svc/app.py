"""Puts media-svc together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chassis.service import Basis, Service
from chassis.upstream import Network
from chassis.web.app import by_identity_header, create_app
from media_svc import routes
from media_svc.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def create_service(env: Mapping[str, str], network: Network | None = None) -> Service:
    """media-svc as a value. Raises ConfigError for unusable settings."""
    config = Config.from_env(env)
    basis = Basis.build(config.common, network)
    app = create_app(
        config.common,
        title="Duet media-svc",
        blueprints=[routes.blueprint()],
        authenticate=by_identity_header(basis.verifier),
        metrics=basis.metrics,
        checks=basis.readiness(MIGRATIONS),
    )
    return Service(basis, app, MIGRATIONS)
