"""Which options of the engines act in a dub."""

from __future__ import annotations

NOT_FOR_DUBS = (
    "animation_mode",
    "breathing",
    "rest_mouth",
    "fps",
    "blink_rate",
    "eye_motion",
    "gaze_x",
    "gaze_y",
    "head_motion",
    "head_yaw",
    "head_pitch",
    "expression",
    "emotion",
    "marks",
    "blink",
    "smile",
    "is_smooth_motion",
    "animation_region",
    "driving_option",
    "driving_multiplier",
    "flag_normalize_lip",
    "flag_relative_motion",
    "flag_pasteback",
    "flag_do_crop",
    "det_thresh",
    "compile",
    "original_retargeting",
)
"""Options of the engines without an effect on a dub. Most are about what the video itself decides: head,
eyes, rate and expression.
"""
