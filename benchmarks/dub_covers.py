"""Measures whether thin things before a mouth are seen, and whether anything else is taken for one.

A finger in the person's own colour at several angles, pens, a spoon and microphones are drawn over talking
videos, a few frames each.

    python -m benchmarks.dub_covers [VIDEO ...]     further videos without covers
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.dub_lips import OLD_VOICE, PORTRAITS
from benchmarks.dub_torture import example_persons
from benchmarks.dub_videos import talking
from benchmarks.figures import EXAMPLES, Figure, parser, report
from media.dubbing.following import follow_video
from media.dubbing.values import SourceFrame
from media.faces import mesh_detector
from media.video import VideoReader

FPS = 25
FIRST, APART, SHOWN = 12, 13, 5
"""The first frame with a cover, and the frames from one cover to the next and of each cover."""
LEAST, MOST_FALSE = 90.0, 0.0
"""Percent of the covered frames that must pass, and of the others that may."""
CLEAN = 250
"""Frames of a further video that are looked at."""
SKIN = (50, 280, 101, 330, 205, 425)


@dataclass(frozen=True)
class Cover:
    """Something drawn over a mouth.

    angle: from which side it comes, in degrees from the mouth's line; 90 is from below. past: how far its end
    is beyond the middle of the mouth, in mouth widths. width: of the bar, in mouth widths. colour: None for
    the person's own skin. head: radius of the ball or bowl at its end, in mouth widths.
    """

    name: str
    angle: float
    past: float
    width: float
    colour: tuple[int, int, int] | None = None
    head: float = 0.0


COVERS = (
    Cover("finger from below", 90, 0.55, 0.34),
    Cover("finger from the right", 60, 0.5, 0.34),
    Cover("finger from the left", 130, 0.5, 0.34),
    Cover("finger across", 20, 0.5, 0.34),
    Cover("pen from below", 90, 0.5, 0.10, (30, 40, 110)),
    Cover("pen at an angle", 45, 0.6, 0.10, (30, 40, 110)),
    Cover("pen across", 10, 0.7, 0.10, (120, 30, 30)),
    Cover("microphone", 90, -0.25, 0.34, (45, 45, 48), 0.36),
    Cover("microphone at an angle", 60, -0.2, 0.30, (45, 45, 48), 0.33),
    Cover("spoon", 90, 0.0, 0.07, (190, 190, 195), 0.25),
)


def covered(frame: np.ndarray, landmarks: np.ndarray, cover: Cover) -> np.ndarray:
    """An (H, W, 3) uint8 RGB frame with something in front of the mouth of (478, 3) landmarks."""
    right, left = landmarks[61, :2], landmarks[291, :2]
    unit = max(float(np.hypot(*(left - right))), 0.28 * float(np.ptp(landmarks[:, 0])))
    across = (left - right) / max(float(np.hypot(*(left - right))), 1e-6)
    angle = np.radians(cover.angle)
    way = across * np.cos(angle) + np.array([-across[1], across[0]]) * np.sin(angle)
    middle = landmarks[[13, 14], :2].mean(axis=0)
    tip, far = middle - way * cover.past * unit, middle + way * 1.8 * unit
    colour = np.array(cover.colour or _skin(frame, landmarks), np.float32)
    height, width = frame.shape[:2]
    x, y = np.arange(width, dtype=np.float32) - tip[0], np.arange(height, dtype=np.float32)[:, None] - tip[1]
    along, aside = x * way[0] + y * way[1], y * way[0] - x * way[1]
    half = cover.width * unit / 2
    end = np.hypot(aside, np.maximum(-along, 0.0))
    bar = np.where(along < float(np.hypot(*(far - tip))), np.clip(half - end + 0.5, 0.0, 1.0), 0.0)
    light = 1.02 - 0.28 * np.clip(np.abs(aside) / half, 0.0, 1.0) ** 2.5
    drawn = frame * (1.0 - bar[..., None]) + colour * light[..., None] * bar[..., None]
    if cover.head:
        ball = np.clip(cover.head * unit - np.hypot(x, y) + 0.5, 0.0, 1.0)[..., None]
        net = 1.2 + 0.4 * np.sin(x)[None] * np.sin(y) + 0.3 * aside / (cover.head * unit)
        drawn = drawn * (1.0 - ball) + colour * net[..., None] * ball
    return np.asarray(np.rint(np.clip(drawn, 0, 255)), np.uint8)


def _skin(frame: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    at = np.clip(np.rint(landmarks[list(SKIN), :2]).astype(int), 0, np.array(frame.shape[1::-1]) - 1)
    return np.asarray(np.median(frame[at[:, 1], at[:, 0]], axis=0))


def with_covers(
    frames: Sequence[np.ndarray], covers: Sequence[Cover] = COVERS
) -> tuple[list[np.ndarray], np.ndarray]:
    """The frames with one cover after the other, and (frames,) int: the number of each one's, or -1."""
    made, truth = list(frames), np.full(len(frames), -1)
    for number in range(len(covers)):
        for at in range(FIRST + number * APART, min(FIRST + number * APART + SHOWN, len(made))):
            faces = mesh_detector().detect(made[at], depth="whole")
            if faces:
                made[at], truth[at] = covered(made[at], faces[0].landmarks, covers[number]), number
    return made, truth


def passing(frames: Sequence[np.ndarray], folder: Path) -> np.ndarray:
    """(frames,) bool: which ones pass because something covers the mouth."""
    source = [SourceFrame(n, Fraction(n, FPS), picture) for n, picture in enumerate(frames)]
    with follow_video(source, folder) as video:
        return np.array([video.reason(n) == "covered" for n in range(video.frames)])


def figures(folder: Path, others: Sequence[Path]) -> Iterator[Figure]:
    """For each kind of cover, the share of frames that pass; then false alarms of every video."""
    persons = {"example, woman": example_persons()[0], "example, man": example_persons()[1]}
    for name in PORTRAITS:
        video = talking(EXAMPLES / "portraits" / name, OLD_VOICE, folder / f"{Path(name).stem}.mp4")
        persons[name] = np.stack(list(islice(VideoReader(video), FIRST + APART * len(COVERS))))
    seen, shown = np.zeros(len(COVERS), int), np.zeros(len(COVERS), int)
    false = []
    for frames in persons.values():
        made, truth = with_covers(list(frames))
        passes = passing(made, folder)
        for number in range(len(COVERS)):
            seen[number] += int(passes[truth == number].sum())
            shown[number] += int((truth == number).sum())
        false.append(passing(list(frames), folder))
    for cover, many, of in zip(COVERS, seen, shown, strict=True):
        yield Figure(f"{cover.name}: frames that pass, of {of}", 100 * many / max(of, 1), "%", LEAST)
    for path in others:
        false.append(passing(list(islice(VideoReader(path), CLEAN)), folder))
        yield Figure(f"{path.name}: frames taken for covered", 100 * float(false[-1].mean()), "%")
    share = 100 * float(np.concatenate(false).mean())
    yield Figure("frames without a cover that pass", share, "%", MOST_FALSE, at_least=False)


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("videos", nargs="*", type=Path, metavar="VIDEO")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return report(figures(Path(folder), chosen.videos), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
