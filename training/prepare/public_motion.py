"""Converts a clip's motion to and from the public JoyVASA program's form: a list with a dict of small arrays
per frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engines.joyvasa.motion.pose import KEYPOINTS, HeadMotion, rotation, transform_keypoints
from engines.joyvasa.motion.windows import FPS
from media.errors import DatasetError
from training.prepare.motion_extraction import WIDTHS

HEADS = ("scale", "t", "exp", "pitch", "yaw", "roll")
RATIOS = {"eyes": "c_eyes_lst", "lip": "c_lip_lst"}


def to_public(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """From the arrays of a prepared motion, (n, width) float32 each.

    The keypoints `kp`, and `x_s`, which is computed from them, are included only if the arrays have them; the
    public training reads neither.
    """
    exp = arrays["exp"].reshape(-1, KEYPOINTS, 3)
    motion = HeadMotion(exp, *(arrays[name] for name in ("scale", "t", "pitch", "yaw", "roll")))
    shaped = {name: arrays[name] for name in HEADS} | {
        "exp": exp,
        "R": rotation(motion.pitch, motion.yaw, motion.roll),
    }
    if "kp" in arrays:
        kp = arrays["kp"].reshape(-1, KEYPOINTS, 3)
        shaped |= {"kp": kp, "x_s": transform_keypoints(kp, motion)}
    # Copies, because a row that is a view would take the whole array with it into a pickle's memo.
    frames = [{name: rows[i : i + 1].copy() for name, rows in shaped.items()} for i in range(len(exp))]
    ratios = {
        name: [row[None].copy() for row in arrays[ours].astype(np.float32)] for ours, name in RATIOS.items()
    }
    return {"n_frames": len(frames), "output_fps": FPS, "motion": frames, **ratios}


def from_public(content: Any, where: str) -> dict[str, np.ndarray]:
    """The arrays of a prepared motion from the content of a public file; `kp` only if all frames have it.

    where: the file's name in messages. Raises DatasetError, which names the first fault.
    """
    if not isinstance(content, dict) or not isinstance(content.get("motion"), list) or not content["motion"]:
        raise _strange(where, "it has no list `motion` of frames")
    if content.get("output_fps", FPS) != FPS:
        raise _strange(where, f"its motion has {content['output_fps']} frames per second in place of {FPS}")
    frames = content["motion"]
    names = [*HEADS, *(["kp"] if all(isinstance(f, dict) and "kp" in f for f in frames) else [])]
    arrays = {name: _rows([_entry(frame, name) for frame in frames], name, where) for name in names}
    for ours, name in RATIOS.items():
        values = content.get(name)
        if not isinstance(values, list) or len(values) != len(frames):
            raise _strange(where, f"its list `{name}` is not as long as `motion`")
        arrays[ours] = _rows(values, ours, where)
    return arrays


def _entry(frame: Any, name: str) -> Any:
    return frame.get(name) if isinstance(frame, dict) else None


def _rows(values: list[Any], name: str, where: str) -> np.ndarray:
    width = WIDTHS[name]
    out = np.empty((len(values), width), np.float32)
    for number, value in enumerate(values):
        row = np.asarray(value) if isinstance(value, np.ndarray | np.generic | float | int) else None
        if row is None or row.dtype.kind not in "fiu" or row.size != width or not np.isfinite(row).all():
            raise _strange(where, f"{name} of frame {number} is not {width} finite numbers")
        out[number] = row.reshape(-1)
    return out


def _strange(where: str, what: str) -> DatasetError:
    return DatasetError(
        "{where} is not a motion of the public program: {what}. Extract it again.", where=where, what=what
    )
