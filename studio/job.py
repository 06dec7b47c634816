"""One job: a portrait, a voice, an engine, its options and a seed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    ModelWrapValidatorHandler,
    SerializeAsAny,
    ValidationError,
    field_validator,
    model_validator,
)

from engines.base import EngineOptions
from engines.registry import DEFAULT_ENGINE
from media.desk.edit import PLAIN, PortraitEdit
from media.documents.paths import given_path
from media.documents.quoting import shown
from media.errors import OptionError
from media.messages import OptionName
from studio.duet import check_engine
from studio.given_performance import KEY as PERFORMANCE
from studio.given_performance import GivenPerformance, check_performs
from studio.options import explain, make_options
from studio.spoken_text import SpokenText

Point = tuple[FiniteFloat, FiniteFloat]
FILES = ("portrait", "voice", "second_voice", "motion")
"""The values of a job that are files to read; the portrait may also be bytes."""
FORMER = {"speech": "voice"}
"""Field names of earlier versions, which programs may still use."""
SPOKEN = "(text)"
"""In place of the voice's file name, in results and lists, if the voice was a text."""


def checked_seed(value: Any) -> int:
    """The seed from a form or a program; None is 0. Raises OptionError."""
    if value is None or value == "":
        return 0
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**32:
        raise OptionError(
            "The option {name} is {value}, but takes 0 to {highest}.",
            name=OptionName("seed"),
            value=shown(value),
            highest=2**32 - 1,
        )
    return value


class Job(BaseModel):
    """A frozen, checked and hashable description of one video.

    Two equal jobs give the same video on the same machine. `options` may be a mapping, the engine's options
    or missing. Raises OptionError for invalid values, InputError for an impossible path.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: str = Field(DEFAULT_ENGINE, description="Name of the engine.")
    portrait: Path | bytes = Field(description="The portrait: a file, or its bytes.")
    voice: Path | None = Field(
        None, description="The voice: a sound or video file; none where a text is spoken."
    )
    spoken: SpokenText | None = Field(None, description="The text that is spoken instead of a voice's file.")
    audio_track: int | None = Field(
        None,
        ge=1,
        le=999,
        description="Which audio track of the voice, from 1; without it, the one most like a voice.",
    )
    options: SerializeAsAny[EngineOptions] = Field(
        default_factory=EngineOptions, description="The engine's options; none are its defaults."
    )
    preset: str | None = Field(None, description="The preset the options began with; only remembered.")
    seed: int = Field(0, ge=0, le=2**32 - 1, description="The same seed and inputs give the same video.")
    face_index: int = Field(0, ge=0, le=99, description="Which face to animate; 0 is the largest.")
    anchors: tuple[Point, Point, Point] | None = Field(
        None, description="Left eye, right eye and mouth of an animal, in pixels of the upright portrait."
    )
    portrait_edit: PortraitEdit = Field(
        PLAIN, description="What to change about the portrait before it is animated."
    )
    second_voice: Path | None = Field(
        None, description="The voice of a second face of the portrait: a sound or video file."
    )
    stereo_voices: bool = Field(
        False,
        description="Whether the voice's left channel is the left face's, its right one the right face's.",
    )
    second_start: float | None = Field(
        None,
        ge=0,
        le=36_000,
        allow_inf_nan=False,
        description="Seconds at which the second voice begins; without it, when the first ends.",
    )
    second_face: int | None = Field(
        None, ge=0, le=99, description="Which face has the second voice; without it, the largest other one."
    )
    performance: GivenPerformance | None = Field(
        None, description="A recorded performance that drives the face, with a voice or alone."
    )
    motion: Path | None = Field(
        None, description="The motion that an earlier job kept, to be rendered instead of a new one."
    )
    output: Path | None = Field(None, description="The video to write; none takes a new name in the outputs.")

    @field_validator("portrait", "voice", "second_voice", "motion", "output", mode="before")
    @classmethod
    def _text_is_a_path(cls, value: Any) -> Any:
        # Otherwise pydantic would have to guess between a path and bytes.
        return given_path(value) if isinstance(value, str | Path) else value

    @model_validator(mode="wrap")
    @classmethod
    def _speak_plainly(cls, values: Any, handler: ModelWrapValidatorHandler[Job]) -> Job:
        if isinstance(values, dict):
            values = {FORMER.get(name, name): value for name, value in values.items()}
            engine = values.get("engine", DEFAULT_ENGINE)
            values = values | {"options": make_options(engine, values.get("options"))}
        try:
            made = handler(values)
        except ValidationError as error:
            raise OptionError(explain(error, cls)) from error
        if made.voice is None and made.spoken is None and made.performance is None:
            raise OptionError("The job's voice is missing. Give a recording, or a text to speak.")
        if made.voice is not None and made.spoken is not None:
            raise OptionError("The job has a recording and a text to speak. Leave one of them out.")
        if made.portrait_edit.transparent:
            raise OptionError(
                "An MP4 video has no transparency. Make the video with its background and export it as .webm "
                "with --background transparent, or choose a colour such as #00b140."
            )
        made._check_two_voices()
        if made.performance is not None:
            made._check_performance(made.performance)
        return made

    def _check_performance(self, performance: GivenPerformance) -> None:
        """Raise OptionError for a performance that contradicts the rest."""
        check_performs(self.engine)
        if self.two_voices or self.motion is not None:
            raise OptionError(
                "A performance drives one face by itself. Leave out the second voice and the saved motion, "
                "or the performance."
            )
        if performance.mouth == "voice" and self.voice is None and self.spoken is None:
            raise OptionError("The voice is to move the mouth, and there is none. Give a voice, too.")

    def _check_two_voices(self) -> None:
        """Raise OptionError for values of a second voice that contradict each other."""
        if not self.two_voices:
            for name in ("second_start", "second_face"):
                if getattr(self, name) is not None:
                    raise OptionError(
                        "The value {name} is for a second voice. Give a second voice, too, or leave it out.",
                        name=OptionName(name),
                    )
            return
        check_engine(self.engine)
        if self.options.animation_mode != "human":
            raise OptionError(
                "Two voices move the faces of two people, and the mode is {mode}, which moves one face. Use "
                "the mode human, or leave out the second voice.",
                mode=self.options.animation_mode,
            )
        if self.stereo_voices and (self.second_voice is not None or self.second_start is not None):
            raise OptionError(
                "The voice's right channel is the second voice. Leave out the other second voice and its "
                "start."
            )
        if self.stereo_voices and self.voice is None:
            raise OptionError("A text has no channels. Give a stereo recording, or a second voice as a file.")
        if self.motion is not None:
            raise OptionError("A saved motion moves one face. Leave it out, or leave out the second voice.")

    @property
    def files(self) -> dict[str, Path]:
        """The files that it reads, by their names in FILES, and "performance"."""
        found = {name: file for name in FILES if isinstance(file := getattr(self, name), Path)}
        return found if self.performance is None else found | {PERFORMANCE: self.performance.file}

    def with_files(self, files: Mapping[str, Path]) -> Job:
        """The same job with other files in the place of its own. files: by the names in `files`."""
        update: dict[str, Any] = dict(files)
        if self.performance is not None and PERFORMANCE in files:
            update[PERFORMANCE] = self.performance.model_copy(update={"file": files[PERFORMANCE]})
        return self.model_copy(update=update)

    @property
    def two_voices(self) -> bool:
        """Whether two faces speak."""
        return self.second_voice is not None or self.stereo_voices

    @property
    def voice_name(self) -> str:
        """The name of the voice's file, or SPOKEN for a text; without either, the performance's."""
        if self.voice is None and self.spoken is None and self.performance is not None:
            return self.performance.file.name
        return self.voice.name if self.voice is not None else SPOKEN
