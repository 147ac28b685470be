"""Portraits in flat shapes, and people seen from behind in a landscape."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from deploy.demo_media.canvas import Canvas

Hair = Literal["long", "bun", "curls", "bob", "short", "headscarf"]


@dataclass(frozen=True)
class Look:
    """How one of the companions looks; colours as in SVG."""

    skin: str
    shade: str
    hair: str
    style: Hair
    clothes: str
    trim: str
    beard: bool = False
    glasses: bool = False
    earrings: bool = False


MARA = Look("#e8b48c", "#c98a62", "#4a2a1c", "long", "#2f6f73", "#f2d7b0", earrings=True)
ELIAS = Look("#e3b08f", "#b97c58", "#5b4636", "short", "#4a6b4d", "#d9cfae", beard=True)
NOOR = Look("#b97a50", "#8f5735", "#1c1416", "curls", "#1f6f9c", "#ffd36b")
VIVIENNE = Look("#f0c8ae", "#cf987a", "#7a1f2b", "bob", "#4b1a3a", "#d9b45c", earrings=True)
THEO = Look("#8a5738", "#663c24", "#191213", "curls", "#e0a030", "#24415e", glasses=True)


def portrait(canvas: Canvas, look: Look, light: tuple[str, str], *, smile: float = 1.0, tilt: float = -3.0) -> None:
    """Head and shoulders before two colours of light."""
    w, h = canvas.width, canvas.height
    canvas.fill(canvas.slanting((0, light[0]), (1, light[1])))
    canvas.glow(w * 0.28, h * 0.24, w * 0.75, "#ffffff", 0.35)
    for _ in range(14):
        x, y, r = canvas.between(0, w), canvas.between(0, h), canvas.between(0.02, 0.09) * w
        canvas.circle(x, y, r, f"#ffffff@{canvas.between(0.04, 0.12):.2f}", canvas.blurred(6))
    with canvas.moved(w * 0.5, h * 0.5 + min(w, h) * 0.02, min(w, h) / 1000):
        _bust(canvas, look, smile, tilt)


def _bust(canvas: Canvas, look: Look, smile: float, tilt: float) -> None:
    if look.style == "long":
        canvas.path("M-250 -150 C-290 130 -300 330 -250 470 L250 470 C300 330 290 130 250 -150Z", look.hair)
    canvas.path("M-430 1000 C-430 520 -330 400 -110 350 L110 350 C330 400 430 520 430 1000Z", look.clothes)
    canvas.path("M-430 1000 C-430 520 -330 400 -110 350 L-60 350 C-240 480 -250 700 -240 1000Z", "#000000@0.14")
    canvas.path("M-104 210 L-104 372 Q0 470 104 372 L104 210Z", look.shade)
    canvas.path("M-150 352 Q0 520 150 352 L186 372 Q0 580 -186 372Z", look.trim)
    with canvas.moved(0, 0, 1, tilt):
        _head(canvas, look, smile)


def _head(canvas: Canvas, look: Look, smile: float) -> None:
    if look.style == "bun":
        canvas.circle(0, -390, 96, look.hair)
    if look.style == "curls":
        for curl in range(15):
            angle = math.pi * (0.93 + 1.14 * curl / 14)
            canvas.circle(math.cos(angle) * 222, -90 + math.sin(angle) * 240, 88, look.hair)
    elif look.style == "bob":
        canvas.path(
            "M-262 110 C-330 -330 -150 -385 0 -385 C150 -385 330 -330 262 110 C240 190 170 170 160 90 L-160 90 "
            "C-170 170 -240 190 -262 110Z",
            look.hair,
        )
    else:
        canvas.path("M-232 -20 C-270 -330 -130 -375 0 -375 C130 -375 270 -330 232 -20Z", look.hair)
    for side in (-1, 1):
        canvas.ellipse(side * 206, 10, 34, 54, look.shade)
        if look.earrings:
            canvas.circle(side * 212, 84, 15, "#f2c75c")
    face = "M-200 -120 C-212 90 -130 268 0 268 C130 268 212 90 200 -120 C190 -270 -190 -270 -200 -120Z"
    canvas.path(face, canvas.across((0, look.skin), (0.62, look.skin), (1, look.shade)))
    if look.beard:
        canvas.path(
            "M-202 20 C-196 200 -120 300 0 300 C120 300 196 200 202 20 C170 100 120 110 0 104 C-120 110 -170 "
            "100 -202 20Z",
            look.hair,
        )
        canvas.path("M-64 150 Q0 206 64 150 Q0 172 -64 150Z", "#c9746a")
    for side in (-1, 1):
        canvas.ellipse(side * 118, 88, 46, 30, "#e0604f@0.2", canvas.blurred(7))
        canvas.curve(f"M{side * 132} {-76} Q{side * 88} {-104} {side * 48} {-82}", look.hair, 13)
        canvas.ellipse(side * 90, -20, 37, 21, "#fffaf4")
        canvas.circle(side * 90, -20, 19, "#4a3020")
        canvas.circle(side * 90, -20, 9, "#140c0a")
        canvas.circle(side * 90 + 7, -27, 6, "#ffffff")
        canvas.curve(f"M{side * 50} {-22} Q{side * 90} {-58} {side * 132} {-18}", "#24161a", 8)
        if look.glasses:
            canvas.circle(side * 92, -18, 62, "#ffffff@0.14", 'stroke="#2b2b33" stroke-width="10"')
    if look.glasses:
        canvas.line([(-32, -22), (32, -22)], "#2b2b33", 10)
    canvas.curve("M-6 -4 Q-30 68 8 76", look.shade, 9)
    if not look.beard:
        bend = 132 + 58 * smile
        canvas.path(f"M-80 136 Q0 {bend:.0f} 80 136 Q0 {bend + 26:.0f} -80 136Z", "#b8474a")
        canvas.path(f"M-64 140 Q0 {bend - 8:.0f} 64 140 Q0 {bend + 4:.0f} -64 140Z", "#fff6f0")
    _fringe(canvas, look)


def _fringe(canvas: Canvas, look: Look) -> None:
    if look.style == "curls":
        for x, y, r in (
            (-150, -215, 76),
            (-66, -262, 84),
            (34, -266, 84),
            (126, -228, 80),
            (188, -150, 56),
            (-198, -140, 56),
        ):
            canvas.circle(x, y, r, look.hair)
    elif look.style == "bob":
        canvas.path(
            "M-214 -60 C-236 -300 -100 -330 0 -330 C110 -330 236 -300 214 -60 C190 -150 150 -186 110 -196 L-120 "
            "-190 C-170 -180 -196 -140 -214 -60Z",
            look.hair,
        )
    elif look.style == "short":
        canvas.path(
            "M-210 -90 C-236 -310 -60 -356 60 -344 C180 -336 236 -240 208 -90 C196 -160 170 -206 120 -214 C40 "
            "-196 -60 -196 -130 -224 C-180 -200 -200 -150 -210 -90Z",
            look.hair,
        )
    else:
        canvas.path(
            "M-222 40 C-250 -300 -100 -346 10 -340 C150 -340 246 -260 222 40 C206 -90 150 -190 30 -232 C-90 "
            "-200 -200 -90 -222 40Z",
            look.hair,
        )


def from_behind(canvas: Canvas, look: Look, x: float, ground: float, tall: float) -> None:
    """Somebody who stands and looks away from us; `ground` and `tall` in pixels."""
    sway = math.sin(canvas.t * math.tau)
    with canvas.moved(x, ground, tall / 1000):
        canvas.ellipse(30, 4, 190, 22, "#000000@0.35", canvas.blurred(6))
        for side in (-1, 1):
            canvas.path(f"M{side * 12} -470 L{side * 116} -470 L{side * 84} -20 L{side * 34} -20Z", "#2b3550")
            canvas.ellipse(side * 60, -12, 44, 18, "#3a2a22")
        canvas.path("M-130 -460 C-150 -640 -170 -760 -84 -790 L84 -790 C170 -760 150 -640 130 -460Z", look.clothes)
        for side in (-1, 1):
            hand = side * (190 + 6 * sway)
            canvas.curve(f"M{side * 128} -748 Q{side * 196} -620 {hand:.0f} -470", look.clothes, 54)
            canvas.circle(hand, -446, 27, look.skin)
        canvas.rect(-34, -826, 68, 50, look.shade)
        canvas.ellipse(0, -886, 76, 92, look.hair)
        if look.style == "long":
            canvas.path(
                f"M-80 -890 C-110 -760 -96 -690 {-60 + 14 * sway:.0f} -640 L{64 + 14 * sway:.0f} -640 C96 -690 "
                f"110 -760 80 -890Z",
                look.hair,
            )
        elif look.style == "curls":
            for curl in range(11):
                angle = math.tau * curl / 11
                canvas.circle(math.cos(angle) * 76, -886 + math.sin(angle) * 88, 34, look.hair)
        elif look.style == "bob":
            canvas.path("M-92 -900 C-112 -800 -92 -780 -70 -778 L70 -778 C92 -780 112 -800 92 -900Z", look.hair)
