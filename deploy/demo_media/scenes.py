"""The scenes of the demo media that are put together of several parts."""

from __future__ import annotations

from deploy.demo_media import indoors, landscapes, town
from deploy.demo_media.canvas import Canvas
from deploy.demo_media.landscapes import DAWN, DAY, EVENING, MORNING, NIGHT, Palette
from deploy.demo_media.people import ELIAS, MARA, NOOR, Look, from_behind, portrait
from deploy.demo_media.render import Scene


def selfie(look: Look, light: tuple[str, str], smile: float = 1.0, tilt: float = -3.0) -> Scene:
    """Head and shoulders."""
    return lambda canvas: portrait(canvas, look, light, smile=smile, tilt=tilt)


def beach(palette: Palette = MORNING, *, boat: bool = False, footprints: bool = False) -> Scene:
    """A beach at that time of day."""
    return lambda canvas: landscapes.beach(canvas, palette, boat=boat, footprints=footprints)


def mountains(palette: Palette = DAWN, *, lake: bool = False, stars: int = 0) -> Scene:
    """Mountains at that time of day."""
    return lambda canvas: landscapes.mountains(canvas, palette, lake=lake, stars=stars)


def garden(palette: Palette = DAY) -> Scene:
    """The lavender garden."""
    return lambda canvas: landscapes.garden(canvas, palette)


def reef(*, octopus: bool = False, night: bool = False) -> Scene:
    """Under water."""
    return lambda canvas: landscapes.reef(canvas, octopus=octopus, night=night)


def coffee(*, camera: bool = False, croissant: bool = True) -> Scene:
    """The coffee table."""
    return lambda canvas: indoors.coffee(canvas, camera=camera, croissant=croissant)


def street(palette: Palette = MORNING, *, tram: bool = True) -> Scene:
    """The street with the tram."""
    return lambda canvas: town.hill_street(canvas, palette, tram=tram)


def roofs(palette: Palette = EVENING) -> Scene:
    """The roofs over the river."""
    return lambda canvas: town.roofs(canvas, palette)


def bar(*, glass: bool = True) -> Scene:
    """The bar after midnight."""
    return lambda canvas: indoors.bar(canvas, glass=glass)


def night_beach(canvas: Canvas) -> None:
    """The sea under stars."""
    landscapes.beach(canvas, NIGHT)


def mara_at_the_sea(canvas: Canvas) -> None:
    """Mara looks at the sunset."""
    landscapes.beach(canvas, EVENING)
    from_behind(canvas, MARA, canvas.width * 0.6, canvas.height * 0.95, canvas.height * 0.42)


def elias_on_a_ridge(canvas: Canvas) -> None:
    """Elias looks at the mountains."""
    landscapes.mountains(canvas, DAWN)
    from_behind(canvas, ELIAS, canvas.width * 0.5, canvas.height * 0.97, canvas.height * 0.34)


def noor_before_a_swim(canvas: Canvas) -> None:
    """Noor looks at the sea by night."""
    landscapes.beach(canvas, NIGHT)
    from_behind(canvas, NOOR, canvas.width * 0.45, canvas.height * 0.95, canvas.height * 0.4)
