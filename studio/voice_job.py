"""What the jobs of a portrait and of a video share: a voice, an engine, its options and a seed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    SerializeAsAny,
    ValidationError,
    model_validator,
)

from engines.base import EngineOptions
from engines.registry import DEFAULT_ENGINE
from media.documents.paths import given_path
from media.errors import OptionError
from studio.options import explain, make_options
from studio.spoken_text import SpokenText

SPOKEN = "(text)"
"""In place of the voice's file name, in results and lists, if the voice was a text."""


def _as_path(value: Any) -> Any:
    # Otherwise pydantic would have to guess between a path and bytes.
    return given_path(value) if isinstance(value, str | Path) else value


GivenPath: TypeAlias = Annotated[Path, BeforeValidator(_as_path)]
GivenFile: TypeAlias = Annotated[Path | bytes, BeforeValidator(_as_path)]
MaybePath: TypeAlias = Annotated[Path | None, BeforeValidator(_as_path)]


class VoiceJob(BaseModel):
    """A frozen, checked and hashable description of one video with a new voice.

    Two equal jobs give the same video on the same machine. `options` may be a mapping, the engine's options
    or missing. Raises OptionError for invalid values, InputError for an impossible path.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    former: ClassVar[Mapping[str, str]] = {}
    """Field names of earlier versions, which programs may still use, with today's."""

    engine: str = Field(DEFAULT_ENGINE, description="Name of the engine.")
    voice: MaybePath = Field(
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
    output: MaybePath = Field(None, description="The video to write; none takes a new name in the outputs.")

    @model_validator(mode="wrap")
    @classmethod
    def _checked(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(values, dict):
            values = {cls.former.get(name, name): value for name, value in values.items()}
            engine = values.get("engine", DEFAULT_ENGINE)
            values = values | {"options": make_options(engine, values.get("options"))}
        try:
            made = handler(values)
        except ValidationError as error:
            raise OptionError(explain(error, cls)) from error
        made.check()
        return made

    def check(self) -> None:
        """Raise OptionError for values that contradict each other."""
        raise NotImplementedError

    @property
    def files(self) -> dict[str, Path]:
        """The files that it reads, by their names."""
        raise NotImplementedError

    def with_files(self, files: Mapping[str, Path]) -> Self:
        """The same job with other files in the place of its own. files: by the names in `files`."""
        return self.model_copy(update=dict(files))

    @property
    def voice_name(self) -> str:
        """The name of the voice's file in results and lists, or SPOKEN for a text."""
        return self.voice.name if self.voice is not None else SPOKEN
