"""Still lifes and rooms: coffee, kitchen, records, a bar, a stage, drums, a classroom."""

from __future__ import annotations

import math

from deploy.demo_media.canvas import Canvas


def table(canvas: Canvas, colors: tuple[str, str] = ("#8a5a3c", "#5d3823")) -> None:
    """Wooden boards seen from above, with the light of a window on them."""
    w, h = canvas.width, canvas.height
    canvas.fill(canvas.slanting((0, colors[0]), (1, colors[1])))
    for board in range(6):
        y = h * board / 6
        canvas.rect(0, y, w, h / 6, f"#000000@{canvas.between(0, 0.12):.2f}")
        canvas.line([(0, y), (w, y)], "#2d1a10@0.6", 2.5)
        for _ in range(14):
            x, gy, length = canvas.between(0, w), y + canvas.between(0.1, 0.9) * h / 6, canvas.between(0.08, 0.3) * w
            canvas.curve(
                f"M{x:.0f} {gy:.0f} q{length / 2:.0f} {canvas.between(-8, 8):.0f} {length:.0f} 0", "#2d1a10@0.22", 1.6
            )
    with canvas.group(canvas.blurred(w * 0.02)):
        for pane in range(3):
            x = w * (0.05 + 0.33 * pane)
            canvas.polygon([(x, 0), (x + w * 0.22, 0), (x + w * 0.62, h), (x + w * 0.34, h)], "#fff1c9@0.16")


def coffee(canvas: Canvas, *, camera: bool = False, croissant: bool = True) -> None:
    """An espresso with a rosetta on a wooden table, from above."""
    w, h = canvas.width, canvas.height
    table(canvas)
    with canvas.moved(w * 0.46, h * 0.44, w / 1000):
        canvas.circle(18, 26, 262, "#1c0f08@0.45", canvas.blurred(16))
        canvas.circle(0, 0, 258, canvas.around((0, "#ffffff"), (0.8, "#efe7da"), (1, "#cfc2b0")))
        canvas.circle(0, 0, 190, "#d9cdbb@0.6")
        canvas.path("M150 -60 q120 -40 130 50 q0 80 -110 66", "none", 'stroke="#f7f1e6" stroke-width="32"')
        canvas.circle(8, 12, 172, "#3a2212@0.3", canvas.blurred(8))
        canvas.circle(0, 0, 168, canvas.around((0, "#ffffff"), (0.86, "#fbf6ec"), (1, "#d8cbb8")))
        canvas.circle(0, 0, 146, canvas.around((0, "#b9793f"), (0.7, "#8f5526"), (1, "#5c3213")))
        swirl = math.sin(canvas.t * math.tau) * 4
        with canvas.moved(0, 0, 1, -24 + swirl):
            for leaf in range(6):
                y, wide = 84.0 - leaf * 29, 92 - abs(leaf - 1.5) * 15
                canvas.curve(f"M{-wide} {y - 26} Q0 {y + 34} {wide} {y - 26}", "#f6e3c5", 12)
            canvas.line([(0, 112), (0, -104)], "#f6e3c5", 8)
            canvas.path("M0 -76 c-34 -38 -54 2 0 32 c54 -30 34 -70 0 -32Z", "#f6e3c5")
        canvas.ellipse(-52, -74, 44, 20, "#ffffff@0.3", canvas.blurred(5))
    if croissant:
        _croissant(canvas, w * 0.72, h * 0.77, w / 1000)
    if camera:
        _camera(canvas, w * 0.27, h * 0.83, w / 1000)
    for _ in range(12):
        x, y = w * canvas.between(0.62, 0.95), h * canvas.between(0.08, 0.26)
        with canvas.moved(x, y, w / 1000, canvas.between(0, 180)):
            canvas.ellipse(3, 4, 19, 13, "#1c0f08@0.5")
            canvas.ellipse(0, 0, 19, 13, "#4a2a16")
            canvas.curve("M-17 0 Q0 7 17 0", "#2a150a", 3)


def _croissant(canvas: Canvas, x: float, y: float, scale: float) -> None:
    with canvas.moved(x, y, scale, -18):
        canvas.ellipse(10, 20, 220, 150, "#1c0f08@0.4", canvas.blurred(14))
        canvas.ellipse(0, 0, 220, 150, "#e9eef0")
        canvas.ellipse(0, 0, 178, 118, "#f8fbfb")
        for part in range(7):
            angle = math.pi * (1.08 + 0.14 * part)
            px, py = math.cos(angle) * 118, 66 + math.sin(angle) * 108
            size = 62 - abs(part - 3) * 12
            with canvas.moved(px, py, 1, math.degrees(angle) + 90):
                canvas.ellipse(0, 0, size * 0.66, size, canvas.across((0, "#f0b765"), (0.5, "#d98e35"), (1, "#9c5a1d")))
                canvas.curve(
                    f"M{-size * 0.3:.0f} {-size * 0.7:.0f} Q{-size * 0.5:.0f} 0 {-size * 0.3:.0f} {size * 0.7:.0f}",
                    "#fbd898@0.7",
                    6,
                )


def _camera(canvas: Canvas, x: float, y: float, scale: float) -> None:
    with canvas.moved(x, y, scale, 14):
        canvas.rect(-172, -98, 344, 216, "#1c0f08@0.5", r=26, more=canvas.blurred(14))
        canvas.rect(
            -176,
            -110,
            352,
            214,
            canvas.down((0, "#d9d9d6"), (0.28, "#bdbdb9"), (0.29, "#2c2a2b"), (1, "#1b191a")),
            r=24,
        )
        canvas.rect(-60, -140, 120, 44, "#c9c9c5", r=12)
        canvas.circle(-128, -118, 26, "#e9e9e6")
        canvas.circle(126, -118, 20, "#a13b3b")
        for r, color in ((92, "#111111"), (78, "#3a3a3d"), (62, "#101216"), (44, "#24324a"), (24, "#0a0d14")):
            canvas.circle(0, 6, r, color)
        canvas.ellipse(-20, -16, 18, 12, "#b9d4ff@0.7")


def kitchen(canvas: Canvas) -> None:
    """A pan with peppers and herbs, from above."""
    w, h = canvas.width, canvas.height
    table(canvas, ("#c9b79c", "#a08a6c"))
    with canvas.moved(w * 0.5, h * 0.45, w / 1000):
        canvas.circle(22, 30, 330, "#2d2012@0.5", canvas.blurred(18))
        canvas.rect(250, -34, 330, 68, "#26262a", r=30)
        canvas.circle(0, 0, 322, canvas.around((0, "#3b3b40"), (0.9, "#2a2a2e"), (1, "#151518")))
        canvas.circle(0, 0, 282, canvas.around((0, "#d9482f"), (0.7, "#c0391f"), (1, "#7d2413")))
        for _ in range(90):
            angle, far = canvas.between(0, math.tau), canvas.between(0, 1) ** 0.5 * 250
            wobble = math.sin(canvas.t * math.tau + far) * 3
            px, py = math.cos(angle) * far + wobble, math.sin(angle) * far
            color = canvas.random.choice(("#f2c230", "#e8632c", "#78a83a", "#f4e3b0", "#b6322b", "#4d8a33"))
            with canvas.moved(px, py, 1, canvas.between(0, 360)):
                canvas.rect(-24, -8, canvas.between(28, 54), 16, color, r=8)
                canvas.rect(-20, -6, 18, 4, "#ffffff@0.4", r=2)
        for ring in range(9):
            angle, far = ring * math.tau / 9 * 2.4, 60 + 19 * ring
            px, py = math.cos(angle) * far, math.sin(angle) * far
            color = ("#f2c230", "#78a83a", "#e8632c")[ring % 3]
            with canvas.moved(px, py, 1, ring * 47):
                canvas.path(
                    "M-46 0 Q-40 -40 0 -34 Q42 -38 46 2 Q40 42 2 34 Q-40 40 -46 0Z",
                    "none",
                    f'stroke="{color}" stroke-width="15"',
                )
                canvas.curve("M-30 -14 Q-20 -26 -6 -24", "#ffffff@0.6", 4)
        for _ in range(40):
            px, py = canvas.between(-210, 210), canvas.between(-210, 210)
            canvas.ellipse(px, py, 8, 4, "#3f8a3a@0.9")
    with canvas.moved(w * 0.2, h * 0.88, w / 1000, -24):
        canvas.rect(-120, -16, 400, 40, "#2d2012@0.3", r=14, more=canvas.blurred(8))
        canvas.polygon([(40, -24), (250, -24), (286, 10), (40, 16)], canvas.down((0, "#f1f4f6"), (1, "#a9b3ba")))
        canvas.rect(-120, -26, 164, 42, "#3a2a22", r=14)
    for stem in range(7):
        with canvas.moved(w * 0.72, h * 0.9, w / 1000, -30 + stem * 11):
            canvas.curve("M0 60 Q6 0 0 -110", "#2f6b33", 6)
            for leaf in range(6):
                canvas.ellipse(14 if leaf % 2 else -14, -100 + leaf * 24, 17, 9, "#4f9a45")


def record(canvas: Canvas) -> None:
    """A record that turns, from above."""
    w, h = canvas.width, canvas.height
    canvas.fill(canvas.slanting((0, "#5a2436"), (1, "#2a0f1e")))
    size = min(w, h) / 1000
    with canvas.moved(w * 0.5, h * 0.5, size):
        canvas.rect(-470, -420, 960, 860, "#12060c@0.6", r=46, more=canvas.blurred(20))
        canvas.rect(-480, -435, 960, 870, canvas.slanting((0, "#9a6a43"), (1, "#5f3a22")), r=40)
        with canvas.moved(-70, 0):
            canvas.circle(0, 0, 372, "#c9c4bd")
            canvas.circle(0, 0, 360, "#141215")
            for groove in range(22):
                canvas.circle(
                    0,
                    0,
                    350 - groove * 10,
                    "none",
                    f'stroke="#ffffff" stroke-opacity="{0.03 + 0.03 * (groove % 3)}" stroke-width="2"',
                )
            with canvas.group(canvas.blurred(10)):
                for turn in (-30, 150):
                    with canvas.moved(0, 0, 1, turn):
                        canvas.polygon([(0, 0), (355, -62), (355, 62)], "#ffffff@0.13")
            with canvas.moved(0, 0, 1, canvas.t * 360):
                canvas.circle(0, 0, 122, canvas.slanting((0, "#e2a84b"), (1, "#b8442f")))
                canvas.rect(-70, -62, 140, 12, "#3a1410@0.8", r=6)
                canvas.rect(-48, 44, 96, 9, "#3a1410@0.6", r=4)
                canvas.circle(0, -90, 8, "#3a1410@0.7")
            canvas.circle(0, 0, 11, "#d9d4cc")
        canvas.circle(390, -320, 66, "#d2cbc0")
        canvas.circle(390, -320, 40, "#8d857a")
        canvas.line([(390, -320), (372, 60), (250, 200)], "#e8e3da", 18)
        canvas.rect(218, 184, 62, 40, "#2b2629", r=8)


def bar(canvas: Canvas, *, glass: bool = True) -> None:
    """A bar after midnight: bottles, lamps, a neon note and a cocktail."""
    w, h = canvas.width, canvas.height
    canvas.fill(canvas.down((0, "#1a0b1c"), (0.6, "#3a1430"), (1, "#14070f")))
    for lamp in range(3):
        x = w * (0.2 + 0.3 * lamp)
        canvas.line([(x, 0), (x, h * 0.15)], "#0a0408", 3)
        canvas.glow(x, h * 0.19, w * 0.3, "#ffb45e", 0.75 + 0.1 * math.sin(canvas.t * math.tau + lamp))
        canvas.path(
            f"M{x - w * 0.06:.0f} {h * 0.19:.0f} Q{x:.0f} {h * 0.1:.0f} {x + w * 0.06:.0f} {h * 0.19:.0f}Z", "#c98a3c"
        )
        canvas.ellipse(x, h * 0.19, w * 0.05, h * 0.008, "#fff0c2")
    for shelf in range(2):
        y = h * (0.46 + 0.2 * shelf)
        x = w * 0.04
        while x < w * 0.95:
            wide, tall = w * canvas.between(0.03, 0.055), h * canvas.between(0.09, 0.15)
            color = canvas.random.choice(("#2f7a5d", "#a3522b", "#c9a03c", "#5b2a6b", "#7fa7b8", "#8a2f3a"))
            canvas.rect(
                x,
                y - tall,
                wide,
                tall,
                canvas.across((0, color), (0.3, "#fff2d6@0.55"), (0.45, color), (1, "#12060c")),
                r=wide * 0.2,
            )
            canvas.rect(x + wide * 0.34, y - tall * 1.35, wide * 0.32, tall * 0.4, color, r=2)
            canvas.rect(x + wide * 0.1, y - tall * 0.62, wide * 0.8, tall * 0.3, "#f3e6cc@0.8")
            x += wide * canvas.between(1.15, 1.5)
        canvas.rect(0, y, w, h * 0.014, "#6b3b22")
    pulse = 0.75 + 0.25 * math.sin(canvas.t * math.tau * 2)
    with canvas.moved(w * 0.5, h * 0.33, w / 1000, more=f'opacity="{pulse:.2f}"'):
        for color, width in (("#ff5fa8@0.35", 34), ("#ff9ccc", 11), ("#fff0f8", 4)):
            plain, _at, faint = color.partition("@")
            more = f'stroke-opacity="{faint or 1}"'
            canvas.curve("M-60 60 L-60 -80 L70 -110 L70 30", plain, width, more)
            canvas.ellipse(-88, 62, 30, 22, "none", f'stroke="{plain}" stroke-width="{width}" {more}')
            canvas.ellipse(42, 32, 30, 22, "none", f'stroke="{plain}" stroke-width="{width}" {more}')
    canvas.rect(0, h * 0.82, w, h * 0.2, canvas.down((0, "#8a4a2a"), (0.12, "#5f2f1b"), (1, "#2a120b")))
    canvas.ellipse(w * 0.5, h * 0.83, w * 0.36, h * 0.012, "#ffcf8a@0.35")
    if glass:
        _cocktail(canvas, w * 0.66, h * 0.84, w / 1000)


def _cocktail(canvas: Canvas, x: float, y: float, scale: float) -> None:
    with canvas.moved(x, y, scale):
        canvas.ellipse(0, 60, 110, 18, "#12060c@0.6")
        canvas.ellipse(0, 52, 78, 14, "#f3e6ea@0.75")
        canvas.rect(-6, -120, 12, 172, "#f3e6ea@0.75")
        canvas.polygon([(-150, -290), (150, -290), (0, -110)], "#ffffff@0.2")
        canvas.polygon([(-122, -258), (122, -258), (0, -114)], canvas.down((0, "#ffb35c"), (1, "#d9364f")))
        canvas.ellipse(0, -258, 122, 16, "#ffd59a")
        canvas.ellipse(0, -290, 150, 18, "none", 'stroke="#ffffff" stroke-opacity="0.7" stroke-width="4"')
        canvas.circle(96, -300, 44, "#f2c230")
        canvas.circle(96, -300, 34, "#f9e28a")


def candles(canvas: Canvas) -> None:
    """Candle light, two glasses of red wine and a rose."""
    w, h = canvas.width, canvas.height
    canvas.fill(canvas.around((0, "#6b2a22"), (0.6, "#36121a"), (1, "#12060c"), y=0.45, r=0.7))
    canvas.rect(0, h * 0.76, w, h * 0.24, canvas.down((0, "#5f2f1b"), (1, "#1f0d08")))
    for number, (share, tall) in enumerate(((0.36, 0.2), (0.5, 0.3), (0.63, 0.16))):
        x, base = w * share, h * (0.8 + 0.02 * (number % 2))
        top = base - h * tall
        flicker = math.sin(canvas.t * math.tau * 3 + number * 2) * w * 0.004
        canvas.glow(x, top - h * 0.03, w * 0.42, "#ffb45e", 0.7)
        canvas.rect(
            x - w * 0.028,
            top,
            w * 0.056,
            base - top,
            canvas.across((0, "#d9c2a0"), (0.4, "#fff3dc"), (1, "#a98a66")),
            r=6,
        )
        canvas.path(
            f"M{x:.1f} {top:.1f} c{-w * 0.03:.1f} {-h * 0.02:.1f} {flicker:.1f} {-h * 0.045:.1f} {flicker:.1f} "
            f"{-h * 0.065:.1f} c{w * 0.012:.1f} {h * 0.02:.1f} {w * 0.03:.1f} {h * 0.045:.1f} {-flicker:.1f} "
            f"{h * 0.065:.1f}Z",
            canvas.down((0, "#fff6d8"), (1, "#ff9a3c")),
        )
    for side in (-1, 1):
        with canvas.moved(w * (0.5 + side * 0.29), h * 0.86, w / 1000):
            canvas.ellipse(0, 8, 80, 14, "#f3e6ea@0.5")
            canvas.rect(-5, -150, 10, 156, "#f3e6ea@0.55")
            canvas.path("M-86 -330 C-98 -190 -50 -146 0 -146 C50 -146 98 -190 86 -330Z", "#ffffff@0.16")
            canvas.path(
                "M-89 -262 C-84 -180 -46 -150 0 -150 C46 -150 84 -180 89 -262Z",
                canvas.down((0, "#a3202f"), (1, "#4a0a16")),
            )
            canvas.ellipse(0, -262, 89, 12, "#c43a46")
            canvas.curve("M-62 -318 C-70 -240 -60 -200 -40 -176", "#ffffff@0.5", 6)
    with canvas.moved(w * 0.5, h * 0.93, w / 1000, -12):
        canvas.curve("M-210 20 Q-60 -10 110 0", "#2f5a33", 10)
        canvas.path("M-60 0 q-30 -50 -76 -34 q16 44 76 34Z", "#3a6f3f")
        for petal in range(9):
            angle = petal * math.tau / 9
            canvas.ellipse(150 + math.cos(angle) * 26, math.sin(angle) * 24, 34, 28, "#b3202f@0.9")
        canvas.circle(150, 0, 26, "#d9364f")
        canvas.curve("M138 -4 q12 -16 24 0 q-6 18 -20 8", "#7d1220", 5)
