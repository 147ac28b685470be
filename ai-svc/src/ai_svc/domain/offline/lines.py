"""How the phrases of one intent are kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lines:
    """Lines for one intent: `say` answers, `ask` goes on (empty: the voice's own questions)."""

    say: tuple[str, ...]
    ask: tuple[str, ...] = ()
