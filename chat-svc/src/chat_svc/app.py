"""Puts chat-svc together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chassis.service import Basis, Service
from chassis.upstream import Network
from chassis.web.app import by_identity_header, create_app
from chassis.web.schemas import Cursors
from chat_svc import consumers, internal, jobs, models, routes
from chat_svc.config import Config
from chat_svc.usecases import Usecases
from chat_svc.usecases.companions import Companions
from chat_svc.usecases.conversations import Conversations
from chat_svc.usecases.media_rules import MediaRules
from chat_svc.usecases.media_sends import MediaSends
from chat_svc.usecases.messages import Messages
from chat_svc.usecases.neighbours import CompanionSource, Quotas, Uploads
from chat_svc.usecases.recovering import Recovering
from chat_svc.usecases.regenerating import Regenerating
from chat_svc.usecases.replies import Replies
from chat_svc.usecases.sending import Sending
from chat_svc.usecases.settling import Settling
from chat_svc.usecases.standings import Standings

MIGRATIONS = Path(__file__).parent / "migrations"


def create_usecases(basis: Basis) -> Usecases:
    """What chat-svc does, on the database and the neighbours of `basis`."""
    database, outbox = basis.database, basis.outbox
    quotas = Quotas(basis.network.upstream("quota-svc", basis.signer))
    companions = CompanionSource(basis.network.upstream("ai-svc", basis.signer))
    uploads = Uploads(basis.network.upstream("media-svc", basis.signer))
    posted = basis.metrics.counter("duet_chat_messages", "Messages written.", ("kind", "sender"))
    rules = MediaRules(uploads)
    media_sends = MediaSends(database, outbox, quotas, uploads, posted)
    return Usecases(
        companions=Companions(database),
        conversations=Conversations(database, outbox, quotas, companions, rules),
        messages=Messages(database),
        sending=Sending(database, outbox, quotas, posted),
        media_sends=media_sends,
        recovering=Recovering(database, media_sends),
        regenerating=Regenerating(database, outbox, quotas),
        replies=Replies(database, outbox, posted),
        settling=Settling(database),
        standings=Standings(database, outbox),
        media_rules=rules,
    )


def create_service(env: Mapping[str, str], network: Network | None = None) -> Service:
    """chat-svc as a value. Raises ConfigError for unusable settings."""
    config = Config.from_env(env)
    basis = Basis.build(config.common, network)
    models.database.initialize(basis.database.peewee)
    usecases = create_usecases(basis)
    app = create_app(
        config.common,
        title="Duet chat-svc",
        blueprints=[routes.blueprint(usecases, Cursors(config.common.secret_key)), internal.blueprint(usecases)],
        authenticate=by_identity_header(basis.verifier),
        metrics=basis.metrics,
        checks=basis.readiness(MIGRATIONS),
    )
    telling, rules = jobs.telling(usecases), jobs.media_rules(usecases)
    return Service(
        basis,
        app,
        MIGRATIONS,
        usecases=usecases,
        handlers=consumers.handlers(usecases, telling.wake),
        loops=[telling, rules, *jobs.recovery(usecases)],
        start_web=rules.start,
        stop_web=lambda: rules.stop(1.0),
    )
