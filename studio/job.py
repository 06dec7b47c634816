"""One job: a portrait, a voice, an engine, its options and a seed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import Field, FiniteFloat

from media.desk.edit import PLAIN, PortraitEdit
from media.documents.quoting import shown
from media.errors import OptionError
from media.messages import OptionName
from studio.duet import check_engine
from studio.given_performance import KEY as PERFORMANCE
from studio.given_performance import GivenPerformance, check_performs
from studio.voice_job import GivenFile, MaybePath, VoiceJob

Point = tuple[FiniteFloat, FiniteFloat]
FILES = ("portrait", "voice", "second_voice", "motion")
"""The values of a job that are files to read; the portrait may also be bytes."""
FORMER = {"speech": "voice"}
"""Field names of earlier versions, which programs may still use."""


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


class Job(VoiceJob):
    """A job that animates the face of a portrait."""

    former: ClassVar[Mapping[str, str]] = FORMER

    portrait: GivenFile = Field(description="The portrait: a file, or its bytes.")
    face_index: int = Field(0, ge=0, le=99, description="Which face to animate; 0 is the largest.")
    anchors: tuple[Point, Point, Point] | None = Field(
        None, description="Left eye, right eye and mouth of an animal, in pixels of the upright portrait."
    )
    portrait_edit: PortraitEdit = Field(
        PLAIN, description="What to change about the portrait before it is animated."
    )
    second_voice: MaybePath = Field(
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
    motion: MaybePath = Field(
        None, description="The motion that an earlier job kept, to be rendered instead of a new one."
    )

    def check(self) -> None:
        """Raise OptionError for values that contradict each other."""
        if self.voice is None and self.spoken is None and self.performance is None:
            raise OptionError("The job's voice is missing. Give a recording, or a text to speak.")
        if self.voice is not None and self.spoken is not None:
            raise OptionError("The job has a recording and a text to speak. Leave one of them out.")
        if self.portrait_edit.transparent:
            raise OptionError(
                "An MP4 video has no transparency. Make the video with its background and export it as .webm "
                "with --background transparent, or choose a colour such as #00b140."
            )
        self._check_two_voices()
        if self.performance is not None:
            self._check_performance(self.performance)

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

    def with_files(self, files: Mapping[str, Path]) -> Self:
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
        return super().voice_name
