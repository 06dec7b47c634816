"""Everything a user can set on the preview engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from engines.base import AnimationMode, EngineOptions
from engines.emotion.option import EmotionText, emotion_option
from engines.emotion.parsing import NEUTRAL
from engines.marks.option import MarkedOptions, marks_option
from engines.option_fields import slider

MARKABLE = (
    "mouth_opening",
    "head_motion",
    "blink_rate",
    "expression",
    "eye_motion",
    "gaze_x",
    "gaze_y",
    "breathing",
    "smoothing",
)
UNUSED_IN_DUBS = (
    "breathing",
    "rest_mouth",
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
)
"""A video has its own head, eyes and expression."""


class PreviewOptions(MarkedOptions, EngineOptions):
    """Options of the preview engine. 1.0 on a strength slider is the natural amount; 0 switches it off."""

    markable: ClassVar[tuple[str, ...]] = MARKABLE
    unused_in_dubs: ClassVar[tuple[str, ...]] = UNUSED_IN_DUBS
    added: ClassVar[Mapping[str, Any]] = {
        "emotion": NEUTRAL,
        "marks": "",
        **dict.fromkeys(("head_yaw", "head_pitch", "eye_motion", "gaze_x", "gaze_y", "breathing"), 0.0),
    }

    animation_mode: AnimationMode = Field(
        "human",
        title="Animation mode",
        description="human: a person, a painting or a statue. animal: a muzzle that opens; needs a reliably "
        "detected animal face, or three points that you set.",
    )
    emotion: EmotionText = emotion_option()
    mouth_opening: float = slider(
        1.0,
        (0.0, 2.0, 0.05),
        "Mouth opening",
        "How far the jaw opens on open vowels. 0 keeps the mouth shut.",
        live=True,
    )
    head_motion: float = slider(
        1.0,
        (0.0, 2.0, 0.05),
        "Head motion",
        "Size of the small turns and nods that follow the voice. 0 holds the head still.",
        live=True,
    )
    head_yaw: float = slider(
        0.0,
        (-15.0, 15.0, 0.5),
        "Head left or right",
        "Turns the head by so many degrees: above 0 towards the right side of the frame, below 0 "
        "towards the left. The head's motion is added.",
        advanced=True,
        live=True,
    )
    head_pitch: float = slider(
        0.0,
        (-15.0, 15.0, 0.5),
        "Head up or down",
        "Tilts the head by so many degrees: above 0 up, below 0 down. The head's motion is added.",
        advanced=True,
        live=True,
    )
    blink_rate: float = slider(
        1.0,
        (0.0, 3.0, 0.1),
        "Blink rate",
        "1 blinks about 15 times a minute, more often in pauses. 0 never blinks.",
        live=True,
    )
    expression: float = slider(
        1.0,
        (0.0, 2.0, 0.05),
        "Expression",
        "How much the brows and cheeks move when the voice stresses a word.",
        live=True,
    )
    eye_motion: float = slider(
        1.0,
        (0.0, 2.0, 0.05),
        "Eye motion",
        "Size of the small movements of the eyes: they look from point to point, glance away "
        "now and then, and hold their gaze while the head turns. 0 keeps them as in the portrait. The irises "
        "must stand out from the white.",
        live=True,
    )
    gaze_x: float = slider(
        0.0,
        (-1.0, 1.0, 0.05),
        "Gaze left or right",
        "Above 0, the eyes look towards the right side of the frame; below 0, towards the left. "
        "For human faces.",
        advanced=True,
        live=True,
    )
    gaze_y: float = slider(
        0.0,
        (-1.0, 1.0, 0.05),
        "Gaze up or down",
        "Above 0, the eyes look up; below 0, down. For human faces.",
        advanced=True,
        live=True,
    )
    breathing: float = slider(
        1.0,
        (0.0, 2.0, 0.05),
        "Breathing",
        "How far the shoulders rise with each breath, about 14 times a minute, and sway with the "
        "head. 0 holds the body still.",
        live=True,
    )
    smoothing: float = slider(
        0.3,
        (0.0, 1.0, 0.05),
        "Smoothing",
        "Calms the mouth between sounds. 0 follows every sound, 1 is slow and soft. The lips "
        "close at every setting.",
        advanced=True,
        live=True,
    )
    rest_mouth: Literal["closed", "as_portrait"] = Field(
        "closed",
        title="Mouth at rest",
        description="In pauses: the lips together, or the mouth as it is in the portrait.",
        json_schema_extra={"advanced": True, "live": True},
    )
    marks: str = marks_option()
    fps: int = slider(
        25,
        (12, 60, 1),
        "Frames per second",
        "Frame rate of the video. The other engines use 25.",
        advanced=True,
    )
