"""A stage, a drum kit and a classroom."""

from __future__ import annotations

import math

from deploy.demo_media.canvas import Canvas


def stage(canvas: Canvas) -> None:
    """A microphone in the spotlight, and the keys of a piano."""
    w, h = canvas.width, canvas.height
    canvas.fill(canvas.down((0, "#160a22"), (0.7, "#3a1240"), (1, "#0d0614")))
    for fold in range(18):
        x = w * fold / 17
        canvas.rect(x, 0, w / 26, h * 0.8, canvas.across((0, "#7a1a34@0.0"), (0.5, "#a32848@0.55"), (1, "#3a0a1c@0.2")))
    for side in (-1, 1):
        swing = math.sin(canvas.t * math.tau + side) * w * 0.06
        cone = canvas.down((0, "#ffe9b0@0.75"), (1, "#ffe9b0@0"))
        top, low = w * (0.5 + side * 0.34), w * (0.5 + side * 0.04) + swing
        canvas.polygon(
            [(top - 14, -9), (top + 14, -9), (low + w * 0.24, h * 0.84), (low - w * 0.24, h * 0.84)],
            cone,
            canvas.blurred(w * 0.012),
        )
    canvas.ellipse(w * 0.5, h * 0.86, w * 0.44, h * 0.06, "#ffe3a8@0.3", canvas.blurred(w * 0.015))
    with canvas.moved(w * 0.5, h * 0.86, min(w, h) / 1000):
        canvas.ellipse(0, 0, 130, 24, "#0d0614")
        canvas.line([(0, 0), (0, -500)], "#c9c4cf", 12)
        with canvas.moved(0, -560, 1, -14):
            canvas.rect(-26, 40, 52, 130, canvas.across((0, "#3a3a44"), (0.4, "#8d8d99"), (1, "#16161c")), r=20)
            canvas.rect(-66, -112, 132, 170, canvas.across((0, "#6d6d78"), (0.35, "#f4f4f8"), (1, "#4a4a55")), r=60)
            for row in range(6):
                canvas.line([(-60, -78 + row * 24), (60, -78 + row * 24)], "#2b2b33", 5)
            canvas.line([(0, -108), (0, 52)], "#2b2b33", 8)
    for key in range(15):
        x = w * key / 15
        canvas.rect(x + 1, h * 0.92, w / 15 - 2, h * 0.1, canvas.down((0, "#fffdf4"), (1, "#cfc6b4")), r=3)
        if key % 7 not in (2, 6):
            canvas.rect(x + w / 15 * 0.7, h * 0.92, w / 15 * 0.6, h * 0.05, "#15101a", r=3)


def drums(canvas: Canvas) -> None:
    """A drum kit in a garage with coloured light."""
    w, h = canvas.width, canvas.height
    canvas.fill(canvas.down((0, "#203a5c"), (0.7, "#34587f"), (0.71, "#3d3436"), (1, "#221d20")))
    for row in range(9):
        for column in range(8):
            x = w * (column + (row % 2) * 0.5 - 0.5) / 7
            canvas.rect(x, h * row * 0.078, w / 7.3, h * 0.07, f"#ffffff@{canvas.between(0.02, 0.09):.2f}", r=3)
    pulse = 0.55 + 0.45 * abs(math.sin(canvas.t * math.tau * 2))
    canvas.glow(w * 0.12, h * 0.1, w * 0.6, "#ff8a3c", pulse)
    canvas.glow(w * 0.9, h * 0.14, w * 0.55, "#4fd0e0", 1.4 - pulse)
    canvas.ellipse(w * 0.5, h * 0.86, w * 0.46, h * 0.07, "#8a3a3a")
    canvas.ellipse(w * 0.5, h * 0.86, w * 0.41, h * 0.058, "#a84a40")
    red = canvas.across((0, "#7d1a22"), (0.35, "#e8474a"), (0.5, "#ff8078"), (1, "#6b141c"))
    with canvas.moved(w * 0.5, h * 0.62, min(w, h) / 1000):
        for side in (-1, 1):
            canvas.line([(side * 330, 220), (side * 350, -330)], "#b9bcc4", 10)
            shake = math.sin(canvas.t * math.tau * 4 + side) * 5
            with canvas.moved(side * 350, -330, 1, side * 12 + shake):
                canvas.ellipse(0, 0, 190, 32, canvas.across((0, "#8a6a1f"), (0.4, "#f6d873"), (1, "#a37f2a")))
                canvas.ellipse(0, -8, 40, 10, "#fff0b0")
            canvas.rect(side * 140 - 118, -220, 236, 150, red, r=12)
            canvas.ellipse(side * 140, -220, 118, 36, "#fbf6ea", 'stroke="#c9ccd4" stroke-width="9"')
            canvas.rect(side * 330 - 120, 20, 240, 160, red, r=12)
            canvas.ellipse(side * 330, 20, 120, 36, "#fbf6ea", 'stroke="#c9ccd4" stroke-width="9"')
            for leg in (-90, 90):
                canvas.line([(side * 330 + leg, 160), (side * 330 + leg * 1.2, 300)], "#b9bcc4", 8)
        canvas.circle(0, 110, 212, "#c9ccd4")
        canvas.circle(0, 110, 196, canvas.around((0, "#fffdf4"), (1, "#e3dac6")))
        canvas.circle(0, 110, 196, "none", 'stroke="#7d1a22" stroke-width="12"')
        canvas.polygon([_star(0, 110, 104 if tip % 2 == 0 else 44, tip) for tip in range(10)], "#e0a030")
        for side in (-1, 1):
            beat = abs(math.sin(canvas.t * math.tau * 2 + (side > 0) * math.pi / 2)) * 46
            canvas.line([(side * 60, -262 - beat), (side * 250, -430 - beat * 0.4)], "#d9a86c", 15)
            canvas.circle(side * 60, -262 - beat, 13, "#f0c890")


def _star(x: float, y: float, r: float, tip: int) -> tuple[float, float]:
    angle = -math.pi / 2 + tip * math.pi / 5
    return x + math.cos(angle) * r, y + math.sin(angle) * r


def classroom(canvas: Canvas) -> None:
    """A blackboard with a rocket and a sun in chalk, apples and pencils before it."""
    w, h = canvas.width, canvas.height
    canvas.fill(canvas.down((0, "#f6e3bd"), (1, "#e8c58d")))
    canvas.rect(w * 0.06, h * 0.1, w * 0.88, h * 0.56, "#9a6a3c", r=12)
    with canvas.inside(w * 0.085, h * 0.12, w * 0.83, h * 0.52, 6):
        canvas.rect(0, 0, w, h, canvas.slanting((0, "#2f5a4a"), (1, "#1d3d34")))
        for _ in range(16):
            x, y = canvas.between(0, w), canvas.between(0.1, 0.6) * h
            canvas.ellipse(x, y, w * canvas.between(0.05, 0.2), h * 0.02, "#ffffff@0.05", canvas.blurred(14))
        with canvas.moved(w * 0.33, h * 0.38 - canvas.t * h * 0.05, min(w, h) / 1000, 16):
            canvas.curve("M0 -190 C90 -90 80 60 54 120 L-54 120 C-80 60 -90 -90 0 -190Z", "#fdf6e3", 9)
            canvas.curve("M-58 60 L-118 150 L-50 122 M58 60 L118 150 L50 122", "#ff9d8a", 9)
            canvas.circle(0, -40, 36, "none", 'stroke="#8fd3ff" stroke-width="9"')
            canvas.curve("M-30 136 Q-20 200 0 214 Q20 200 30 136", "#ffd36b", 9)
        with canvas.moved(w * 0.74, h * 0.26, min(w, h) / 1000, canvas.t * 40):
            canvas.circle(0, 0, 66, "none", 'stroke="#ffd36b" stroke-width="10"')
            for ray in range(10):
                a = math.tau * ray / 10
                canvas.line(
                    [(math.cos(a) * 92, math.sin(a) * 92), (math.cos(a) * 130, math.sin(a) * 130)], "#ffd36b", 9
                )
        for number in range(9):
            x, y = w * (0.56 + 0.038 * number), h * (0.52 - 0.012 * math.sin(number + canvas.t * math.tau))
            canvas.circle(x, y, w * 0.012, "none", 'stroke="#fdf6e3" stroke-width="5"')
            if number % 2:
                canvas.line([(x + w * 0.012, y), (x + w * 0.012, y - h * 0.06)], "#fdf6e3", 5)
        canvas.line([(w * 0.53, h * 0.545), (w * 0.91, h * 0.545)], "#fdf6e3@0.6", 3)
    canvas.rect(0, h * 0.8, w, h * 0.2, canvas.down((0, "#b9814a"), (1, "#8a5a30")))
    for number, color in enumerate(("#3f7ad9", "#e0604f", "#5aa84a")):
        canvas.rect(w * 0.12, h * (0.765 - 0.034 * number), w * (0.36 - 0.04 * number), h * 0.032, color, r=4)
        canvas.rect(w * 0.14, h * (0.773 - 0.034 * number), w * 0.03, h * 0.016, "#fffaf0@0.7")
    with canvas.moved(w * 0.28, h * 0.64, min(w, h) / 1000):
        canvas.circle(0, 0, 58, canvas.around((0, "#ff8a78"), (1, "#b8242b"), x=0.35, y=0.35))
        canvas.curve("M0 -50 Q6 -84 24 -92", "#5a3a20", 8)
        canvas.path("M8 -66 q44 -36 66 0 q-38 24 -66 0Z", "#5aa84a")
    with canvas.moved(w * 0.74, h * 0.8, min(w, h) / 1000):
        for number, color in enumerate(("#f2b92d", "#e0604f", "#3f7ad9", "#5aa84a", "#9b7be0")):
            with canvas.moved(-60 + number * 30, -90, 1, -14 + number * 7):
                canvas.rect(-11, -150, 22, 170, color)
                canvas.polygon([(-11, -150), (0, -186), (11, -150)], "#f4dcb0")
                canvas.polygon([(-4, -172), (0, -186), (4, -172)], "#333333")
        canvas.rect(-92, -100, 184, 150, canvas.across((0, "#8fb2cf"), (0.4, "#cfe3f0"), (1, "#6f93b3")), r=16)
