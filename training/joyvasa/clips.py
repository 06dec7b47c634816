"""Reads two consecutive windows of prepared videos: their sound and their normalised motion."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.motion.windows import FPS, SAMPLE_RATE, SAMPLES_PER_FRAME
from media.errors import DatasetError
from training.dataset.arrays import read_rows
from training.dataset.index import Dataset, Item
from training.dataset.template import read_template

MOTION, VOICE = "motion.safetensors", "voice.wav"
PARTS = ("exp", "scale", "t", "pitch", "yaw", "roll")
SPARE = 2
"""A clip is repeated until it has this many frames more than two windows."""
MISMATCH = 3
"""Frames by which a voice may be shorter than its motion; silence replaces them."""


class Clips:
    """Reads stretches of prepared videos, and nothing else of them.

    items: the videos to draw from. window: frames of one of the two windows.
    """

    def __init__(self, items: Sequence[Item], template: MotionTemplate, window: int) -> None:
        self.items, self._template, self._frames = tuple(items), template, 2 * window

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Two windows of a video at random, every video with the same chance: see `read`."""
        item = self.items[int(rng.integers(len(self.items)))]
        return self.read(item, int(rng.integers(self.starts(item))))

    def starts(self, item: Item) -> int:
        """The number of frames at which two windows can begin."""
        return _repeated(item.frames, self._frames + SPARE) - self._frames + 1

    def read(self, item: Item, start: int) -> tuple[np.ndarray, np.ndarray]:
        """Sound (frames * 640,) in -1..1 and normalised motion (frames, 70), float32, frames = two windows.

        A clip that is too short for two windows and two frames is doubled until it is long enough: 90 frames
        become 180, then 360. Motion and sound repeat together. Raises DatasetError for a video whose files
        are damaged, too short or contain NaN.
        """
        sound, motion = [], []
        at, left = start, self._frames
        while left:
            place = at % item.frames
            taken = min(left, item.frames - place)
            sound.append(read_voice(item, place, place + taken))
            motion.append(self._motion(item, place, place + taken))
            at, left = at + taken, left - taken
        return np.concatenate(sound), np.concatenate(motion)

    def _motion(self, item: Item, start: int, stop: int) -> np.ndarray:
        path = item.folder / MOTION
        rows = {name: read_rows(path, name, start, stop) for name in PARTS}
        for name, values in rows.items():
            if len(values) != stop - start or not np.isfinite(values).all():
                raise DatasetError(
                    "{path} cannot be used: {name} has {count} of the frames {start} to {stop}, or values "
                    "that are not numbers; delete its folder and prepare again with --resume.",
                    path=path,
                    name=name,
                    count=len(values),
                    start=start,
                    stop=stop,
                )
        rows["exp"] = rows["exp"].reshape(stop - start, -1, 3)
        return self._template.vectors(HeadMotion(**rows))


def read_voice(item: Item, start: int, stop: int) -> np.ndarray:
    """The sound of frames start up to stop, (n * 640,) float32 in -1..1; silence if the voice ends early.

    Raises DatasetError for a voice that is missing, in another format, or more than three frames too short.
    """
    path = item.folder / VOICE
    first, count = start * SAMPLES_PER_FRAME, (stop - start) * SAMPLES_PER_FRAME
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            length = file.getnframes()
            file.setpos(min(first, length))
            values = np.frombuffer(file.readframes(count), "<i2")
    except (OSError, EOFError, wave.Error) as error:
        raise DatasetError(
            "{path} cannot be read ({reason}); delete its folder and prepare again with --resume.",
            path=path,
            reason=error,
        ) from None
    if form != (SAMPLE_RATE, 1, 2):
        raise DatasetError(
            "{path} has {rate} Hz, {channels} channels and {bits} bits instead of {expected}, 1 and 16; "
            "delete its folder and prepare again with --resume.",
            path=path,
            rate=form[0],
            channels=form[1],
            bits=8 * form[2],
            expected=SAMPLE_RATE,
        )
    if length < (item.frames - MISMATCH) * SAMPLES_PER_FRAME:
        raise DatasetError(
            "{path} is {seconds:.2f} s long, but the motion beside it {motion_seconds:.2f} s; leave the "
            "video out, or prepare it again.",
            path=path,
            seconds=length / SAMPLE_RATE,
            motion_seconds=item.frames / FPS,
        )
    out = np.zeros(count, np.float32)
    out[: len(values)] = values.astype(np.float32) / 32768
    return out


def motion_template(dataset: Dataset) -> MotionTemplate:
    """The template of a dataset. Raises DatasetError if it is missing or cannot normalise."""
    arrays = read_template(dataset.root)
    try:
        template = MotionTemplate.from_arrays(arrays)
    except (KeyError, ValueError) as error:
        raise DatasetError(
            "The template in {root} cannot be used ({reason}); run prepare again with --resume.",
            root=Path(dataset.root),
            reason=error,
        ) from error
    if not all(np.isfinite(value).all() for value in vars(template).values()):
        raise DatasetError(
            "The template in {root} has values that are not numbers; find the video that causes this by "
            "leaving out half of the videos at a time, and prepare again.",
            root=Path(dataset.root),
        )
    return template


def _repeated(frames: int, least: int) -> int:
    while frames < least:
        frames *= 2
    return frames
