"""Puts ai-svc together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ai_svc import consumers, internal, jobs, models, routes
from ai_svc.adapters.model_endpoint import HttpModelEndpoint
from ai_svc.adapters.offline import OfflineEngine
from ai_svc.config import Config
from ai_svc.domain.replies import EngineLabel
from ai_svc.ports import Engine
from ai_svc.usecases import UseCases
from ai_svc.usecases.asking import ModelEngine
from ai_svc.usecases.companions import Companions
from ai_svc.usecases.courier import Courier
from ai_svc.usecases.making import ReplyMaking
from ai_svc.usecases.measures import ReplyMeasures
from ai_svc.usecases.replies import Replies
from chassis.service import Basis, Service
from chassis.upstream import Network
from chassis.web.app import by_identity_header, create_app
from chassis.web.schemas import Cursors

MIGRATIONS = Path(__file__).parent / "migrations"


def create_usecases(basis: Basis, config: Config) -> UseCases:
    """What may be done beside the running platform, too: by the seed and the command line."""
    models.database.initialize(basis.database.peewee)
    label: EngineLabel = "model" if config.endpoints else "offline"
    media = basis.network.upstream("media-svc", basis.signer)
    return UseCases(Companions(basis.database, basis.outbox, media, label), Replies(basis.database))


def create_engine(config: Config, measures: ReplyMeasures) -> Engine:
    """What answers for companions with these settings (AI-1)."""
    if not config.endpoints:
        return OfflineEngine()
    endpoints = [HttpModelEndpoint(one, config.temperature, config.max_tokens) for one in config.endpoints]
    return ModelEngine(endpoints, config.budget_seconds, measures.tries)


def create_service(env: Mapping[str, str], network: Network | None = None, *, engine: Engine | None = None) -> Service:
    """ai-svc as a value. Raises ConfigError for unusable settings."""
    config = Config.from_env(env)
    basis = Basis.build(config.common, network)
    usecases = create_usecases(basis, config)
    measures = ReplyMeasures(basis.metrics, basis.database)
    courier = Courier(
        gateway=basis.network.upstream("gateway", basis.signer),
        chat=basis.network.upstream("chat-svc", basis.signer),
        quota=basis.network.upstream("quota-svc", basis.signer),
        media=basis.network.upstream("media-svc", basis.signer),
    )
    making = ReplyMaking(usecases.replies, courier, engine or create_engine(config, measures), basis.signals, measures)
    reply_loop = jobs.reply_loop(making, config.reply_workers)
    cursors = Cursors(config.common.secret_key)
    app = create_app(
        config.common,
        title="Duet ai-svc",
        blueprints=[
            routes.blueprint(usecases.companions, cursors),
            routes.admin_blueprint(usecases.companions, cursors),
            internal.blueprint(usecases.companions),
        ],
        authenticate=by_identity_header(basis.verifier),
        metrics=basis.metrics,
        checks=basis.readiness(MIGRATIONS),
    )
    return Service(
        basis,
        app,
        MIGRATIONS,
        usecases=usecases,
        handlers=consumers.handlers(usecases, reply_loop.wake),
        loops=[reply_loop, *jobs.timers(usecases)],
    )
