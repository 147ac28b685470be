"""Puts media-svc together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chassis.service import Basis, Service
from chassis.upstream import Network
from chassis.web.app import by_identity_header, create_app
from chassis.web.schemas import Cursors
from media_svc import adapters, consumers, jobs, models, usecases
from media_svc.config import Config
from media_svc.internal import picks
from media_svc.internal import uploads as internal_uploads
from media_svc.ports import Ports
from media_svc.routes import cdn, companion_admin, gallery, media, signing, store, uploads
from media_svc.usecases.checking import tell_coverage

MIGRATIONS = Path(__file__).parent / "migrations"


def create_service(env: Mapping[str, str], network: Network | None = None, *, ports: Ports | None = None) -> Service:
    """media-svc as a value. Raises ConfigError for unusable settings."""
    config = Config.from_env(env)
    basis = Basis.build(config.common, network)
    models.database.initialize(basis.database.peewee)
    ports = ports or adapters.connect(config)
    basis.checks["store"] = ports.store.check
    processing = usecases.processing(basis, ports)
    processing_loop = jobs.processing_loop(processing, config.processing_workers)
    does = usecases.assemble(basis, ports, processing_loop.wake)
    cursors = Cursors(config.common.secret_key)
    app = create_app(
        config.common,
        title="Duet media-svc",
        blueprints=[
            media.blueprint(),
            uploads.blueprint(does.uploads),
            store.blueprint(does.edge),
            cdn.blueprint(does.edge),
            internal_uploads.blueprint(does.uploads, does.claims),
            signing.blueprint(does.signing),
            gallery.blueprint(does.gallery, does.likes, cursors),
            companion_admin.blueprint(does.companion_media, does.picking, cursors),
            picks.blueprint(does.picking),
        ],
        authenticate=by_identity_header(basis.verifier),
        metrics=basis.metrics,
        checks=basis.readiness(MIGRATIONS),
        details={"policy_check": tell_coverage(ports.classifier)},
    )
    loops = [processing_loop, jobs.takedown_loop(processing), *jobs.retention_loops(does.retention)]
    return Service(
        basis, app, MIGRATIONS, usecases=does, handlers=consumers.handlers(does), loops=loops, close_jobs=ports.close
    )
