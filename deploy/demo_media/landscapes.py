"""Sea, mountains, gardens and what lies under water."""

from __future__ import annotations

import math
from collections.abc import Sequence

from deploy.demo_media.canvas import Canvas

Palette = Sequence[str]
"""Colours from the top of the sky down to the horizon."""
DAWN: Palette = ("#3b4a7a", "#c06a86", "#f6a66b", "#ffd9a0")
MORNING: Palette = ("#6fa8d6", "#a9cfe6", "#f4dfc0", "#fff1d8")
DAY: Palette = ("#2f7fc4", "#6db3e3", "#bfe3f4", "#eaf7fb")
EVENING: Palette = ("#2a2556", "#7a3f78", "#e2655a", "#ffb35c")
NIGHT: Palette = ("#050b1f", "#0d1c3d", "#1c3763", "#33598a")


def sky(canvas: Canvas, palette: Palette, horizon: float, *, stars: int = 0, clouds: int = 5) -> None:
    """The sky down to `horizon` pixels."""
    share = [i / (len(palette) - 1) for i in range(len(palette))]
    canvas.rect(0, 0, canvas.width, horizon + 2, canvas.down(*zip(share, palette, strict=True)))
    for _ in range(stars):
        x, y, size = canvas.between(0, canvas.width), canvas.between(0, horizon * 0.9), canvas.between(0.5, 1.9)
        twinkle = 0.5 + 0.5 * math.sin(canvas.t * math.tau + x)
        canvas.circle(x, y, size, "#ffffff", f'opacity="{0.3 + 0.6 * twinkle * canvas.between(0.4, 1):.2f}"')
    for _ in range(clouds):
        x, y = canvas.between(-0.1, 1.0) * canvas.width, canvas.between(0.1, 0.75) * horizon
        with canvas.moved(x + canvas.t * canvas.width * 0.04, y, more=canvas.blurred(canvas.width * 0.006)):
            for _puff in range(7):
                width = canvas.between(0.04, 0.14) * canvas.width
                dx, dy = canvas.between(-0.12, 0.12) * canvas.width, canvas.between(-0.008, 0.008) * canvas.height
                canvas.ellipse(dx, dy, width, width * 0.1, f"{palette[-1]}@0.4")


def sun(canvas: Canvas, x: float, y: float, r: float, color: str, core: str = "#fffbe8") -> None:
    """The sun and its light; `r` in pixels."""
    canvas.glow(x, y, r * 7, color, 0.75)
    canvas.circle(x, y, r, core)


def water(canvas: Canvas, top: float, bottom: float, colors: Palette, light: tuple[float, str] | None) -> None:
    """Water between two heights; `light`: where along it something shines on it, and in which colour."""
    share = [i / (len(colors) - 1) for i in range(len(colors))]
    canvas.rect(0, top, canvas.width, bottom - top, canvas.down(*zip(share, colors, strict=True)))
    depth = bottom - top
    for row in range(46):
        near = (row / 46) ** 1.6
        y = top + depth * near + 1
        for _ in range(7):
            x = canvas.between(0, canvas.width) + math.sin(canvas.t * math.tau + row) * canvas.width * 0.01
            length = canvas.width * canvas.between(0.02, 0.09) * (0.35 + near)
            canvas.ellipse(x, y, length, 0.6 + 2.2 * near, f"#ffffff@{0.05 + 0.08 * canvas.between(0, 1):.2f}")
        if light is not None:
            middle, color = light
            spread = canvas.width * (0.012 + 0.07 * near)
            for _ in range(4):
                drift = math.sin(canvas.t * math.tau + row * 1.7) * spread * 0.3
                x = middle + canvas.between(-1, 1) * spread + drift
                canvas.ellipse(x, y, spread * canvas.between(0.25, 0.8), 0.8 + 2.6 * near, f"{color}@0.55")


def beach(canvas: Canvas, palette: Palette = MORNING, *, boat: bool = False, footprints: bool = False) -> None:
    """A beach at the sea."""
    w, h = canvas.width, canvas.height
    horizon, shore = h * 0.46, h * 0.76
    sky(canvas, palette, horizon)
    x = w * canvas.between(0.3, 0.7)
    sun(canvas, x, horizon - h * 0.09, w * 0.035, palette[2])
    canvas.below([(0, horizon), (w, horizon)], "#2c6f86")
    far = [(px, py) for px, py in canvas.ridge(horizon - h * 0.012, h * 0.03, 0.2) if px < w * 0.33]
    canvas.polygon([*far, (w * 0.36, horizon), (0, horizon)], f"{palette[0]}@0.75")
    water(canvas, horizon, shore + h * 0.1, (palette[2], "#5fa3ae", "#2f7f8d", "#7fc3bd"), (x, palette[3]))
    if boat:
        bx = w * 0.7 + canvas.t * w * 0.05
        with canvas.moved(bx, horizon + h * 0.035 + math.sin(canvas.t * math.tau) * 2, w / 1000):
            canvas.polygon([(-5, -8), (-5, -150), (-72, -20)], "#fffaf0")
            canvas.polygon([(5, -8), (5, -170), (62, -14)], "#f1d9b8")
            canvas.path("M-70 0 L70 0 Q50 26 20 28 L-34 28 Q-58 22 -70 0Z", "#7b2f34")
            canvas.ellipse(0, 40, 90, 7, "#14343d@0.35")
    swash = math.sin(canvas.t * math.tau) * h * 0.012
    edge = "".join(
        f" L{i * w / 24:.1f} {shore + swash + math.sin(i * 0.9 + 1) * h * 0.012 + i * h * 0.002:.1f}" for i in range(25)
    )
    start = f"M0 {shore + swash:.1f}{edge}"
    canvas.curve(start, "#ffffff", h * 0.02, 'opacity="0.85" ' + canvas.blurred(3))
    sand = canvas.down((0, "#c79b68"), (0.12, "#e3c08c"), (1, "#f3ddb0"))
    canvas.path(f"{start} L{w} {h} L0 {h}Z", sand, f'transform="translate(0 {h * 0.012:.1f})"')
    for _ in range(260):
        sx, sy = canvas.between(0, w), canvas.between(shore + h * 0.06, h)
        canvas.circle(sx, sy, canvas.between(0.5, 1.8), f"#8d6a3f@{canvas.between(0.1, 0.4):.2f}")
    if footprints:
        for step in range(9):
            near = step / 9
            fx, fy = (
                w * (0.44 + 0.16 * near + (0.03 if step % 2 else -0.01) * (1 + near)),
                shore + h * (0.05 + 0.19 * near**1.2),
            )
            size = w * (0.007 + 0.013 * near)
            canvas.ellipse(fx, fy, size, size * 1.5, "#a97f4e@0.65")
            canvas.ellipse(fx, fy - size * 2.0, size * 0.85, size * 0.7, "#a97f4e@0.65")


def mountains(
    canvas: Canvas, palette: Palette = DAWN, *, lake: bool = False, stars: int = 0, snow: bool = True
) -> None:
    """Layers of mountains in the mist, with firs in front."""
    w, h = canvas.width, canvas.height
    sky(canvas, palette, h * 0.62, stars=stars)
    if stars:
        canvas.circle(w * 0.76, h * 0.16, w * 0.035, "#f4f1de")
        canvas.glow(w * 0.76, h * 0.16, w * 0.2, "#cfd9ff", 0.5)
    else:
        sun(canvas, w * canvas.between(0.25, 0.75), h * 0.4, w * 0.04, palette[3])
    peaks = canvas.ridge(h * 0.42, h * 0.2, 1.0, 160)
    canvas.below(peaks, canvas.down((0, palette[1]), (1, palette[2])))
    if snow:
        line = sorted(y for _x, y in peaks)[len(peaks) // 3]
        reach = [0.45 + 0.3 * math.sin(x / w * 55) + 0.2 * math.sin(x / w * 131) for x, _y in peaks]
        lower = [(x, y + max(0.0, line - y) * share) for (x, y), share in zip(peaks, reach, strict=True)]
        canvas.polygon([*peaks, *reversed(lower)], "#c3d0e8@0.75" if stars else "#fffdf7@0.85")
    shades = ("#5a6b8c", "#3f5673", "#2b4258", "#1c3040")
    for layer, shade in enumerate(shades):
        base = h * (0.53 + 0.07 * layer)
        hills = canvas.ridge(base, h * (0.11 - 0.015 * layer), 0.7 - 0.15 * layer)
        canvas.below(hills, canvas.down((0, shade), (1, f"{palette[2]}")), 'opacity="0.96"')
        mist = canvas.down((0, f"{palette[3]}@0"), (0.5, f"{palette[3]}@0.32"), (1, f"{palette[3]}@0"))
        canvas.rect(-w * 0.1 + canvas.t * w * 0.03, base, w * 1.2, h * 0.12, mist, more=canvas.blurred(w * 0.012))
    if lake:
        water(canvas, h * 0.78, h, (palette[2], "#4c6a86", "#20364a"), (w * 0.5, palette[3]))
    else:
        canvas.below(canvas.ridge(h * 0.86, h * 0.05, 0.2), canvas.down((0, "#2f4a2f"), (1, "#16241a")))
    firs(canvas, h * (0.99 if lake else 0.93), "#0e1c18", 26)


def firs(canvas: Canvas, ground: float, color: str, count: int) -> None:
    """A row of firs, higher towards both sides."""
    w, h = canvas.width, canvas.height
    for _ in range(count):
        x = canvas.between(-0.02, 1.02) * w
        tall = h * (0.05 + 0.2 * abs(x / w - 0.5) ** 1.2 * 2) * canvas.between(0.7, 1.2)
        base = ground + canvas.between(0, h * 0.05)
        sway = math.sin(canvas.t * math.tau + x) * tall * 0.008
        for tier in range(5):
            top, wide = base - tall * (1 - tier * 0.17), tall * (0.07 + 0.045 * tier)
            canvas.polygon([(x + sway, top), (x - wide, top + tall * 0.27), (x + wide, top + tall * 0.27)], color)
        canvas.rect(x - tall * 0.015, base - tall * 0.1, tall * 0.03, tall * 0.16, color)


def garden(canvas: Canvas, palette: Palette = DAY) -> None:
    """A garden on a hill: rows of lavender, round trees, a path and a small house."""
    w, h = canvas.width, canvas.height
    sky(canvas, palette, h * 0.5, clouds=6)
    sun(canvas, w * 0.8, h * 0.14, w * 0.035, "#ffeebb")
    for layer, shade in enumerate(("#7fa68b", "#5f9168", "#4b7d4f")):
        canvas.below(canvas.ridge(h * (0.42 + 0.06 * layer), h * 0.07, 0.2), canvas.down((0, shade), (1, "#3c6a3c")))
    with canvas.moved(w * 0.68, h * 0.5, w / 1000):
        canvas.rect(-70, -90, 150, 100, "#f2e3cc")
        canvas.polygon([(-90, -86), (5, -160), (100, -86)], "#b5533c")
        canvas.rect(-15, -45, 36, 55, "#5d4037")
        canvas.rect(-54, -62, 26, 30, "#8fb7c9")
        canvas.rect(38, -62, 26, 30, "#8fb7c9")
    field = canvas.ridge(h * 0.6, h * 0.03, 0.1)
    canvas.below(field, canvas.down((0, "#6d9a4a"), (1, "#3f6b2c")))
    for row in range(-7, 8):
        x0, x1 = w * (0.5 + row * 0.035), w * (0.5 + row * 0.26)
        canvas.line([(x0, h * 0.62), (x1, h)], "#5b4a8a", w * 0.012)
        for step in range(70):
            near = (step / 70) ** 1.5
            x, y = x0 + (x1 - x0) * near, h * (0.62 + 0.38 * near)
            size = w * (0.003 + 0.016 * near)
            for _ in range(3):
                dx, dy = canvas.between(-1, 1) * size, canvas.between(-1.6, 0.2) * size
                sway = math.sin(canvas.t * math.tau + step) * size * 0.2
                color = canvas.random.choice(("#8d6fc7", "#a98be0", "#7557b0", "#c3a8ee"))
                canvas.ellipse(x + dx + sway, y + dy, size * 0.5, size * 0.8, color)
    for x, y, r in ((0.12, 0.6, 0.09), (0.3, 0.57, 0.06), (0.9, 0.6, 0.1)):
        canvas.rect(w * x - w * 0.008, h * y - w * 0.03, w * 0.016, w * 0.07, "#5d4037")
        for _ in range(40):
            angle, far = canvas.between(0, math.tau), canvas.between(0, 1) ** 0.5 * w * r
            leaf = canvas.random.choice(("#4f8a45", "#3d7339", "#68a257"))
            canvas.circle(
                w * x + math.cos(angle) * far, h * y - w * r + math.sin(angle) * far * 0.85, w * r * 0.27, leaf
            )


def reef(canvas: Canvas, *, octopus: bool = False, night: bool = False) -> None:
    """Under water: light from above, a reef, a shoal, perhaps an octopus."""
    w, h = canvas.width, canvas.height
    top = ("#0a2a4a", "#06182f", "#020a18") if night else ("#5fd0de", "#1b7fa8", "#0a3558")
    canvas.fill(canvas.down((0, top[0]), (0.5, top[1]), (1, top[2])))
    with canvas.group(canvas.blurred(w * 0.012)):
        for ray in range(7):
            x = w * (ray / 6 + 0.03 * math.sin(canvas.t * math.tau + ray))
            wide = w * canvas.between(0.02, 0.06)
            shine = canvas.down((0, "#ffffff@0.35"), (1, "#ffffff@0"))
            canvas.polygon([(x, -9), (x + wide, -9), (x + wide * 3 - w * 0.1, h * 0.8), (x - w * 0.16, h * 0.8)], shine)
    for layer, shade in enumerate(("#0d4763", "#0a3349", "#06202f")):
        canvas.below(canvas.ridge(h * (0.74 + 0.08 * layer), h * 0.1, 0.35), shade, 'opacity="0.92"')
    for _ in range(26):
        x, base = canvas.between(0, w), canvas.between(h * 0.82, h)
        color = canvas.random.choice(("#ff7f6e", "#ffb26b", "#d86fae", "#9b7be0", "#4fc6a8"))
        for arm in range(6):
            angle = -math.pi / 2 + (arm - 2.5) * 0.28 + math.sin(canvas.t * math.tau + x) * 0.05
            length = h * canvas.between(0.03, 0.09)
            tip = (x + math.cos(angle) * length, base + math.sin(angle) * length)
            canvas.line([(x, base), tip], color, w * 0.011, 'opacity="0.85"')
            canvas.circle(*tip, w * 0.009, color)
    _shoal(canvas, w * (0.3 + 0.12 * canvas.t), h * 0.34)
    if octopus:
        _octopus(canvas, w * 0.56, h * 0.55 + math.sin(canvas.t * math.tau) * h * 0.012, w / 900)
    for _ in range(46):
        x, y = canvas.between(0, w), (canvas.between(0, h) - canvas.t * h * 0.25) % h
        r = canvas.between(1.5, 7)
        canvas.circle(x, y, r, "#ffffff@0.12", 'stroke="#ffffff" stroke-opacity="0.5" stroke-width="1"')


def _shoal(canvas: Canvas, x: float, y: float) -> None:
    w = canvas.width
    for number in range(34):
        fx, fy = x + canvas.random.gauss(0, w * 0.12), y + canvas.random.gauss(0, w * 0.06)
        size, wag = w * canvas.between(0.008, 0.016), math.sin(canvas.t * math.tau * 3 + number) * 12
        with canvas.moved(fx, fy, size / 10, wag * 0.3):
            canvas.path("M-12 0 Q0 -9 14 0 Q0 9 -12 0Z", "#ffd36b")
            canvas.polygon([(-10, 0), (-20, -7 + wag / 4), (-20, 7 + wag / 4)], "#ffb347")
            canvas.circle(8, -1.5, 1.4, "#3a2a10")


def _octopus(canvas: Canvas, x: float, y: float, scale: float) -> None:
    with canvas.moved(x, y, scale):
        skin = canvas.around((0, "#ff9a7b"), (0.6, "#e0604f"), (1, "#a83a44"), y=0.35)
        for arm in range(8):
            side = (arm - 3.5) / 3.5
            swing = math.sin(canvas.t * math.tau + arm) * 22
            x1, x2, x3 = side * 130, side * 210 + swing, side * 165 + swing * 1.6
            steps = f"M{side * 62:.0f} 30 C{x1:.0f} 70 {x2:.0f} 130 {x3:.0f} {215 + 30 * math.cos(arm):.0f}"
            canvas.curve(steps, "#c24a4a", 36 - abs(side) * 6)
            canvas.curve(steps, "#ef7f68", 20 - abs(side) * 4, 'opacity="0.8"')
        canvas.path("M-105 40 C-160 -60 -120 -200 0 -205 C120 -200 160 -60 105 40 C60 80 -60 80 -105 40Z", skin)
        for side in (-1, 1):
            canvas.ellipse(side * 46, 0, 25, 27, "#fff6e6")
            canvas.ellipse(side * 46, 2, 17, 8, "#23151c")
        for _ in range(16):
            dx, dy = canvas.between(-85, 85), canvas.between(-175, -40)
            canvas.circle(dx, dy, canvas.between(4, 11), "#ffc0a6@0.55")
