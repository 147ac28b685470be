"""Puts the gateway together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chassis.service import Basis, Service
from chassis.upstream import Network
from chassis.web.app import create_app
from chassis.web.schemas import Cursors
from gateway import internal, jobs, models, proxy
from gateway.adapters.botchecks import bot_check
from gateway.adapters.passwords import Argon2Hasher, common_passwords
from gateway.config import Config
from gateway.ports import Announcer
from gateway.routes import auth, me, users_admin
from gateway.routes.authentication import Doorkeeper
from gateway.stream.notify import NotifyAnnouncer
from gateway.usecases.accounts import Accounts
from gateway.usecases.admin import Admin
from gateway.usecases.botcheck import BotChecks
from gateway.usecases.profiles import Profiles
from gateway.usecases.ratelimits import RateLimits
from gateway.usecases.sessions import Sessions
from gateway.usecases.tokens import Tokens

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class UseCases:
    """What the gateway can do, for its doors and for the command line."""

    tokens: Tokens
    limits: RateLimits
    sessions: Sessions
    bot_checks: BotChecks
    accounts: Accounts
    profiles: Profiles
    admin: Admin


def create_usecases(basis: Basis, config: Config, announcer: Announcer) -> UseCases:
    """The use cases with everything they need."""
    database, hasher = basis.database, Argon2Hasher()
    tokens = Tokens(config.common.secret_key)
    limits = RateLimits(database, tokens, config.common.rate_limit_factor)
    sessions = Sessions(database, tokens, announcer)
    bot_checks = BotChecks(database, bot_check(config))
    accounts = Accounts(database, sessions, bot_checks, limits, hasher, common_passwords())
    profiles = Profiles(database, basis.network.upstream("quota-svc", basis.signer))
    return UseCases(
        tokens, limits, sessions, bot_checks, accounts, profiles, Admin(database, accounts, hasher, announcer)
    )


def create_service(env: Mapping[str, str], network: Network | None = None) -> Service:
    """The gateway as a value. Raises ConfigError for unusable settings."""
    config = Config.from_env(env)
    basis = Basis.build(config.common, network)
    models.database.initialize(basis.database.peewee)
    use = create_usecases(basis, config, NotifyAnnouncer(basis.database))
    doorkeeper = Doorkeeper(config, use.sessions, use.tokens, basis.verifier)
    cursors = Cursors(config.common.secret_key)
    app = create_app(
        config.common,
        title="Duet gateway",
        blueprints=[
            auth.blueprint(use.accounts, use.sessions, use.bot_checks, doorkeeper, cursors),
            me.blueprint(use.profiles),
            users_admin.blueprint(use.admin, cursors),
            internal.blueprint(use.bot_checks),
            proxy.blueprint(basis.network, basis.signer),
        ],
        authenticate=doorkeeper.authenticate,
        metrics=basis.metrics,
        checks=basis.readiness(MIGRATIONS),
    )
    app.after_request(doorkeeper.renew_cookies)
    loops = jobs.loops(use.sessions, use.bot_checks, use.limits)
    return Service(basis, app, MIGRATIONS, usecases=use, loops=loops)
