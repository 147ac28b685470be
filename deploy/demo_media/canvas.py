"""A vector canvas: shapes, gradients and glows that become SVG, and from one seed always the same."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

Point = tuple[float, float]
Stop = tuple[float, str]


class Canvas:
    """Collects what is drawn. Coordinates are pixels from the upper left corner; `t`: the moment of a clip, 0 to 1."""

    def __init__(self, width: int, height: int, seed: str, t: float = 0.0) -> None:
        self.width = width
        self.height = height
        self.t = t
        self.random = random.Random(seed)  # noqa: S311 - draws pictures
        self._shapes: list[str] = []
        self._defs: list[str] = []

    def svg(self) -> bytes:
        """The picture so far."""
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        body = f"<defs>{''.join(self._defs)}</defs>{''.join(self._shapes)}"
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{body}</svg>'.encode()

    def between(self, low: float, high: float) -> float:
        """A number that the seed gives."""
        return low + (high - low) * self.random.random()

    def down(self, *stops: Stop) -> str:
        """A paint that changes from top to bottom of the shape."""
        return self._gradient('linearGradient x1="0" y1="0" x2="0" y2="1"', stops)

    def across(self, *stops: Stop) -> str:
        """A paint that changes from left to right."""
        return self._gradient('linearGradient x1="0" y1="0" x2="1" y2="0"', stops)

    def slanting(self, *stops: Stop) -> str:
        """A paint that changes from the upper left to the lower right."""
        return self._gradient('linearGradient x1="0" y1="0" x2="1" y2="1"', stops)

    def around(self, *stops: Stop, x: float = 0.5, y: float = 0.5, r: float = 0.5) -> str:
        """A paint that changes from a middle outwards; place and radius as shares of the shape."""
        return self._gradient(f'radialGradient cx="{x}" cy="{y}" r="{r}"', stops)

    def rect(self, x: float, y: float, width: float, height: float, fill: str, *, r: float = 0, more: str = "") -> None:
        self._add(f'rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{r:.1f}"', fill, more)

    def fill(self, paint: str) -> None:
        """The whole canvas."""
        self.rect(0, 0, self.width, self.height, paint)

    def circle(self, x: float, y: float, r: float, fill: str, more: str = "") -> None:
        self._add(f'circle cx="{x:.1f}" cy="{y:.1f}" r="{max(r, 0.1):.1f}"', fill, more)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: str, more: str = "") -> None:
        self._add(f'ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{max(rx, 0.1):.1f}" ry="{max(ry, 0.1):.1f}"', fill, more)

    def polygon(self, points: Sequence[Point], fill: str, more: str = "") -> None:
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._add(f'polygon points="{joined}"', fill, more)

    def path(self, steps: str, fill: str, more: str = "") -> None:
        self._add(f'path d="{steps}"', fill, more)

    def line(self, points: Sequence[Point], color: str, width: float, more: str = "") -> None:
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        pen = f'stroke="{color}" stroke-width="{width:.1f}" stroke-linecap="round" stroke-linejoin="round" {more}'
        self._add(f'polyline points="{joined}"', "none", pen)

    def curve(self, steps: str, color: str, width: float, more: str = "") -> None:
        """A path that is a line."""
        self._add(
            f'path d="{steps}"', "none", f'stroke="{color}" stroke-width="{width:.1f}" stroke-linecap="round" {more}'
        )

    def glow(self, x: float, y: float, r: float, color: str, strength: float = 1.0) -> None:
        """Light that fades outwards."""
        paint = self.around((0, color), (0.25, f"{color}@0.45"), (1, f"{color}@0"))
        self.circle(x, y, r, paint, f'opacity="{strength:.2f}"')

    def blurred(self, deviation: float) -> str:
        """An attribute for `more`: out of focus by so many pixels."""
        name = f"b{len(self._defs)}"
        area = 'x="-60%" y="-60%" width="220%" height="220%"'
        self._defs.append(f'<filter id="{name}" {area}><feGaussianBlur stdDeviation="{deviation:.1f}"/></filter>')
        return f'filter="url(#{name})"'

    @contextmanager
    def group(self, attributes: str) -> Iterator[None]:
        """What is drawn inside shares these attributes (a transform, an opacity, a filter)."""
        self._shapes.append(f"<g {attributes}>")
        yield
        self._shapes.append("</g>")

    @contextmanager
    def moved(self, x: float, y: float, scale: float = 1.0, turn: float = 0.0, more: str = "") -> Iterator[None]:
        """What is drawn inside has its origin here; `turn` in degrees."""
        with self.group(f'transform="translate({x:.1f} {y:.1f}) rotate({turn:.1f}) scale({scale:.4f})" {more}'):
            yield

    @contextmanager
    def inside(self, x: float, y: float, width: float, height: float, r: float = 0) -> Iterator[None]:
        """Only what lies in this rectangle of what is drawn inside is seen."""
        name = f"c{len(self._defs)}"
        shape = f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{r:.1f}"/>'
        self._defs.append(f'<clipPath id="{name}">{shape}</clipPath>')
        with self.group(f'clip-path="url(#{name})"'):
            yield

    def ridge(self, base: float, height: float, rough: float, steps: int = 120) -> list[Point]:
        """A skyline of hills from left to right around `base`; `rough` from 0 (dunes) to 1 (peaks)."""
        waves = [
            (self.between(0.7, 1.3) * 2**octave, self.between(0, math.tau), (0.35 + 0.3 * rough) ** octave)
            for octave in range(6)
        ]
        points = []
        for step in range(steps + 1):
            x = step / steps
            value = 0.0
            for pace, shift, size in waves:
                angle = x * pace * (2.2 if rough > 0.5 else 5) + shift
                value += size * (math.asin(math.sin(angle)) * 0.64 if rough > 0.5 else math.sin(angle))
            points.append((x * self.width, base - height * value * 0.5))
        return points

    def below(self, points: Sequence[Point], fill: str, more: str = "") -> None:
        """Everything under a skyline."""
        self.polygon([*points, (self.width, self.height), (0, self.height)], fill, more)

    def _gradient(self, kind: str, stops: Sequence[Stop]) -> str:
        name = f"g{len(self._defs)}"
        parts = []
        for offset, color in stops:
            plain, _at, opacity = color.partition("@")
            parts.append(f'<stop offset="{offset:.3f}" stop-color="{plain}" stop-opacity="{opacity or 1}"/>')
        self._defs.append(f'<{kind} id="{name}">{"".join(parts)}</{kind.split()[0]}>')
        return f"url(#{name})"

    def _add(self, shape: str, fill: str, more: str) -> None:
        plain, _at, opacity = fill.partition("@")
        faint = f' fill-opacity="{opacity}"' if opacity else ""
        self._shapes.append(f'<{shape} fill="{plain}"{faint} {more}/>')
