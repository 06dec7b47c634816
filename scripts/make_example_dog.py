"""Paint a dog that never lived: python scripts/make_example_dog.py

Forms are laid as soft ellipses; then thousands of hairs are drawn over them, each in the colour below it and
along the direction in which the coat of that part lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent.parent / "examples" / "portraits"
WORK, SIZE = 1280, 640
COAT, LIGHT, DARK, INSIDE = (178, 122, 66), (244, 226, 196), (112, 66, 34), (58, 34, 24)
NOSE, WALL = (38, 30, 30), ((150, 178, 186), (92, 122, 136))
EYES, MOUTH = ((512, 560), (768, 560)), (640, 872)
"""Where the dog's eyes and its mouth are, in pixels of the larger picture."""


@dataclass(frozen=True)
class CoatPart:
    """An ellipse of the coat. centre, axes: in pixels. turn: degrees.

    hair: the direction of the hair in degrees; None for away from the nose.
    """

    centre: tuple[int, int]
    axes: tuple[int, int]
    turn: float
    colour: tuple[int, int, int]
    soft: float
    hair: float | None = None


PARTS = (
    CoatPart((640, 1320), (430, 420), 0, COAT, 20, 90),
    CoatPart((640, 1300), (190, 330), 0, LIGHT, 60, 90),
    CoatPart((640, 610), (372, 400), 0, COAT, 16),
    CoatPart((306, 600), (128, 300), 14, DARK, 14, 100),
    CoatPart((974, 600), (128, 300), -14, DARK, 14, 80),
    CoatPart((640, 420), (70, 260), 0, LIGHT, 40),
    CoatPart((500, 500), (90, 44), -16, LIGHT, 30),
    CoatPart((780, 500), (90, 44), 16, LIGHT, 30),
    CoatPart((640, 830), (232, 200), 0, LIGHT, 26),
    CoatPart((640, 930), (150, 120), 0, LIGHT, 24),
)


def lay(canvas: np.ndarray, part: CoatPart) -> np.ndarray:
    """The canvas with one part on it, its edge softened and its lower side in shadow."""
    mask = np.zeros(canvas.shape[:2], np.float32)
    cv2.ellipse(mask, (part.centre, (2 * part.axes[0], 2 * part.axes[1]), part.turn), 1.0, -1, cv2.LINE_AA)
    mask = cv2.GaussianBlur(mask, (0, 0), part.soft)
    y = (np.arange(WORK) - part.centre[1]) / part.axes[1]
    x = (np.arange(WORK) - part.centre[0]) / part.axes[0]
    shade = np.clip(1.06 - 0.13 * y[:, None] - 0.16 * np.abs(x)[None] ** 2, 0.6, 1.15)
    return canvas * (1 - mask[..., None]) + np.array(part.colour) * shade[..., None] * mask[..., None]


def comb(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The canvas with hairs over every part, long ones first."""
    drawn = np.clip(canvas, 0, 255).astype(np.uint8)
    for part, amount in ((part, int(part.axes[0] * part.axes[1] / 22)) for part in PARTS):
        radius, angle = np.sqrt(rng.random(amount)) * 1.03, rng.random(amount) * 2 * np.pi
        along = np.stack(
            [radius * np.cos(angle) * part.axes[0], radius * np.sin(angle) * part.axes[1]], axis=1
        )
        turn = np.radians(part.turn)
        turned = along @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        for x, y in (turned + part.centre).tolist():
            if not (0 <= x < WORK and 0 <= y < WORK):
                continue
            away = np.degrees(np.arctan2(y - 800, x - 640)) if part.hair is None else part.hair
            direction = np.radians(away + rng.normal(0, 14))
            length = rng.uniform(14, 40) * (0.6 if part.colour == LIGHT else 1.0)
            colour = np.clip(canvas[int(y), int(x)] * rng.normal(1.0, 0.13), 0, 255).tolist()
            end = (round(x + length * np.cos(direction)), round(y + length * np.sin(direction)))
            cv2.line(drawn, (round(x), round(y)), end, colour, int(rng.integers(1, 4)), cv2.LINE_AA)
    return drawn


def features(canvas: np.ndarray) -> None:
    """Draw eyes, nose and mouth onto the coat."""
    for x, y in EYES:
        cv2.ellipse(canvas, (x, y), (58, 50), 0, 0, 360, INSIDE, -1, cv2.LINE_AA)
        cv2.ellipse(canvas, (x, y + 2), (46, 42), 0, 0, 360, (96, 56, 24), -1, cv2.LINE_AA)
        cv2.circle(canvas, (x, y), 25, (16, 10, 8), -1, cv2.LINE_AA)
        cv2.circle(canvas, (x - 14, y - 16), 11, (252, 250, 246), -1, cv2.LINE_AA)
        cv2.circle(canvas, (x + 16, y + 16), 5, (190, 150, 110), -1, cv2.LINE_AA)
    nose = np.array(
        [(548, 716), (588, 690), (692, 690), (732, 716), (716, 764), (668, 794), (612, 794), (564, 764)]
    )
    cv2.fillPoly(canvas, [smooth(nose)], NOSE, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.ellipse(canvas, (640 + 40 * side, 754), (20, 13), 18 * side, 0, 360, (12, 8, 8), -1, cv2.LINE_AA)
        lip = np.array(
            [(640, 800), (640, 852), (640 + 34 * side, 884), (640 + 90 * side, 880), (640 + 132 * side, 840)]
        )
        cv2.polylines(canvas, [smooth(lip, closed=False)], False, (72, 44, 36), 9, cv2.LINE_AA)
    cv2.ellipse(canvas, (628, 712), (46, 11), -4, 0, 360, (112, 102, 102), -1, cv2.LINE_AA)


def smooth(corners: np.ndarray, *, closed: bool = True) -> np.ndarray:
    """A curve near the corners, by cutting them (Chaikin 1974)."""
    points = corners.astype(np.float64)
    for _ in range(3):
        after = np.roll(points, -1, axis=0) if closed else points[1:]
        before = points if closed else points[:-1]
        cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], axis=1).reshape(-1, 2)
        points = cut if closed else np.concatenate([points[:1], cut, points[-1:]])
    return np.round(points).astype(np.int32)


def paint(seed: int = 7) -> np.ndarray:
    """The dog: (SIZE, SIZE, 3) uint8 RGB."""
    rng = np.random.default_rng(seed)
    down = np.linspace(0, 1, WORK)[:, None, None]
    canvas = np.array(WALL[0]) * (1 - down) + np.array(WALL[1]) * down + np.zeros((WORK, WORK, 3))
    for part in PARTS:
        canvas = lay(canvas, part)
    drawn = comb(canvas, rng)
    features(drawn)
    return cv2.resize(drawn, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    target = HERE / "dog.jpg"
    cv2.imwrite(str(target), cv2.cvtColor(paint(), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 84])
    print(target, f"{target.stat().st_size / 1024:.0f} KB")
    half = [tuple(round(value * SIZE / WORK) for value in point) for point in (*EYES, MOUTH)]
    print("anchors:", half)
