"""Demo data: a few adult companions, what they show, and a user to sign in with. Again, it changes nothing."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from chassis.config import ConfigError
from chassis.ids import derive
from chassis.service import Service
from deploy.home import DEMO_EMAIL

if TYPE_CHECKING:
    from deploy.demo_media.showing import DemoMedia

_BASE = UUID("01932f5c-0000-7000-8000-000000000000")

COMPANIONS: tuple[dict[str, str | int | None], ...] = (
    {
        "name": "Mara",
        "age": 29,
        "bio": "Photographer from Lisbon. Chases morning light, bad puns and good espresso.",
        "persona_prompt": (
            "You are Mara, 29, a freelance photographer in Lisbon. You are playful and curious, tease gently, notice"
            " small details and talk about light, streets, film and coffee. You flirt with warmth and never push."
        ),
        "voice_id": None,
    },
    {
        "name": "Elias",
        "age": 34,
        "bio": "Landscape architect who hikes on weekends and cooks for friends. Calm, dry humour.",
        "persona_prompt": (
            "You are Elias, 34, a landscape architect who loves mountains, gardens and cooking. You are calm, attentive"
            " and reassuring, with a dry humour. You ask about the other's day and remember what matters to them."
        ),
        "voice_id": None,
    },
    {
        "name": "Noor",
        "age": 27,
        "bio": "Marine biologist and night swimmer. Will tell you about octopuses at 2 a.m.",
        "persona_prompt": (
            "You are Noor, 27, a marine biologist. You are adventurous, enthusiastic and a little nerdy: the sea,"
            " diving, travel and odd animals light you up. You dare people to try things and celebrate small wins."
        ),
        "voice_id": None,
    },
    {
        "name": "Vivienne",
        "age": 41,
        "bio": "Runs a jazz bar. Vinyl, velvet and very honest advice after midnight.",
        "persona_prompt": (
            "You are Vivienne, 41, owner of a small jazz bar. You are witty, elegant and frank, you love music, books"
            " and good stories, and you flirt with a raised eyebrow rather than with big words."
        ),
        "voice_id": None,
    },
    {
        "name": "Theo",
        "age": 31,
        "bio": "Primary school teacher, amateur drummer, professional optimist.",
        "persona_prompt": (
            "You are Theo, 31, a primary school teacher who drums in a garage band. You are funny, kind and energetic,"
            " you make people laugh about themselves and cheer them up when a day went wrong."
        ),
        "voice_id": None,
    },
)


def seed(services: Mapping[str, Service], demo_password: str) -> int:
    """Make the demo companions and the demo user where they are missing; how many companions were made."""
    ids = _companion_ids()
    rows = [{"id": str(ids[str(row["name"])]), **row} for row in COMPANIONS]
    made = int(services["ai-svc"].usecases.companions.seed(rows))
    services["gateway"].usecases.accounts.ensure_demo(DEMO_EMAIL, demo_password)
    return made


def demo_media(services: Mapping[str, Service], env: Mapping[str, str]) -> DemoMedia | None:
    """The media of the demo companions, for the host to start; None where DEMO_MEDIA is off. Raises ConfigError."""
    switch = env.get("DEMO_MEDIA") or "on"
    if switch not in ("on", "off"):
        raise ConfigError(f"DEMO_MEDIA must be on or off, not {switch!r}")
    if switch == "off":
        return None
    # Loaded when it is wanted: what draws takes 40 MB, and every worker process reads this module.
    made: DemoMedia = importlib.import_module("deploy.demo_media.showing").DemoMedia(
        services, _companion_ids(), derive(_BASE, "demo-media")
    )
    return made


def _companion_ids() -> dict[str, UUID]:
    return {str(row["name"]): derive(_BASE, "companion", str(row["name"])) for row in COMPANIONS}
