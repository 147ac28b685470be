"""Puts the gateway together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chassis.service import Basis, Service
from chassis.upstream import Network
from chassis.web.app import create_app
from chassis.web.schemas import Cursors
from gateway import consumers, internal, jobs, models, ports, proxy, stream
from gateway.adapters.botchecks import bot_check
from gateway.adapters.passwords import Argon2Hasher, common_passwords
from gateway.config import Config, derived_key
from gateway.routes import auth, docs, me, users_admin
from gateway.routes import stream as stream_routes
from gateway.routes.authentication import Doorkeeper
from gateway.stream.bodies import Bodies
from gateway.stream.feed import EventIds, Feed
from gateway.usecases import accounts, admin, botcheck, profiles, ratelimits, sessions, tokens
from gateway.usecases.stream import StreamLog

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class UseCases:
    """What the gateway can do, for its doors and for the command line."""

    tokens: tokens.Tokens
    limits: ratelimits.RateLimits
    sessions: sessions.Sessions
    bot_checks: botcheck.BotChecks
    accounts: accounts.Accounts
    profiles: profiles.Profiles
    admin: admin.Admin
    stream: StreamLog


def create_usecases(basis: Basis, config: Config, announcer: ports.Announcer, hasher: ports.PasswordHasher) -> UseCases:
    """The use cases with everything they need."""
    database, keys = basis.database, tokens.Tokens(config.common.secret_key)
    models.database.initialize(database.peewee)
    limits = ratelimits.RateLimits(database, keys, config.common.rate_limit_factor)
    signed_in, bots = sessions.Sessions(database, keys, announcer), botcheck.BotChecks(database, bot_check(config))
    users = accounts.Accounts(database, signed_in, bots, limits, hasher, common_passwords())
    quota, media = (basis.network.upstream(name, basis.signer) for name in ("quota-svc", "media-svc"))
    appoint, log = admin.Admin(database, users, hasher, announcer), StreamLog(database, announcer)
    return UseCases(keys, limits, signed_in, bots, users, profiles.Profiles(database, quota, media), appoint, log)


def create_service(
    env: Mapping[str, str], network: Network | None = None, hasher: ports.PasswordHasher | None = None
) -> Service:
    """The gateway as a value. Raises ConfigError for unusable settings."""
    config = Config.from_env(env)
    secret, basis = config.common.secret_key, Basis.build(config.common, network)
    live = stream.Live.build(basis.database, config.common.bus_url, config.max_streams)
    use, cursors = create_usecases(basis, config, live.announcer, hasher or Argon2Hasher()), Cursors(secret)
    doors = Doorkeeper(config, use.sessions, use.tokens, basis.verifier)
    ids, bodies = EventIds(derived_key(secret, "event-ids")), Bodies(basis.network, basis.signer)
    blueprints = [
        auth.blueprint(use.accounts, use.sessions, use.bot_checks, doors, cursors),
        me.blueprint(use.profiles), users_admin.blueprint(use.admin, cursors),
        internal.blueprint(use.bot_checks, use.profiles), proxy.blueprint(basis.network, basis.signer),
        stream_routes.blueprint(Feed(use.stream, bodies, live.hub, ids, use.sessions.is_open)),
        docs.blueprint(docs.Documents(basis.network, lambda: app.extensions["duet_api"].spec.to_dict())),
    ]  # fmt: skip
    app = create_app(
        config.common, title="Duet", blueprints=blueprints, authenticate=doors.authenticate, metrics=basis.metrics,
        checks=basis.readiness(MIGRATIONS), serve_openapi=False,
    )  # fmt: skip
    app.after_request(doors.renew_cookies)
    loops = jobs.loops(use.sessions, use.bot_checks, use.limits, use.stream)
    return Service(
        basis, app, MIGRATIONS, usecases=use, handlers=consumers.handlers(use.stream), loops=loops,
        on_signal=stream.on_signal(live.announcer), start_web=live.start, stop_web=live.stop,
    )  # fmt: skip
