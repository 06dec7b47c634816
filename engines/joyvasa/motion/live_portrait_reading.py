"""The motion of LivePortrait's motion templates in the engine's terms."""

from __future__ import annotations

import numpy as np

from engines.joyvasa.motion.pose import HeadMotion, angles_of_rotation
from media.performance.motion_template import LivePortraitTemplate


def motion_of(template: LivePortraitTemplate) -> HeadMotion:
    """The template's motion at its own rate."""
    turns = template.turns
    angles = angles_of_rotation(turns) if turns.ndim == 3 else np.split(turns, 3, axis=1)
    pitch, yaw, roll = angles
    return HeadMotion(template.exp, template.scale, template.t, pitch, yaw, roll)
