"""Timers of the gateway."""

from __future__ import annotations

from chassis.jobs import Loop, timer
from gateway.usecases.botcheck import BotChecks
from gateway.usecases.ratelimits import RateLimits
from gateway.usecases.sessions import Sessions
from gateway.usecases.stream import StreamLog

EVERY_S = 600.0


def loops(sessions: Sessions, bot_checks: BotChecks, limits: RateLimits, stream: StreamLog) -> list[Loop]:
    """Forgetting, every ten minutes, what has run out."""
    prunes = {
        "sessions": sessions.prune, "bot-checks": bot_checks.prune, "limits": limits.prune, "stream": stream.prune,
    }  # fmt: skip
    return [timer(f"gateway-forget-{what}", prune, every_seconds=EVERY_S) for what, prune in prunes.items()]
