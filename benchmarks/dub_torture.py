"""Makes a short video of what breaks dubbing, with the truth about each frame: titles, cuts, fades, flashes,
lost frames, turned heads, a hand in front of the mouth, a pan and two people, all from our talking videos.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from media.dubbing.values import SourceFrame
from media.video_reader import VideoReader

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "clips" / "example.mp4"
"""Two persons and a dog, 256x256 each, side by side."""
SIZE = (480, 320)
FPS = 25
SKIN = (186, 140, 120)
"""Of the hand, unless a face's own is given."""


@dataclass
class Torture:
    """frames: of the video. parts: (start, end) frames of each named part. cuts: first frames of new shots.
    boxes: roughly where the first and the second person are, (x0, y0, x1, y1), by frame; absent where they
    are not. mouth: where the hand is.
    """

    frames: list[np.ndarray] = field(default_factory=list)
    parts: dict[str, tuple[int, int]] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    first_person: dict[int, tuple[float, float]] = field(default_factory=dict)
    second_person: dict[int, tuple[float, float]] = field(default_factory=dict)

    def add(
        self,
        name: str,
        frames: Sequence[np.ndarray],
        *,
        cut: bool = False,
        first: Sequence[tuple[float, float] | None] = (),
        second: Sequence[tuple[float, float] | None] = (),
    ) -> None:
        """Append a part. cut: whether a new shot begins. first, second: the middle of each face, by frame."""
        start = len(self.frames)
        if cut:
            self.cuts.append(start)
        for places, known in ((first, self.first_person), (second, self.second_person)):
            known.update({start + n: place for n, place in enumerate(places) if place is not None})
        self.frames += [np.ascontiguousarray(frame) for frame in frames]
        self.parts[name] = (start, len(self.frames))

    def source(self, times: Sequence[Fraction] | None = None) -> list[SourceFrame]:
        """The frames as of a video of 25 frames per second, or at other times."""
        times = times or [Fraction(n, FPS) for n in range(len(self.frames))]
        return [SourceFrame(n, times[n], picture) for n, picture in enumerate(self.frames)]


def example_persons() -> tuple[np.ndarray, np.ndarray]:
    """(n, 256, 256, 3) uint8 frames of the two persons in the example clip."""
    frames = np.stack(list(VideoReader(EXAMPLE)))
    return frames[:, :, :256], frames[:, :, 256:512]


def torture(a: np.ndarray, b: np.ndarray) -> Torture:
    """The video. a, b: (at least 115, H, W, 3) uint8 square talking videos of two persons."""
    made = Torture()
    shot_a = [framed(frame, 300, (240, 160), (70, 82, 60)) for frame in a[:115]]
    shot_b = [framed(frame, 280, (200, 170), (120, 110, 140)) for frame in b[:24]]
    here, there = (240.0, 160.0), (200.0, 170.0)
    made.add("title", [title("Chapter One")] * 10)
    made.add("speech", shot_a[:24], cut=True, first=[here] * 24)
    made.add("gap", [np.zeros_like(shot_a[0])])
    made.add("after gap", shot_a[25:33], first=[here] * 8)
    down, up = np.linspace(1, 0, 9)[1:], np.linspace(0, 1, 9)[1:]
    made.add("fade", [faded(f, g) for f, g in zip(shot_a[33:49], [*down, *up], strict=True)])
    made.add("after fade", shot_a[49:55], first=[here] * 6)
    made.add("flash", [flashed(frame, 0.75) for frame in shot_a[55:57]])
    made.add("after flash", shot_a[57:63], first=[here] * 6)
    hand_at = [*np.linspace(1.4, 0, 5), *[0.0] * 8, *np.linspace(0, 1.4, 5)]
    made.add(
        "hand",
        [with_hand(f, (240, 205), 150, away) for f, away in zip(shot_a[63:81], hand_at, strict=True)],
        first=[here] * 18,
    )
    made.add("after hand", shot_a[81:87], first=[here] * 6)
    turn = [*np.linspace(0, 50, 8), *[50.0] * 6, *np.linspace(50, 0, 8)]
    made.add(
        "turned",
        [turned(f, (244, 170), 75, degrees) for f, degrees in zip(shot_a[87:109], turn, strict=True)],
        first=[here] * 22,
    )
    made.add("after turned", shot_a[109:115], first=[here] * 6)
    made.add("other person", shot_b, cut=True, second=[there] * 24)
    closer = [framed(frame, 400, (240, 180), (120, 110, 140)) for frame in b[40:52]]
    made.add("jump cut", closer, cut=True, second=[(240.0, 180.0)] * 12)
    wide = [beside(a[n], b[n]) for n in range(52, 82)]
    starts = [*[0] * 6, *np.linspace(0, 480, 9)[1:].astype(int), *[480] * 16]
    pan = [frame[:, x : x + SIZE[0]] for frame, x in zip(wide, starts, strict=True)]
    made.add("pan", pan, cut=True)
    both = [pair(a[n], b[n]) for n in range(80, 96)]
    made.add("two", both, cut=True, first=[(140.0, 170.0)] * 16, second=[(380.0, 170.0)] * 16)
    return made


def framed(picture: np.ndarray, side: int, middle: tuple[int, int], ground: tuple[int, ...]) -> np.ndarray:
    """A square picture on a ground of one colour, (320, 480, 3)."""
    frame = np.full((SIZE[1], SIZE[0], 3), ground, np.uint8)
    frame[::16] = np.clip(np.array(ground) + 25, 0, 255)
    return pasted(frame, picture, side, middle)


def pasted(frame: np.ndarray, picture: np.ndarray, side: int, middle: tuple[int, int]) -> np.ndarray:
    """The frame with a picture of that many pixels around a place, cut at the frame's borders."""
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA if side < 256 else cv2.INTER_CUBIC)
    x, y = middle[0] - side // 2, middle[1] - side // 2
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + side, frame.shape[1]), min(y + side, frame.shape[0])
    frame[y0:y1, x0:x1] = small[y0 - y : y1 - y, x0 - x : x1 - x]
    return frame


def title(text: str) -> np.ndarray:
    """White letters on dark blue."""
    frame = np.full((SIZE[1], SIZE[0], 3), (18, 22, 40), np.uint8)
    cv2.putText(frame, text, (90, 170), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (240, 240, 240), 3, cv2.LINE_AA)
    return frame


def faded(frame: np.ndarray, light: float) -> np.ndarray:
    """The frame with a part of its light."""
    dark: np.ndarray = (frame * np.float32(light)).astype(np.uint8)
    return dark


def flashed(frame: np.ndarray, amount: float) -> np.ndarray:
    """The frame under a flash that washes it out."""
    bright: np.ndarray = (255 - (255 - frame.astype(np.float32)) * (1 - amount)).astype(np.uint8)
    return bright


def with_hand(
    frame: np.ndarray, middle: tuple[int, int], size: int, away: float, skin: tuple[int, ...] = SKIN
) -> np.ndarray:
    """A hand of four fingers in front of the mouth. away: how far below it is, in its sizes."""
    hand = frame.copy()
    x, y = middle[0], middle[1] + round(away * size)
    if y - size // 2 >= SIZE[1]:
        return hand
    finger = size // 5
    for number in range(4):
        top = y - finger * 2 + round((number + 0.5) * finger)
        left, right = (x - size // 2, top), (x + size // 2, top)
        cv2.line(hand, left, right, tuple(int(v * 0.8) for v in skin), finger, cv2.LINE_AA)
        cv2.line(hand, left, right, skin, finger - 3, cv2.LINE_AA)
    return hand


def turned(frame: np.ndarray, middle: tuple[int, int], radius: int, degrees: float) -> np.ndarray:
    """The head as on a cylinder that turns to the image's right, seen from the front."""
    height, width = frame.shape[:2]
    away = (np.arange(width) - middle[0]) / radius
    inside = np.abs(away) < 1
    angle = np.arcsin(np.clip(away, -1, 1)) - np.radians(degrees)
    columns = np.where(
        inside, middle[0] + radius * np.sin(np.clip(angle, -np.pi / 2, np.pi / 2)), np.arange(width)
    )
    x = np.repeat(columns[None].astype(np.float32), height, axis=0)
    y = np.repeat(np.arange(height, dtype=np.float32)[:, None], width, axis=1)
    return cv2.remap(frame, x, y, cv2.INTER_LINEAR)


def beside(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(320, 960, 3): a room with both persons, twice as wide as the frame."""
    columns = np.arange(960)
    wall = np.stack([110 + 30 * np.sin(columns / 37), 115 + 20 * np.sin(columns / 23), 120 + 0 * columns], 1)
    frame = np.repeat(wall[None].astype(np.uint8), SIZE[1], axis=0)
    return pasted(pasted(frame, a, 280, (220, 170)), b, 280, (740, 170))


def pair(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The first person larger on the left, the second smaller on the right."""
    frame = np.full((SIZE[1], SIZE[0], 3), (60, 75, 95), np.uint8)
    return pasted(pasted(frame, a, 270, (140, 170)), b, 170, (380, 170))
