"""Who may see which object, as MEDIA-6 has it, and until when its URL is good. Nothing is allowed by default."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

MOST_KEYS = 200
"""How many keys can be signed at once."""
WINDOW_S = 150
"""Within such a window the URL of an object stays the same, so that caches hit."""
LIFETIME_S = 300
"""From the start of its window, a URL is good for so long."""

Answer = Literal["yes", "no", "conversation", "companion", "active", "premium"]
"""May the viewer see it? `conversation`: only who takes part in it; `companion`: only who has a conversation with the
companion; `active`: as soon as it is known whether the companion is active; `premium`: only a premium user."""


@dataclass(frozen=True)
class Viewer:
    """Who asks. `user_id` None: nobody signed in."""

    user_id: UUID | None
    is_admin: bool = False


@dataclass(frozen=True)
class Viewable:
    """An object of completed media that is neither held nor removed, and what decides on who may see it.

    `used`: claimed for a message, profile or surface; `sent`: in a message; `surface` and `published`: of companion
    media; `granted`: an asset that the viewer was sent; `companion_active` None: not known here yet.
    """

    key: str
    role: str
    purpose: str
    owner_id: UUID
    conversation_id: UUID | None
    companion_id: UUID | None
    used: bool
    sent: bool
    surface: str | None
    published: bool
    premium_only: bool
    granted: bool
    companion_active: bool | None


def decide(viewer: Viewer, thing: Viewable) -> Answer:
    """What this viewer is told of this object, or what has to be asked first (MEDIA-6)."""
    if thing.purpose in ("companion_profile", "companion_background"):
        return _of_companion_profile(viewer, thing)
    if viewer.user_id is None:
        return "no"
    if viewer.user_id == thing.owner_id:
        return "yes"
    if thing.purpose == "avatar":
        return "yes" if thing.used else "no"
    if thing.purpose == "chat":
        return "conversation" if thing.sent else "no"
    if thing.purpose == "companion_media":
        return _of_companion_media(viewer, thing)
    return "no"


def _of_companion_profile(viewer: Viewer, thing: Viewable) -> Answer:
    if viewer.user_id is not None and (viewer.is_admin or viewer.user_id == thing.owner_id):
        return "yes"
    if not thing.used:
        return "no"
    if thing.companion_active is None:
        return "active"
    if thing.companion_active:
        return "yes"
    return "companion" if viewer.user_id is not None else "no"


def _of_companion_media(viewer: Viewer, thing: Viewable) -> Answer:
    if viewer.is_admin:
        return "yes"
    if thing.surface is None:
        return "no"
    if thing.surface == "asset":
        # Also after it was unpublished: it is part of a message that stays.
        return "yes" if thing.granted else "no"
    if not thing.published:
        return "no"
    if thing.companion_active is None:
        return "active"
    if not thing.companion_active:
        return "no"
    return "premium" if thing.premium_only and thing.role != "preview" else "yes"


@dataclass(frozen=True)
class Known:
    """What was asked of neighbours: the viewer's conversations, the companions of them, and whether premium."""

    conversations: Set[UUID] = frozenset()
    companions: Set[UUID] = frozenset()
    premium: bool = False


def allowed(answer: Answer, thing: Viewable, known: Known) -> bool:
    """The verdict, once everything is known."""
    if answer == "conversation":
        return thing.conversation_id in known.conversations
    if answer == "companion":
        return thing.companion_id in known.companions
    if answer == "premium":
        return known.premium
    return answer == "yes"


def expiry(now: float) -> int:
    """When URLs signed at `now` expire, both in Unix seconds: the same all through a window."""
    return int(now // WINDOW_S) * WINDOW_S + LIFETIME_S
