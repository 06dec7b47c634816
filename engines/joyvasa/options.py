"""Everything a user can set on the JoyVASA engine.

Options of the original, JoyVASA's inference.py, keep its names. Those that say flag_ are switches.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from engines.base import AnimationMode, EngineOptions
from engines.option_fields import choice, slider


class JoyVasaOptions(EngineOptions):
    """Options of the JoyVASA engine. The sliders from head_motion to silence_closes_mouth act on finished
    motion: a job's motion can be rendered again with others without sampling it again.
    """

    default_preset: ClassVar[str] = "balanced"
    finds_animals: ClassVar[bool] = True
    keeps_motion: ClassVar[bool] = True

    animation_mode: AnimationMode = choice(
        "human",
        "Animation mode",
        "human: a person, a painting or a statue. animal: its own networks, for cats, dogs and their like.",
        advanced=False,
    )
    cfg_scale: float = slider(
        2.8,
        (0.0, 10.0, 0.1),
        "Guidance (cfg_scale)",
        "How closely the motion follows the voice. 1 is no guidance, 2 to 4 are usual, more exaggerates.",
        sampled=True,
    )
    inference_steps: int = slider(
        0,
        (0, 500, 1),
        "Diffusion steps",
        "Steps of the motion's diffusion. 0 takes as many as the model was trained with (50).",
        sampled=True,
    )
    head_motion: float = slider(
        1.0,
        (0.0, 2.0, 0.05),
        "Head motion",
        "Size of the head's movements. 1 as generated, 0 holds the head still.",
    )
    expression: float = slider(
        1.0, (0.0, 2.0, 0.05), "Expression", "Size of the movements of brows and cheeks. 1 as generated."
    )
    mouth_open: float = slider(
        1.0,
        (0.0, 2.0, 0.05),
        "Mouth opening",
        "How far the lips leave their rest. 1 as generated, 0 keeps the mouth shut.",
    )
    blink: float = slider(
        0.0,
        (-1.0, 1.0, 0.05),
        "Blinks",
        "Below 0 takes the generated blinks away, above 0 adds up to 15 a minute, to human faces.",
    )
    gaze_x: float = slider(
        0.0,
        (-1.0, 1.0, 0.05),
        "Gaze left or right",
        "Turns the eyes towards the picture's right side, below 0 to its left. For human faces.",
        advanced=True,
        people_only=True,
    )
    gaze_y: float = slider(
        0.0,
        (-1.0, 1.0, 0.05),
        "Gaze up or down",
        "Turns the eyes upwards, below 0 downwards. For human faces.",
        advanced=True,
        people_only=True,
    )
    smile: float = slider(
        0.0,
        (-1.0, 1.0, 0.05),
        "Smile",
        "Adds a smile, below 0 takes it down at the corners. For human faces.",
        people_only=True,
    )
    silence_closes_mouth: float = slider(
        0.3,
        (0.0, 1.0, 0.05),
        "Close the mouth in silence",
        "How far the lips ease to their rest where nobody speaks. 0 leaves them as generated.",
    )
    smoothing: float = slider(
        0.08,
        (0.0, 0.5, 0.02),
        "Head smoothing",
        "Seconds over which the head's motion is averaged, without lag. Lips and eyes stay exact.",
        advanced=True,
    )
    animation_region: Literal["all", "exp", "pose", "lip", "eyes"] = choice(
        "all",
        "Animated region",
        "What may move: all, exp (the face without the head), pose (the head alone), lip or eyes.",
        labels={"exp": "Expression", "pose": "Head", "lip": "Lips"},
    )
    driving_option: Literal["expression-friendly", "pose-friendly"] = choice(
        "expression-friendly",
        "Driving option",
        "expression-friendly scales all movement to the size of the portrait's face; pose-friendly "
        "does not. Animals are always scaled.",
        people_only=True,
    )
    driving_multiplier: float = slider(
        1.0,
        (0.0, 2.0, 0.02),
        "Driving multiplier",
        "Strength of all movement together, of head and face.",
        advanced=True,
    )
    lips: Literal["absolute", "relative"] = choice(
        "absolute",
        "Lips",
        "absolute: the lips of the generated motion, whatever the portrait's look like. relative: "
        "their changes are added to the portrait's own lips. Animals are always relative.",
        people_only=True,
    )
    flag_normalize_lip: bool = choice(
        True,
        "Normalize lip",
        "Closes the lips of a portrait with an open mouth before it speaks. For human faces; needs "
        "relative motion.",
        people_only=True,
    )
    flag_relative_motion: bool = choice(
        True,
        "Relative motion",
        "Allows what is relative to the portrait: lip normalisation and scaling to its face. The "
        "motion itself is always relative.",
        people_only=True,
    )
    flag_stitching: bool = choice(
        True, "Stitching", "Corrects the keypoints so that neck and shoulders stay in place."
    )
    flag_pasteback: bool = choice(
        True,
        "Paste back",
        "Puts the face back into the whole portrait. Off: the video shows the face's crop.",
    )
    flag_do_crop: bool = choice(
        True,
        "Crop the face",
        "Off: the whole picture goes through the networks; for pictures that are a crop already.",
        crops=True,
    )
    flag_do_rot: bool = choice(
        True,
        "Turn the crop upright",
        "Off: the crop keeps the picture's upright even if the head is tilted.",
        crops=True,
    )
    scale: float = slider(
        2.3,
        (1.8, 4.0, 0.05),
        "Crop scale",
        "Size of the crop in sizes of the face. Larger takes more hair and shoulders along, with "
        "fewer pixels for the face.",
        advanced=True,
        crops=True,
    )
    vx_ratio: float = slider(
        0.0,
        (-0.5, 0.5, 0.01),
        "Crop shift sideways",
        "Moves the crop across the face, in its own widths.",
        advanced=True,
        crops=True,
    )
    vy_ratio: float = slider(
        -0.125,
        (-0.5, 0.5, 0.01),
        "Crop shift up or down",
        "Moves the crop along the face, in its own heights; below 0 upwards, towards the hair.",
        advanced=True,
        crops=True,
    )
    det_thresh: float = slider(
        0.15,
        (0.05, 0.95, 0.05),
        "Detection threshold",
        "Least score of a face, by InsightFace for people and X-Pose for animals. MediaPipe has its own.",
        advanced=True,
        crops=True,
    )
    sampler: Literal["auto", "ancestral", "ddim", "dpm-solver++"] = choice(
        "auto",
        "Sampler",
        "ancestral is the original's and needs all steps; ddim and dpm-solver++ do with 10 to 20. "
        "auto chooses by the number of steps.",
        sampled=True,
        labels={"ddim": "DDIM", "dpm-solver++": "DPM-Solver++"},
    )
    cfg_mode: Literal["incremental", "independent"] = choice(
        "incremental",
        "Guidance mode",
        "How several conditions are mixed; with the voice as the only one both are the same.",
        sampled=True,
    )
    dynamic_threshold: float = slider(
        0.0,
        (0.0, 1.0, 0.01),
        "Dynamic threshold",
        "Clamps predictions to this quantile of their size, against overshooting at high guidance. 0 "
        "switches it off; 0.95 is usual.",
        advanced=True,
        sampled=True,
    )
    dynamic_threshold_min: float = slider(
        1.0,
        (0.0, 10.0, 0.1),
        "Dynamic threshold, least",
        "The clamp is never narrower than this, in normalised motion.",
        advanced=True,
        sampled=True,
    )
    dynamic_threshold_max: float = slider(
        4.0,
        (0.0, 10.0, 0.1),
        "Dynamic threshold, greatest",
        "The clamp is never wider than this, in normalised motion.",
        advanced=True,
        sampled=True,
    )
    positional_encoding: Literal["auto", "pe_old", "pe_fixed"] = choice(
        "auto",
        "Positional encoding",
        "auto: as the motion model says that it was trained, and pe_old where it says nothing. pe_old: one "
        "code for all frames, as the published model was trained. pe_fixed: a code for each frame.",
        sampled=True,
        labels={"pe_old": "As trained (pe_old)", "pe_fixed": "Corrected (pe_fixed)"},
    )
    precision: Literal["auto", "fp32", "fp16", "bf16"] = choice(
        "auto",
        "Precision",
        "Numbers that the renderer works with. auto takes the fastest that the device does well.",
        labels={"fp32": "fp32", "fp16": "fp16", "bf16": "bf16"},
    )
    compile: Literal["off", "compiled"] = choice(
        "off",
        "Compile",
        "For GPUs and many frames: torch rewrites the renderer, which takes a minute or two at first. Where "
        "it fails, frames are rendered the plain way.",
    )
    batch_size: int = slider(
        0,
        (0, 64, 1),
        "Frames at once",
        "Frames rendered together; more is faster on a GPU and needs more memory. 0 fits the device.",
        advanced=True,
    )
    is_smooth_motion: bool = choice(
        False,
        "Original: smooth motion",
        "The original's smoothing, which all but freezes the head, in place of head smoothing.",
    )
    original_timing: bool = choice(
        False,
        "Original: timing",
        "Lips 80 ms behind the voice and seldom a cut end, as in the original.",
        sampled=True,
    )
    original_noise: bool = choice(
        False,
        "Original: noise",
        "Every 4 seconds start from the same noise, as in the original, and so resemble each other.",
        sampled=True,
    )
    original_retargeting: bool = choice(
        False,
        "Original: regions",
        "Regions as in the original: size and place of the head follow the motion in all of them, and"
        " eyes moves no eye.",
    )
    fps: int = slider(25, (25, 25, 1), "Frames per second", "The model knows 25 only.", advanced=True)
    """One value only, so it is not offered."""
