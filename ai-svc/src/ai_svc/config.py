"""The settings of ai-svc."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis.config import Common, ConfigError, Env

LONGEST_BUDGET_S = 28.0
"""Of the 30 seconds that CHAT-8 allows; the rest is for telling the failure."""


@dataclass(frozen=True)
class EndpointConfig:
    """An OpenAI-compatible chat endpoint. `base_url`: with or without `/v1`; no key: no Authorization header."""

    name: str
    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)

    @classmethod
    def from_env(cls, env: Env, name: str) -> EndpointConfig | None:
        suffix = name.upper()
        base_url = env.optional_url(f"LLM_BASE_URL_{suffix}")
        if base_url is None:
            return None
        key = env.optional(f"LLM_API_KEY_{suffix}")
        if key is not None and not (key.isascii() and key.isprintable()):
            raise ConfigError(f"LLM_API_KEY_{suffix} must be printable ASCII")
        return cls(name, base_url, env.text(f"LLM_MODEL_{suffix}"), key)


@dataclass(frozen=True)
class Config:
    """What ai-svc needs to know. Without `endpoints` the offline companion engine answers (AI-1)."""

    common: Common
    endpoints: tuple[EndpointConfig, ...]
    temperature: float
    max_tokens: int
    budget_seconds: float
    reply_workers: int

    @classmethod
    def from_env(cls, values: Mapping[str, str]) -> Config:
        env = Env(values)
        primary, fallback = EndpointConfig.from_env(env, "primary"), EndpointConfig.from_env(env, "fallback")
        if primary is None and fallback is not None:
            raise ConfigError("LLM_BASE_URL_PRIMARY is not set, but LLM_BASE_URL_FALLBACK is")
        budget = env.number("LLM_BUDGET_SECONDS", 27.0, at_least=0.1)
        if budget > LONGEST_BUDGET_S:
            raise ConfigError(f"LLM_BUDGET_SECONDS must be at most {LONGEST_BUDGET_S:g}")
        return cls(
            common=Common.from_env(values, "ai-svc"),
            endpoints=tuple(endpoint for endpoint in (primary, fallback) if endpoint is not None),
            temperature=env.number("LLM_TEMPERATURE", 0.8),
            max_tokens=env.integer("LLM_MAX_TOKENS", 220, at_least=1),
            budget_seconds=budget,
            reply_workers=env.integer("REPLY_WORKERS", 8, at_least=1),
        )
