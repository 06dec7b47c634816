"""Everything a user can set on the JoyVASA engine.

Options of the original, JoyVASA's inference.py, keep its names. Those that say flag_ are switches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from engines.base import AnimationMode, EngineOptions
from engines.emotion.option import EmotionText, emotion_option
from engines.emotion.parsing import NEUTRAL
from engines.joyvasa.dubbing.unused_options import UNUSED_IN_DUBS
from engines.marks.option import MarkedOptions, marks_option
from engines.option_fields import choice, slider

MARKABLE = (
    "head_motion",
    "expression",
    "mouth_open",
    "blink",
    "gaze_x",
    "gaze_y",
    "smile",
    "silence_closes_mouth",
)
"""The options that marks may change."""


class JoyVasaOptions(MarkedOptions, EngineOptions):
    """Options of the JoyVASA engine. The sliders from head_motion to silence_closes_mouth act on finished
    motion: a job's motion can be rendered again with others without sampling it again.
    """

    default_preset: ClassVar[str] = "balanced"
    markable: ClassVar[tuple[str, ...]] = MARKABLE
    unused_in_dubs: ClassVar[tuple[str, ...]] = UNUSED_IN_DUBS
    added: ClassVar[Mapping[str, str]] = {"emotion": NEUTRAL, "marks": ""}

    animation_mode: AnimationMode = choice(
        "human",
        "Animation mode",
        "human: a person, a painting or a statue. animal: separate networks for cats, dogs and "
        "similar animals.",
        advanced=False,
    )
    cfg_scale: float = slider(
        2.8,
        (0.0, 10.0, 0.1),
        "Guidance (cfg_scale)",
        "How closely the motion follows the voice. 1 means no guidance, 2 to 4 are usual, higher "
        "values exaggerate.",
        sampled=True,
    )
    inference_steps: int = slider(
        0,
        (0, 500, 1),
        "Diffusion steps",
        "Diffusion steps for the motion. 0 uses as many as the model was trained with (50).",
        sampled=True,
    )
    head_motion: float = slider(
        1.0,
        (0.0, 2.0, 0.05),
        "Head motion",
        "Size of the head's movements. 1 as generated, 0 holds the head still.",
        live=True,
    )
    expression: float = slider(
        1.0,
        (0.0, 2.0, 0.05),
        "Expression",
        "Size of the movements of brows and cheeks. 1 as generated.",
        live=True,
    )
    mouth_open: float = slider(
        1.0,
        (0.0, 2.0, 0.05),
        "Mouth opening",
        "How far the lips move from their rest position. 1 as generated, 0 keeps the mouth shut.",
        live=True,
    )
    blink: float = slider(
        0.0,
        (-1.0, 1.0, 0.05),
        "Blinks",
        "Values below 0 reduce the generated blinks. Values above 0 add up to 15 a minute to human faces.",
        live=True,
    )
    gaze_x: float = slider(
        0.0,
        (-1.0, 1.0, 0.05),
        "Gaze left or right",
        "Above 0, the eyes look towards the right side of the frame; below 0, towards the left. "
        "For human faces.",
        advanced=True,
        people_only=True,
        live=True,
    )
    gaze_y: float = slider(
        0.0,
        (-1.0, 1.0, 0.05),
        "Gaze up or down",
        "Above 0, the eyes look up; below 0, down. For human faces.",
        advanced=True,
        people_only=True,
        live=True,
    )
    smile: float = slider(
        0.0,
        (-1.0, 1.0, 0.05),
        "Smile",
        "Above 0 adds a smile; below 0 lowers the corners of the mouth. For human faces.",
        people_only=True,
        live=True,
    )
    emotion: EmotionText = emotion_option(people_only=True)
    silence_closes_mouth: float = slider(
        0.3,
        (0.0, 1.0, 0.05),
        "Close the mouth in silence",
        "How far the lips return to their rest position when the voice is silent. 0 leaves them as "
        "generated.",
        live=True,
    )
    marks: str = marks_option()
    smoothing: float = slider(
        0.08,
        (0.0, 0.5, 0.02),
        "Head smoothing",
        "The head's motion is averaged over this many seconds, without lag. Lips and eyes stay exact.",
        advanced=True,
    )
    animation_region: Literal["all", "exp", "pose", "lip", "eyes"] = choice(
        "all",
        "Animated region",
        "Which part moves: all, exp (the face without the head), pose (only the head), lip or eyes.",
        labels={"exp": "Expression", "pose": "Head", "lip": "Lips"},
    )
    driving_option: Literal["expression-friendly", "pose-friendly"] = choice(
        "expression-friendly",
        "Driving option",
        "expression-friendly scales all movement to the size of the portrait's face; pose-friendly "
        "does not. Animals always use scaling.",
        people_only=True,
    )
    driving_multiplier: float = slider(
        1.0,
        (0.0, 2.0, 0.02),
        "Driving multiplier",
        "Strength of all movement of the head and face.",
        advanced=True,
    )
    lips: Literal["absolute", "relative"] = choice(
        "absolute",
        "Lips",
        "absolute: the lips follow the generated motion, whatever the portrait's lips look like. "
        "relative: the changes are added to the portrait's own lips. Animals always use relative.",
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
        "Enables lip normalisation and scaling to the portrait's face. The motion itself is always relative.",
        people_only=True,
    )
    flag_stitching: bool = choice(
        True, "Stitching", "Corrects the keypoints so that the neck and shoulders stay in place."
    )
    flag_pasteback: bool = choice(
        True,
        "Paste back",
        "Pastes the face back into the whole portrait. Off: the video shows only the cropped face.",
    )
    flag_do_crop: bool = choice(
        True,
        "Crop the face",
        "Off: the networks process the whole portrait; for portraits that are already cropped.",
        crops=True,
    )
    flag_do_rot: bool = choice(
        True,
        "Turn the crop upright",
        "Off: the crop is not rotated, even if the head is tilted.",
        crops=True,
    )
    scale: float = slider(
        2.3,
        (1.8, 4.0, 0.05),
        "Crop scale",
        "Size of the crop relative to the face. A larger crop contains more hair and shoulders but "
        "leaves fewer pixels for the face.",
        advanced=True,
        crops=True,
    )
    vx_ratio: float = slider(
        0.0,
        (-0.5, 0.5, 0.01),
        "Crop shift sideways",
        "Moves the crop sideways, as a share of its width.",
        advanced=True,
        crops=True,
    )
    vy_ratio: float = slider(
        -0.125,
        (-0.5, 0.5, 0.01),
        "Crop shift up or down",
        "Moves the crop up or down, as a share of its height. Values below 0 move it up, towards the hair.",
        advanced=True,
        crops=True,
    )
    det_thresh: float = slider(
        0.15,
        (0.05, 0.95, 0.05),
        "Detection threshold",
        "The lowest score at which a face counts, by InsightFace for people and X-Pose for "
        "animals. MediaPipe has its own threshold.",
        advanced=True,
        crops=True,
    )
    sampler: Literal["auto", "ancestral", "ddim", "dpm-solver++"] = choice(
        "auto",
        "Sampler",
        "ancestral is the original's sampler and needs all steps; ddim and dpm-solver++ need only "
        "10 to 20. auto chooses by the number of steps.",
        sampled=True,
        labels={"ddim": "DDIM", "dpm-solver++": "DPM-Solver++"},
    )
    cfg_mode: Literal["incremental", "independent"] = choice(
        "incremental",
        "Guidance mode",
        "How several conditions are combined. With the voice as the only condition, both modes are the same.",
        sampled=True,
    )
    dynamic_threshold: float = slider(
        0.0,
        (0.0, 1.0, 0.01),
        "Dynamic threshold",
        "Clamps predictions to this quantile of their magnitude, which prevents overshooting at "
        "high guidance. 0 switches it off; 0.95 is usual.",
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
        "auto: the encoding that the motion model records, or pe_old if it records none. pe_old: "
        "one code for all frames, as the published model was trained. pe_fixed: one code per frame.",
        sampled=True,
        labels={"pe_old": "As trained (pe_old)", "pe_fixed": "Corrected (pe_fixed)"},
    )
    precision: Literal["auto", "fp32", "fp16", "bf16"] = choice(
        "auto",
        "Precision",
        "Number format of the renderer. auto uses the fastest one that the device handles well.",
        labels={"fp32": "fp32", "fp16": "fp16", "bf16": "bf16"},
    )
    compile: Literal["off", "compiled"] = choice(
        "off",
        "Compile",
        "For GPUs and many frames: torch compiles the renderer, which takes a minute or two the "
        "first time. If this fails, the engine renders without compilation.",
    )
    batch_size: int = slider(
        0,
        (0, 64, 1),
        "Frames at once",
        "Frames rendered in one batch. More frames are faster on a GPU but need more memory. 0 "
        "adapts to the device.",
        advanced=True,
    )
    is_smooth_motion: bool = choice(
        False,
        "Original: smooth motion",
        "Uses the original's smoothing, which almost freezes the head, instead of head smoothing.",
    )
    original_timing: bool = choice(
        False,
        "Original: timing",
        "As in the original, the lips are 80 ms behind the voice and the end is occasionally cut off.",
        sampled=True,
    )
    original_noise: bool = choice(
        False,
        "Original: noise",
        "As in the original, each window of 4 seconds starts from the same noise, so the windows "
        "resemble each other.",
        sampled=True,
    )
    original_retargeting: bool = choice(
        False,
        "Original: regions",
        "Uses the original's regions: the size and position of the head follow the motion in all "
        "of them, and the region eyes moves no eye.",
    )
    fps: int = slider(25, (25, 25, 1), "Frames per second", "The model supports only 25.", advanced=True)
    """One value only, so it is not offered."""

    @property
    def needs_face(self) -> bool:
        """False for an animal: X-Pose looks for its face when the job runs."""
        return self.animation_mode != "animal"
