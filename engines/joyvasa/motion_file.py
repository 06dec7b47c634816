"""The motion of a finished job as a file, to be rendered again without sampling it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import numpy as np

from engines.joyvasa.pose import KEYPOINTS, Motion
from media.errors import InputError

SHAPES = {"exp": (KEYPOINTS, 3), "scale": (1,), "t": (3,), "pitch": (1,), "yaw": (1,), "roll": (1,)}
"""What one frame of each array looks like."""
FORMAT = "joystudio motion 1"


def save_motion(motion: Motion, path: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write all frames as safetensors, float32, with `metadata` beside them."""
    from safetensors.numpy import save_file

    arrays = {f.name: np.ascontiguousarray(getattr(motion, f.name), np.float32) for f in fields(motion)}
    save_file(arrays, path, metadata={**(metadata or {}), "format": FORMAT})


def load_motion(path: Path) -> tuple[Motion, dict[str, str]]:
    """Motion and metadata of a file that `save_motion` wrote. Raises InputError for any other file."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = dict(file.metadata() or {})
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except (SafetensorError, OSError) as error:
        message = f"{path.name} cannot be read as a motion file: {error}. Give one that a job kept."
        raise InputError(message) from None
    counts = {len(array) for array in arrays.values() if array.ndim}
    wrong = [name for name, shape in SHAPES.items() if name not in arrays or arrays[name].shape[1:] != shape]
    if wrong or metadata.get("format") != FORMAT or len(counts) != 1 or counts == {0}:
        reason = f"its {wrong[0]} is missing or misshapen" if wrong else "its frames or its format do not fit"
        raise InputError(f"{path.name} is no motion file: {reason}. Give one that a job kept.")
    if not all(np.isfinite(arrays[name]).all() for name in SHAPES):
        raise InputError(f"{path.name} holds numbers that are not finite. Sample the motion again.")
    return Motion(**{name: arrays[name].astype(np.float32, copy=False) for name in SHAPES}), metadata
