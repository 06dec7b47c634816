"""Random datasets: their content does not change the work."""

from __future__ import annotations

import wave
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from engines.joyhallo.networks.builders import Size, document
from engines.joyvasa.motion.template import MotionTemplate
from training.dataset.arrays import write_arrays
from training.dataset.frames import write_frames
from training.dataset.index import write_description, write_index
from training.dataset.items import ItemFacts, write_item
from training.dataset.template import write_template

VIDEOS, FRAMES = 2, 250
SAMPLES = 640
"""Samples of sound per frame."""
MOTION = {"exp": 63, "scale": 1, "t": 3, "pitch": 1, "yaw": 1, "roll": 1, "eyes": 2, "lip": 1}


def joyhallo(root: Path, size: Size, side: int) -> Path:
    """Frames of side x side, and voices encoded at that size."""
    sizes: Mapping[str, int] = document(size)["audioproj"]
    return _written(
        root, "joyhallo", partial(_pictures, side=side, voice=(sizes["blocks"], sizes["channels"]))
    )


def joyvasa(root: Path) -> Path:
    """Voices and motions."""
    _written(root, "joyvasa", _motions)
    write_template(root, MotionTemplate.random_weights().to_arrays())
    return root


def _written(root: Path, kind: str, fill: Callable[[Path], ItemFacts]) -> Path:
    write_description(root, kind)
    for number in range(VIDEOS):
        write_item(root, f"video-{number}", f"{number}.mp4", fill)
    write_index(root)
    return root


def _pictures(part: Path, side: int, voice: tuple[int, int]) -> ItemFacts:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 255, (side, side, 3), dtype=np.uint8)
    write_frames(part / "frames.zip", (picture for _ in range(FRAMES)))
    small = rng.integers(0, 255, (3, 64, 64), dtype=np.uint8)
    arrays: dict[str, np.ndarray] = {
        "face_embedding": rng.standard_normal(512, np.float32),
        "audio": rng.standard_normal((FRAMES, *voice), np.float32),
        "face_mask": np.full((side, side), 255, np.uint8),
        **dict(zip(("full_mask", "face_mask_64", "lip_mask"), small, strict=True)),
    }
    write_arrays(part / "features.safetensors", arrays)
    _voice(part, rng)
    return ItemFacts(FRAMES, side, side)


def _motions(part: Path) -> ItemFacts:
    rng = np.random.default_rng(0)
    write_arrays(
        part / "motion.safetensors",
        {name: rng.standard_normal((FRAMES, width), np.float32) for name, width in MOTION.items()},
    )
    _voice(part, rng)
    return ItemFacts(FRAMES, 64, 64)


def _voice(part: Path, rng: np.random.Generator) -> None:
    with wave.open(str(part / "voice.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        noise = 4000 * rng.standard_normal(FRAMES * SAMPLES)
        file.writeframes(noise.clip(-32_768, 32_767).astype("<i2").tobytes())
