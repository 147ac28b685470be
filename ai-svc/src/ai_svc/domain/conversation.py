"""The plain values that every rule of the companion service works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "image", "video", "voice"]


@dataclass(frozen=True)
class ContextMessage:
    """One earlier message: text or caption, and what is known of its media (AI-2)."""

    sender: Literal["user", "ai"]
    kind: Kind
    text: str | None = None
    transcript: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Persona:
    """The companion as the model or the offline engine plays it; the id never leaves for a model."""

    id: str
    name: str
    age: int
    bio: str
    persona_prompt: str | None


@dataclass(frozen=True)
class Decision:
    """What the companion answers with (AI-3); `text` is body or caption, a media caption may be empty."""

    kind: Kind
    text: str
    tags: tuple[str, ...] = ()
