"""Timers of the gateway."""

from __future__ import annotations

from chassis.jobs import Loop, timer
from gateway.usecases.botcheck import BotChecks
from gateway.usecases.ratelimits import RateLimits
from gateway.usecases.sessions import Sessions


def loops(sessions: Sessions, bot_checks: BotChecks, limits: RateLimits) -> list[Loop]:
    """Forgetting, every ten minutes, what has run out."""
    return [
        timer("gateway-forget-sessions", sessions.prune, every_seconds=600),
        timer("gateway-forget-bot-checks", bot_checks.prune, every_seconds=600),
        timer("gateway-forget-limits", limits.prune, every_seconds=600),
    ]
