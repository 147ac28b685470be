"""Streets, roofs and the city at night."""

from __future__ import annotations

import math

from deploy.demo_media.canvas import Canvas
from deploy.demo_media.landscapes import EVENING, MORNING, NIGHT, Palette, sky, sun, water

FACADES = ("#e8b96a", "#e79a7c", "#9dc3b0", "#f0dcae", "#c98b9a", "#8fb2cf", "#f5e6d3")


def city_at_night(canvas: Canvas, *, river: bool = True) -> None:
    """A skyline with lit windows, mirrored in a river."""
    w, h = canvas.width, canvas.height
    ground = h * (0.7 if river else 0.98)
    sky(canvas, NIGHT, ground, stars=110, clouds=3)
    canvas.glow(w * 0.22, h * 0.16, w * 0.3, "#dfe6ff", 0.5)
    canvas.circle(w * 0.22, h * 0.16, w * 0.045, "#f7f3dd")
    canvas.rect(0, ground - h * 0.25, w, h * 0.25, canvas.down((0, "#ff9d5c@0"), (1, "#ff9d5c@0.35")))
    for layer, shade in enumerate(("#20315a", "#16223f", "#0b1224")):
        x = -w * 0.05
        while x < w:
            wide = w * canvas.between(0.06, 0.13)
            tall = h * canvas.between(0.14, 0.46 - 0.1 * layer)
            _tower(canvas, x, ground, wide, tall, shade, lit=0.28 + 0.12 * layer)
            x += wide * canvas.between(0.95, 1.25)
    if not river:
        return
    water(canvas, ground, h, ("#2a3b66", "#0f1a36", "#060b1a"), (w * 0.22, "#dfe6ff"))
    for _ in range(60):
        x, color = canvas.between(0, w), canvas.random.choice(("#ffd27a", "#ff9d5c", "#8fd3ff", "#ff6f91"))
        for step in range(9):
            y = ground + h * (0.01 + 0.028 * step)
            drift = math.sin(canvas.t * math.tau + step + x) * w * 0.004
            canvas.ellipse(x + drift, y, w * canvas.between(0.004, 0.016), 1.6, f"{color}@{0.5 - 0.05 * step:.2f}")


def _tower(canvas: Canvas, x: float, ground: float, wide: float, tall: float, shade: str, *, lit: float) -> None:
    canvas.rect(x, ground - tall, wide, tall, canvas.down((0, shade), (1, "#0a1020")))
    if canvas.random.random() < 0.3:
        canvas.line([(x + wide / 2, ground - tall), (x + wide / 2, ground - tall - wide * 0.5)], shade, wide * 0.03)
        blink = 0.3 + 0.7 * (math.sin(canvas.t * math.tau * 2 + x) > 0)
        canvas.circle(x + wide / 2, ground - tall - wide * 0.5, wide * 0.04, "#ff5555", f'opacity="{blink:.1f}"')
    columns, rows = max(3, int(wide / canvas.width * 60)), max(4, int(tall / canvas.height * 46))
    for row in range(rows):
        for column in range(columns):
            on, moment = canvas.random.random() < lit, canvas.random.random()
            if on and not (moment < 0.08 and canvas.t > moment * 10):
                color = canvas.random.choice(("#ffd98a", "#ffc46b", "#fff0c2", "#ffb45e"))
                px, py = x + wide * (column + 0.3) / columns, ground - tall * (1 - (row + 0.3) / rows)
                canvas.rect(px, py, wide * 0.45 / columns, tall * 0.42 / rows, f"{color}@0.9")


def hill_street(canvas: Canvas, palette: Palette = MORNING, *, tram: bool = True) -> None:
    """A steep old street between tiled houses, with a yellow tram."""
    w, h = canvas.width, canvas.height
    sky(canvas, palette, h * 0.6)
    sun(canvas, w * 0.5, h * 0.3, w * 0.05, palette[3])
    canvas.rect(0, h * 0.44, w, h * 0.2, canvas.down((0, "#7fb2c4"), (1, "#b9d6d6")))
    for side in (-1, 1):
        for house in range(5, -1, -1):
            near, far = 1 - house / 6.2, 1 - (house + 1) / 6.2
            x0, x1 = (w / 2 + side * w * (0.1 + 0.46 * share**1.3) for share in (far, near))
            top0, top1 = (h * (0.5 - share**1.2 * canvas.between(0.5, 0.56)) for share in (far, near))
            low0, low1 = (h * (0.56 + 0.46 * share**1.25) for share in (far, near))
            color = FACADES[(house * 2 + (side > 0)) % len(FACADES)]
            canvas.polygon([(x0, top0), (x1, top1), (x1, low1), (x0, low0)], color)
            canvas.polygon([(x0, top0), (x1, top1), (x1, low1), (x0, low0)], f"#3a2440@{0.2 if side < 0 else 0.04}")
            canvas.line([(x0, top0), (x1, top1)], "#b5533c", w * 0.012 * near + 1)
            for floor in range(3):
                for window in range(2):
                    a, b = (x0 + (x1 - x0) * (0.2 + 0.4 * window + extra) for extra in (0, 0.2))
                    share_a, share_b = (x - x0 for x in (a, b))
                    at = [(share / (x1 - x0)) for share in (share_a, share_b)]
                    tops = [
                        top0
                        + (top1 - top0) * s
                        + (low0 - top0 + (low1 - top1 - low0 + top0) * s) * (0.14 + 0.27 * floor)
                        for s in at
                    ]
                    tall = [(low0 - top0 + (low1 - top1 - low0 + top0) * s) * 0.15 for s in at]
                    box = [(a, tops[0]), (b, tops[1]), (b, tops[1] + tall[1]), (a, tops[0] + tall[0])]
                    canvas.polygon(box, "#5b6f86", f'stroke="#fff8ea" stroke-width="{1 + 3 * near:.1f}"')
    canvas.polygon(
        [(w * 0.4, h * 0.56), (w * 0.6, h * 0.56), (w * 1.06, h * 1.02), (-w * 0.06, h * 1.02)],
        canvas.down((0, "#c9b9a6"), (1, "#8f8275")),
    )
    for track in (-0.16, 0.16):
        canvas.line([(w * (0.5 + track * 0.2), h * 0.56), (w * (0.5 + track), h)], "#5d5650", w * 0.006)
    if tram:
        _tram(canvas, w * 0.5, h * (0.72 + 0.1 * canvas.t), w / 1000 * (0.92 + 0.25 * canvas.t))
    for side in (-1, 1):
        canvas.line([(w / 2 + side * w * 0.5, h * 0.12), (w / 2, h * 0.4)], "#3b3b46@0.7", 1.5)


def _tram(canvas: Canvas, x: float, y: float, scale: float) -> None:
    with canvas.moved(x, y, scale):
        canvas.ellipse(0, 128, 150, 18, "#2b2622@0.45")
        canvas.rect(-118, -150, 236, 262, "#f2b92d", r=26)
        canvas.rect(-124, -168, 248, 34, "#fff6e0", r=16)
        canvas.rect(-118, 30, 236, 18, "#fff6e0")
        for left in (-98, -32, 34):
            canvas.rect(left, -112, 62, 96, canvas.slanting((0, "#cfe7ef"), (1, "#4d7389")), r=8)
        canvas.circle(0, 76, 20, "#fffbe0")
        canvas.glow(0, 76, 70, "#fff2b0", 0.8)
        canvas.rect(-34, -160, 68, 20, "#2b2b33", r=5)
        canvas.rect(-130, 108, 260, 22, "#4b3a33", r=8)
        canvas.line([(0, -168), (18, -260)], "#3b3b46", 4)


def roofs(canvas: Canvas, palette: Palette = EVENING) -> None:
    """Roofs down to the river, swallows above."""
    w, h = canvas.width, canvas.height
    sky(canvas, palette, h * 0.52)
    sun(canvas, w * 0.62, h * 0.42, w * 0.05, palette[3])
    canvas.below(canvas.ridge(h * 0.5, h * 0.03, 0.2), f"{palette[1]}")
    water(canvas, h * 0.52, h * 0.72, (palette[3], palette[2], palette[1]), (w * 0.62, palette[3]))
    for row in range(6):
        y, x = h * (0.66 + 0.065 * row), -w * 0.08
        while x < w:
            wide, tall = w * canvas.between(0.09, 0.17) * (1 + row * 0.12), h * canvas.between(0.05, 0.09)
            wall = canvas.random.choice(FACADES)
            canvas.rect(x, y, wide, h * 0.4, wall)
            canvas.rect(x, y, wide, h * 0.4, "#4a2540@0.3")
            roof = canvas.random.choice(("#b5533c", "#a3452f", "#c4684a", "#99462f"))
            canvas.polygon([(x - wide * 0.05, y), (x + wide * 0.5, y - tall * 0.6), (x + wide * 1.05, y)], roof)
            for pane in range(2):
                lit = canvas.random.random() < 0.4
                px = x + wide * (0.2 + 0.4 * pane)
                canvas.rect(px, y + tall * 0.3, wide * 0.18, tall * 0.5, "#ffd98a" if lit else "#4c4a66")
            x += wide
    for _ in range(9):
        x, y, s = (
            canvas.between(0.1, 0.9) * w + canvas.t * w * 0.1,
            canvas.between(0.08, 0.32) * h,
            canvas.between(0.6, 1.3) * w / 60,
        )
        flap = 0.3 + 0.2 * math.sin(canvas.t * math.tau * 4 + x)
        canvas.curve(
            f"M{x - s:.1f} {y - s * flap:.1f} Q{x - s * 0.3:.1f} {y - s * flap:.1f} {x:.1f} {y:.1f} "
            f"Q{x + s * 0.3:.1f} {y - s * flap:.1f} {x + s:.1f} {y - s * flap:.1f}",
            "#2a2038",
            2.4,
        )
