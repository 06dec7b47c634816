"""Small videos whose frames and sound encode their times, and functions that read them back from an edit."""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from media.video import VideoReader, VideoWriter
from media.voice import open_voice
from studio.clips.events import ClipEvent, Edited
from studio.provenance.origin import metadata
from studio.provenance.signing import Signer
from studio.settings import Settings

ASTRONAUT = Path(__file__).resolve().parents[3] / "examples" / "portraits" / "astronaut.png"
FACTS = {"engine": "preview", "seed": 7, "options": {"fps": 25}, "speech_sha256": "ab" * 32}
BURST = 0.1
"""Seconds of each tone; it begins at every whole second but 0, when the frames change their brightness."""
RATE = 16_000


def levels(size: tuple[int, int], low: int = 40, high: int = 200) -> Callable[[float], np.ndarray]:
    """Frames that are bright in every second second."""

    def frame(time: float) -> np.ndarray:
        return np.full((size[1], size[0], 3), high if int(time + 1e-6) % 2 else low, np.uint8)

    return frame


def face_at(size: tuple[int, int], left: int, side: int) -> Callable[[float], np.ndarray]:
    """A head of `side` pixels at a place, on grey, which nods by two pixels; the corners are red."""
    with Image.open(ASTRONAUT) as image:
        head = np.asarray(image.convert("RGB").crop((110, 0, 350, 240)).resize((side, side)))

    def frame(time: float) -> np.ndarray:
        picture = np.full((size[1], size[0], 3), 120, np.uint8)
        top = (size[1] - side) // 2 + int(2 * time) % 3
        picture[top : top + side, left : left + side] = head
        for y in (slice(0, 12), slice(-12, None)):
            for x in (slice(0, 12), slice(-12, None)):
                picture[y, x] = (250, 0, 0)
        return picture

    return frame


def bursts(seconds: float) -> np.ndarray:
    """A tone of 440 Hz for BURST seconds at every whole second but 0, (n,) float32 at RATE."""
    time = np.arange(round(seconds * RATE)) / RATE
    heard = (time >= 1) & (time % 1 < BURST)
    return (0.5 * np.sin(2 * np.pi * 440 * time) * heard).astype(np.float32)


def make_video(
    path: Path,
    frame: Callable[[float], np.ndarray],
    *,
    seconds: float = 3.0,
    fps: int = 25,
    sound: np.ndarray | None = None,
    facts: dict[str, Any] | None = FACTS,
    settings: Settings | None = None,
) -> Path:
    """A video as a job writes it: labelled and signed unless `facts` is None."""
    height, width, _ = frame(0.0).shape
    speech = open_voice((RATE, sound)) if sound is not None else None
    about = metadata(facts) if facts else {}
    seal = Signer(facts, settings or Settings()) if facts else None
    count = round(seconds * fps)
    with VideoWriter(
        path, (width, height), fps, sound=speech, frames=count, metadata=about, seal=seal
    ) as writer:
        for number in range(count):
            writer.write(frame(number / fps)[None])
    return path


def last(events: Generator[ClipEvent, None, None]) -> Edited:
    """The finished edit, after progress that never goes back."""
    *before, end = events
    assert isinstance(end, Edited)
    parts = [event.fraction for event in before if not isinstance(event, Edited)]
    assert parts == sorted(parts)
    assert parts[0] >= 0
    assert parts[-1] <= 1
    return end


def frames_of(path: Path) -> np.ndarray:
    """(n, H, W, 3) uint8."""
    return np.stack(list(VideoReader(path)))


def changes(path: Path) -> list[float]:
    """When the brightness changes, in seconds from the first frame."""
    reader = VideoReader(path)
    timed = [(moment, picture.mean()) for moment, picture in reader.timed()]
    begin = timed[0][0] or 0.0
    pairs = pairwise(timed)
    return [(t or 0.0) - begin for (_, before), (t, now) in pairs if abs(now - before) > 40]


def onsets(path: Path) -> list[float]:
    """When tones begin, in seconds from the first frame."""
    about, blocks = VideoReader(path).sound()
    samples = np.abs(np.concatenate(list(blocks)).mean(axis=1))
    loud = np.flatnonzero(samples > 0.1)
    begins = loud[np.r_[True, np.diff(loud) > 0.3 * about.rate]]
    return [float(begin / about.rate) for begin in begins]
