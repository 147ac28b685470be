"""The offline companion engine: `reply` answers in persona without a model, `intent_of` says what a text wants."""

from ai_svc.domain.offline.engine import reply
from ai_svc.domain.offline.intents import intent_of

__all__ = ["intent_of", "reply"]
