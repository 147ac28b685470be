"""The settings of chat-svc."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.config import Common


@dataclass(frozen=True)
class Config:
    """What chat-svc needs to know."""

    common: Common

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Config:
        return cls(Common.from_env(env, "chat-svc"))
