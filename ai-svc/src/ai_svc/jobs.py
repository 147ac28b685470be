"""The loops of ai-svc: the making of replies, and what is looked after from time to time."""

from __future__ import annotations

from ai_svc.usecases import UseCases
from ai_svc.usecases.making import ReplyMaking
from chassis.jobs import Loop, timer


def reply_loop(making: ReplyMaking, threads: int) -> Loop:
    """Makes replies in `threads` threads."""
    return Loop("ai-svc-replies", making.step, idle_seconds=1.0, threads=threads)


def timers(usecases: UseCases) -> list[Loop]:
    """The engine is announced at the start, and again whenever another process has announced another one."""
    return [
        Loop("ai-svc-engine", lambda: usecases.companions.announce_engine() > 0, idle_seconds=10.0),
        timer("ai-svc-prune-replies", usecases.replies.prune, every_seconds=3600),
    ]
