"""Everything a user can set on the preview engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from engines.base import AnimationMode, EngineOptions
from engines.emotion.option import EmotionText, emotion_option
from engines.emotion.parsing import NEUTRAL
from engines.marks.option import MarkedOptions, marks_option


def _slider(step: float, *, advanced: bool = False, live: bool = True) -> dict[str, Any]:
    return {"step": step, "advanced": advanced, "live": live}


MARKABLE = (
    "mouth_opening",
    "head_motion",
    "blink_rate",
    "expression",
    "eye_motion",
    "gaze_x",
    "gaze_y",
    "breathing",
)


class PreviewOptions(MarkedOptions, EngineOptions):
    """Options of the preview engine. 1.0 on a strength slider is the natural amount; 0 switches it off."""

    markable: ClassVar[tuple[str, ...]] = MARKABLE
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
    mouth_opening: float = Field(
        1.0,
        ge=0.0,
        le=2.0,
        title="Mouth opening",
        description="How far the jaw opens on open vowels. 0 keeps the mouth shut.",
        json_schema_extra=_slider(0.05),
    )
    head_motion: float = Field(
        1.0,
        ge=0.0,
        le=2.0,
        title="Head motion",
        description="Size of the small turns and nods that follow the voice. 0 holds the head still.",
        json_schema_extra=_slider(0.05),
    )
    head_yaw: float = Field(
        0.0,
        ge=-15.0,
        le=15.0,
        title="Head left or right",
        description="Turns the head by so many degrees: above 0 towards the right side of the frame, below 0 "
        "towards the left. The head's motion is added.",
        json_schema_extra=_slider(0.5, advanced=True),
    )
    head_pitch: float = Field(
        0.0,
        ge=-15.0,
        le=15.0,
        title="Head up or down",
        description="Tilts the head by so many degrees: above 0 up, below 0 down. The head's motion is "
        "added.",
        json_schema_extra=_slider(0.5, advanced=True),
    )
    blink_rate: float = Field(
        1.0,
        ge=0.0,
        le=3.0,
        title="Blink rate",
        description="1 blinks about 15 times a minute, more often in pauses. 0 never blinks.",
        json_schema_extra=_slider(0.1),
    )
    expression: float = Field(
        1.0,
        ge=0.0,
        le=2.0,
        title="Expression",
        description="How much the brows and cheeks move when the voice stresses a word.",
        json_schema_extra=_slider(0.05),
    )
    eye_motion: float = Field(
        1.0,
        ge=0.0,
        le=2.0,
        title="Eye motion",
        description="Size of the small movements of the eyes: they look from point to point, glance away "
        "now and then, and hold their gaze while the head turns. 0 keeps them as in the portrait. The irises "
        "must stand out from the white.",
        json_schema_extra=_slider(0.05),
    )
    gaze_x: float = Field(
        0.0,
        ge=-1.0,
        le=1.0,
        title="Gaze left or right",
        description="Above 0, the eyes look towards the right side of the frame; below 0, towards the left. "
        "For human faces.",
        json_schema_extra=_slider(0.05, advanced=True),
    )
    gaze_y: float = Field(
        0.0,
        ge=-1.0,
        le=1.0,
        title="Gaze up or down",
        description="Above 0, the eyes look up; below 0, down. For human faces.",
        json_schema_extra=_slider(0.05, advanced=True),
    )
    breathing: float = Field(
        1.0,
        ge=0.0,
        le=2.0,
        title="Breathing",
        description="How far the shoulders rise with each breath, about 14 times a minute, and sway with the "
        "head. 0 holds the body still.",
        json_schema_extra=_slider(0.05),
    )
    smoothing: float = Field(
        0.3,
        ge=0.0,
        le=1.0,
        title="Smoothing",
        description="Calms the mouth between sounds. 0 follows every sound, 1 is slow and soft. The lips "
        "close at every setting.",
        json_schema_extra=_slider(0.05, advanced=True),
    )
    rest_mouth: Literal["closed", "as_portrait"] = Field(
        "closed",
        title="Mouth at rest",
        description="In pauses: the lips together, or the mouth as it is in the portrait.",
        json_schema_extra={"advanced": True, "live": True},
    )
    marks: str = marks_option()
    fps: int = Field(
        25,
        ge=12,
        le=60,
        title="Frames per second",
        description="Frame rate of the video. The other engines use 25.",
        json_schema_extra=_slider(1, advanced=True, live=False),
    )
