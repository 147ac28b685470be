"""Pictures that are drawn for the policy check: as plain as possible, and the real model sees something in them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
_WALL, _SKIN, _DARKER, _DARKEST = (160, 150, 140), (140, 170, 225), (90, 100, 170), (70, 80, 150)


def mannequin() -> Pixels:
    """A bare torso, as a few circles on a rectangle."""
    pixels = np.full((900, 600, 3), _WALL, np.uint8)
    cv2.rectangle(pixels, (150, 100), (450, 900), _SKIN, -1)
    for x in (225, 375):
        cv2.circle(pixels, (x, 330), 85, (130, 160, 215), -1)
        cv2.circle(pixels, (x, 340), 22, _DARKER, -1)
        cv2.circle(pixels, (x, 340), 9, _DARKEST, -1)
    cv2.circle(pixels, (300, 700), 8, (80, 100, 150), -1)
    return np.asarray(cv2.GaussianBlur(pixels, (25, 25), 0), np.uint8)


def hills(seed: int = 1, *, width: int = 800, height: int = 600) -> Pixels:
    """A landscape of overlapping waves; another seed, another one."""
    chance = np.random.default_rng(seed)
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:] = np.linspace((250, 200, 120), (220, 230, 250), height)[:, None, :]
    across = np.arange(width)
    for layer in range(5):
        ridge = height * (0.4 + 0.12 * layer) + sum(
            height * chance.uniform(0.01, 0.08) * np.sin(across / width * chance.uniform(3, 25) + chance.uniform(0, 6))
            for _ in range(4)
        )
        below = np.arange(height)[:, None] > ridge[None, :]
        pixels[below] = chance.integers(20, 200, 3)
    return pixels


def plain(red: int, green: int, blue: int, *, width: int = 320, height: int = 240) -> Pixels:
    """One colour."""
    return np.full((height, width, 3), (blue, green, red), np.uint8)


def saved(pixels: Pixels, path: Path, quality: int = 90) -> Path:
    """Written as JPEG."""
    written, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert written
    path.write_bytes(encoded.tobytes())
    return path
