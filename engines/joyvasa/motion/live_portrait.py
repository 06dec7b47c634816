"""A saved motion as LivePortrait's motion template: a pickle of numbers that drive a face in its programs."""

from __future__ import annotations

import pickle
from typing import Any, BinaryIO

import numpy as np

from engines.joyvasa.motion.pose import rotation
from engines.joyvasa.motion.saved_stretches import saved_stretches
from engines.joyvasa.motion.windows import FPS
from engines.saved_motion import SavedMotion


def write_live_portrait(file: BinaryIO, motion: SavedMotion) -> int:
    """Write the template, and return its number of frames.

    It holds the motion as it was sampled, before sliders changed it. A voice gives no ratios of eyes and
    lips, so their lists are empty, as in the templates of FasterLivePortrait's JoyVASA. Raises InputError if
    JoyVASA did not make the motion, OSError if it cannot be written.
    """
    frames: list[dict[str, Any]] = []
    for part in saved_stretches(motion):
        shaped = {
            "scale": part.scale,
            "R": rotation(part.pitch, part.yaw, part.roll),
            "exp": part.exp,
            "t": part.t,
            "pitch": part.pitch,
            "yaw": part.yaw,
            "roll": part.roll,
        }
        # Copies, because a row that is a view would take the whole array with it into the pickle.
        frames += [
            {name: rows[at : at + 1].astype(np.float32) for name, rows in shaped.items()}
            for at in range(len(part))
        ]
    template = {
        "n_frames": len(frames),
        "output_fps": FPS,
        "motion": frames,
        "c_eyes_lst": [],
        "c_lip_lst": [],
    }
    pickle.dump(template, file, protocol=4)
    return len(frames)
