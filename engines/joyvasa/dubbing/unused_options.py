"""Which options of JoyVASA have no effect on a dub."""

from __future__ import annotations

UNUSED_IN_DUBS = (
    "gaze_x",
    "gaze_y",
    "head_motion",
    "expression",
    "emotion",
    "marks",
    "blink",
    "smile",
    "smoothing",
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
"""A video has its own head, eyes and expression; a dub drives the lips alone and always pastes them back."""
