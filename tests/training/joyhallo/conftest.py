"""A small dataset, and small random weights to train from."""

from __future__ import annotations

import wave
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from engines.joyhallo.weights.catalogue import folder
from engines.joyhallo.weights.random_weights import synthesize
from training.dataset.arrays import write_arrays
from training.dataset.frames import write_frames
from training.dataset.index import write_description, write_index
from training.dataset.items import ItemFacts, write_item

LENGTHS = (24, 40)
SIDE = 64
VOICE = (3, 24)
"""Layers and channels of the small audio encoder."""


@pytest.fixture(scope="session")
def tiny_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights with JoyHallo's in it."""
    root = tmp_path_factory.mktemp("joyhallo-weights")
    list(synthesize(folder(root), "tiny"))
    return root


@pytest.fixture
def weights(tiny_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, where the program looks for weights."""
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tiny_root))
    return tiny_root


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two videos in which a bright square moves over a ramp of colours."""
    return make_dataset(tmp_path_factory.mktemp("dataset"), LENGTHS)


def make_dataset(root: Path, lengths: tuple[int, ...], voice: tuple[int, int] = VOICE) -> Path:
    write_description(root, "joyhallo")
    for number, frames in enumerate(lengths):
        write_item(root, f"video-{number}", f"{number}.mp4", partial(_fill, frames=frames, voice=voice))
    write_index(root)
    return root


def _fill(part: Path, frames: int, voice: tuple[int, int]) -> ItemFacts:
    rng = np.random.default_rng(frames)
    write_frames(part / "frames.zip", [picture(k) for k in range(frames)])
    box = np.zeros((SIDE, SIDE), np.uint8)
    box[16:48, 16:48] = 255
    small = np.zeros((64, 64), np.uint8)
    lips = small.copy()
    small[16:48, 16:48], lips[36:44, 24:40] = 200, 255
    arrays: dict[str, np.ndarray] = {
        "face_embedding": rng.standard_normal(512, np.float32),
        "audio": rng.standard_normal((frames, *voice), np.float32),
        "face_mask": box,
        "full_mask": 255 - small,
        "face_mask_64": np.maximum(small, lips) - lips,
        "lip_mask": lips,
    }
    write_arrays(part / "features.safetensors", arrays)
    with wave.open(str(part / "voice.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        tone = 8000 * np.sin(np.arange(frames * 640) / 16)
        file.writeframes(tone.astype("<i2").tobytes())
    return ItemFacts(frames, SIDE, SIDE)


def picture(number: int) -> np.ndarray:
    """(SIDE, SIDE, 3) uint8: the square's place tells the number."""
    ramp = np.linspace(0, 120, SIDE, dtype=np.uint8)
    made = np.stack(
        [np.tile(ramp, (SIDE, 1)), np.tile(ramp[:, None], (1, SIDE)), np.full((SIDE, SIDE), 90)], 2
    )
    made = made.astype(np.uint8)
    made[20:28, number : number + 8] = 250
    return made
