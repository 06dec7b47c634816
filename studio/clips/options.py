"""Everything a user can set on an edit of finished videos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from media.errors import OptionError
from media.messages import OptionName
from studio.options import explain

Shape = Literal["original", "vertical", "square"]
FileFormat = Literal["mp4", "webm", "gif"]
FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)
ASPECTS: dict[Shape, tuple[int, int] | None] = {"original": None, "vertical": (9, 16), "square": (1, 1)}
"""Width to height; None keeps the video's own."""
FULL_WIDTH, GIF_WIDTH = 1080, 480
GIF_FPS, MOST_GIF_FPS = 12, 25
GIF_SECONDS = 60.0
"""Seconds. A GIF has no sound and compresses badly: one minute is larger than ten minutes of WebM."""
MOST_VIDEOS = 12
AUTOMATIC = 0

_COLOUR = r"#[0-9a-fA-F]{6}"
Model = TypeVar("Model", bound="ClipOptions")


class ClipOptions(BaseModel):
    """The options of all edits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fps: int = Field(
        AUTOMATIC,
        ge=0,
        le=60,
        title="Frames per second",
        description=f"0 keeps the rate of the video, of several the highest, and uses {GIF_FPS} for a GIF.",
    )
    quality: int = Field(
        20, ge=0, le=51, title="Quality", description="Quantizer of the encoder; lower is better and larger."
    )


class FittedOptions(ClipOptions):
    """Options of edits that fit frames into another shape."""

    fit: Literal["crop", "blur", "plain"] = Field(
        "crop",
        title="Fit",
        description="What happens where the frame has another shape. crop: cuts a part round the face out "
        "of it. blur: shows all of it on a blurred background. plain: shows all of it on one colour.",
        json_schema_extra={
            "labels": {"crop": "Crop round the face", "blur": "Blurred border", "plain": "Plain border"}
        },
    )
    border: str = Field(
        "#000000",
        pattern=f"^{_COLOUR}$",
        title="Border colour",
        description="Colour of a plain border, as in #1a2b3c.",
    )


class ExportOptions(FittedOptions):
    """One video in another shape or file type, with or without subtitles."""

    shape: Shape = Field(
        "original",
        title="Shape",
        description="vertical: 9:16. square: 1:1. original: as the video.",
        json_schema_extra={
            "labels": {"original": "As the video", "vertical": "Vertical 9:16", "square": "Square 1:1"}
        },
    )
    width: int = Field(
        AUTOMATIC,
        ge=0,
        le=2160,
        title="Width",
        description=f"Width in pixels, from 64. 0 uses {FULL_WIDTH} for vertical and square, the video's own "
        f"for original, and at most {GIF_WIDTH} for a GIF.",
    )
    background: Literal["original", "transparent"] = Field(
        "original",
        title="Background",
        description="original: as in the video. transparent: removes what is behind a person, for .webm "
        "only.",
    )
    subtitle_size: float = Field(
        6.0,
        ge=2.0,
        le=15.0,
        title="Subtitle size",
        description="Height of the letters, in percent of the frame's shorter side.",
    )


class JoinOptions(FittedOptions):
    """Several takes, one after the other."""

    crossfade: float = Field(
        0.0,
        ge=0.0,
        le=5.0,
        title="Crossfade",
        description="Seconds in which one take fades into the next. 0 cuts.",
    )


class BesideOptions(ClipOptions):
    """Several videos at the same time, from left to right."""

    height: int = Field(
        AUTOMATIC,
        ge=0,
        le=2160,
        title="Height",
        description="Height of the videos in pixels, from 64. 0 uses the tallest one's, at most 720.",
    )
    end: Literal["longest", "shortest"] = Field(
        "longest",
        title="End",
        description="longest: a video that ends earlier holds its last frame. shortest: all end with the "
        "first that ends.",
    )
    sound: int = Field(
        1,
        ge=0,
        le=MOST_VIDEOS,
        title="Sound",
        description="Which video is heard, counted from 1. 0 makes a silent video.",
    )


def clip_options(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Check values and fill in the defaults. Raises OptionError with the option, its value and its range."""
    try:
        options = model.model_validate(dict(values))
    except ValidationError as error:
        raise OptionError(explain(error, model)) from error
    for name in ("width", "height"):
        size = getattr(options, name, AUTOMATIC)
        if 0 < size < 64:
            raise OptionError(
                "The option {name} is {size}, but takes 64 to 2160, or 0 for automatic.",
                name=OptionName(name),
                size=size,
            )
    return options
