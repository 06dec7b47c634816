"""A small dataset of motions, small random weights to train from, and options for runs of seconds."""

from __future__ import annotations

import wave
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.weights.catalogue import folder
from engines.joyvasa.weights.random_weights import synthesize
from tests.engines.joyvasa.tiny_motion import voice
from training.dataset.arrays import write_arrays
from training.dataset.index import write_description, write_index
from training.dataset.items import ItemFacts, write_item
from training.dataset.template import write_template

LENGTHS = (120, 90, 260, 30)
"""Frames of the videos `video-0` to `video-3`; the last one is for testing."""


@pytest.fixture(scope="session")
def tiny_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights with JoyVASA's in it."""
    root = tmp_path_factory.mktemp("joyvasa-weights")
    list(synthesize(folder(root), "tiny"))
    return root


@pytest.fixture
def weights(tiny_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, where the program looks for weights."""
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tiny_root))
    return tiny_root


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four voices of noise that swells, and heads that sway with them."""
    return make_dataset(tmp_path_factory.mktemp("motions"))


def make_dataset(root: Path, lengths: tuple[int, ...] = LENGTHS, *, random_weights: bool = False) -> Path:
    write_description(root, "joyvasa")
    for number, frames in enumerate(lengths):
        fill = partial(fill_item, frames=frames, seed=number, random_weights=random_weights)
        write_item(root, f"video-{number}", f"{number}.mp4", fill)
    write_index(root, test={f"video-{len(lengths) - 1}"} if len(lengths) > 1 else ())
    write_template(root, MotionTemplate.random_weights().to_arrays())
    return root


def fill_item(part: Path, frames: int, seed: int, random_weights: bool = False) -> ItemFacts:
    """The frame's number k stands in scale: 1 + k / 10000."""
    samples = voice(frames * 640, seed)
    loudness = np.abs(samples).reshape(frames, 640).mean(1, keepdims=True).astype(np.float32)
    place = np.arange(frames, dtype=np.float32)[:, None]
    arrays = {
        "exp": 0.05 * loudness * np.linspace(-1, 1, 63, dtype=np.float32),
        "scale": 1 + place / 10000,
        "t": 0.02 * np.sin(place / [9.0, 7.0, 5.0]).astype(np.float32),
        "pitch": 5 * np.sin(place / 11),
        "yaw": 6 * np.sin(place / 13),
        "roll": 3 * np.sin(place / 17),
        "eyes": np.full((frames, 2), 0.3, np.float32),
        "lip": loudness,
    }
    write_arrays(part / "motion.safetensors", {name: a.astype(np.float32) for name, a in arrays.items()})
    write_voice(part / "voice.wav", samples)
    return ItemFacts(frames, 128, 128, random_weights)


def write_voice(path: Path, samples: np.ndarray, rate: int = 16_000) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples.clip(-1, 1) * 32_767).astype("<i2").tobytes())
