"""What a companion has to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from deploy.demo_media.render import Scene


@dataclass(frozen=True)
class Medium:
    """One picture or clip of a companion; `seconds` makes it a clip, `tone` gives it a soft chord (Hz)."""

    name: str
    surface: Literal["gallery", "post", "asset"]
    scene: Scene
    text: str
    tags: tuple[str, ...] = ()
    location: str | None = None
    premium_only: bool = False
    mature: bool = False
    seconds: float | None = None
    tone: tuple[float, ...] = ()


@dataclass(frozen=True)
class Album:
    """Everything of one companion."""

    avatar: Scene
    background: Scene
    media: Sequence[Medium]
