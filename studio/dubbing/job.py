"""One dub: a video, a new voice, an engine, its options and a seed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    SerializeAsAny,
    ValidationError,
    field_validator,
    model_validator,
)

from engines.base import EngineOptions
from engines.dub_check import check_dub_options, check_dubs
from engines.registry import DEFAULT_ENGINE
from media.documents.paths import given_path
from media.dubbing.lengths import SyncMode
from media.errors import OptionError
from studio.job import SPOKEN
from studio.options import explain, make_options
from studio.spoken_text import SpokenText

DUB_FIELDS = ("sync_mode", "person", "max_turn", "fade")
"""What only a dub is asked for, besides its video."""


class DubJob(BaseModel):
    """A frozen, checked and hashable description of one dub.

    Two equal jobs give the same video on the same machine. `options` may be a mapping, the engine's options
    or missing. Raises OptionError for invalid values, InputError for an impossible path.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: str = Field(DEFAULT_ENGINE, description="Name of an engine that dubs.")
    video: Path = Field(description="The video of a person.")
    voice: Path | None = Field(
        None, description="The new voice: a sound or video file; none where a text is spoken."
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
    sync_mode: SyncMode | None = Field(
        None,
        description="What happens if voice and video differ in length; without it, bounce under a longer "
        "voice and silence after a shorter one.",
    )
    person: str = Field(
        "largest",
        max_length=60,
        description="Who speaks: largest, all, or X,Y@T, a point on the face and the second at which it is "
        "there.",
    )
    max_turn: float = Field(
        30.0,
        ge=5,
        le=60,
        allow_inf_nan=False,
        description="Degrees by which a head may be turned; frames with a head turned further stay as they "
        "are.",
    )
    fade: float = Field(
        0.12,
        ge=0,
        le=2,
        allow_inf_nan=False,
        description="Seconds in which the new mouth fades in and out beside frames that stay as they are.",
    )
    output: Path | None = Field(None, description="The video to write; none takes a new name in the outputs.")

    @field_validator("video", "voice", "output", mode="before")
    @classmethod
    def _text_is_a_path(cls, value: Any) -> Any:
        return given_path(value) if isinstance(value, str | Path) else value

    @model_validator(mode="wrap")
    @classmethod
    def _speak_plainly(cls, values: Any, handler: ModelWrapValidatorHandler[DubJob]) -> DubJob:
        if isinstance(values, dict):
            engine = values.get("engine", DEFAULT_ENGINE)
            values = values | {"options": make_options(engine, values.get("options"))}
        try:
            made = handler(values)
        except ValidationError as error:
            raise OptionError(explain(error, cls)) from error
        check_dubs(made.engine)
        check_dub_options(made.options)
        if made.voice is None and made.spoken is None:
            raise OptionError("The dub's voice is missing. Give a recording, or a text to speak.")
        if made.voice is not None and made.spoken is not None:
            raise OptionError("The dub has a recording and a text to speak. Leave one of them out.")
        return made

    def with_files(self, files: Mapping[str, Path]) -> DubJob:
        """The same job with other files in the place of its own. files: by the names in `files`."""
        return self.model_copy(update=dict(files))

    @property
    def voice_name(self) -> str:
        """The name of the voice's file in results and lists."""
        return self.voice.name if self.voice is not None else SPOKEN

    @property
    def files(self) -> dict[str, Path]:
        """The files that it reads, by their names."""
        found = {"video": self.video, "voice": self.voice}
        return {name: file for name, file in found.items() if file is not None}
