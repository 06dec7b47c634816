"""The recorded performance of a job: a file of curves, how it is read, and what it drives."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)

from engines import registry
from media.documents.paths import given_path
from media.errors import OptionError, PerformanceError
from media.messages import OptionName, said
from media.performance.rates import rate_of
from studio.decoding import decoding_for
from studio.options import explain, option

if TYPE_CHECKING:
    from engines.performing import Performing
    from engines.spec import EngineSpec
    from media.voice import Voice
    from studio.settings import Settings

KEY = "performance"
FIELDS = {f"{KEY}_{part}": part for part in ("rate", "angles", "mouth")}
"""The flat names by which lists and requests give the parts besides the file."""
FAR = 0.5
"""Seconds by which a performance and a voice may differ before a note says so."""


class GivenPerformance(BaseModel):
    """A file of curves that drives the portrait. Raises OptionError or InputError for invalid values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path = Field(description="A file of a format that docs/curves.md lists.")
    rate: str | None = Field(
        None, max_length=20, description="Frames per second, for files that do not say it: 30 or 30000/1001."
    )
    angles: Literal["auto", "deg", "rad"] = Field(
        "auto", description="The unit of the head's angles; auto finds it."
    )
    mouth: Literal["file", "voice"] = Field(
        "file", description="What moves the mouth: the file, or the voice while the file moves the rest."
    )

    @field_validator("file", mode="before")
    @classmethod
    def _text_is_a_path(cls, value: Any) -> Any:
        return given_path(value) if isinstance(value, str | Path) else value

    @model_validator(mode="wrap")
    @classmethod
    def _speak_plainly(
        cls, values: Any, handler: ModelWrapValidatorHandler[GivenPerformance]
    ) -> GivenPerformance:
        try:
            made = handler(values)
        except ValidationError as error:
            flat = {part: name for name, part in FIELDS.items()}
            raise OptionError(explain(error, cls, lambda part: option(flat.get(part, part)))) from error
        _ = made.frame_rate
        return made

    @property
    def frame_rate(self) -> Fraction | None:
        """The rate as a number. Raises OptionError."""
        return rate_of(self.rate) if self.rate is not None else None

    def facts(self) -> dict[str, Any]:
        """What decided the video: the file's content and how it was used, but not its name."""
        with self.file.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return {"sha256": sha256, **self.model_dump(mode="json", exclude={"file"}, exclude_none=True)}


def performance_in(values: Mapping[str, Any], file: Path | None) -> GivenPerformance | None:
    """The performance of flat values, whose file the caller found; None without one.

    Raises OptionError for a part without a file, and the errors of GivenPerformance.
    """
    parts = {part: str(values[name]) for name, part in FIELDS.items() if values.get(name) not in (None, "")}
    if file is not None:
        return GivenPerformance(file=file, **parts)
    if parts:
        raise OptionError(
            "The value {name} is for a recorded performance. Give its file, too, or leave it out.",
            name=OptionName(next(name for name, part in FIELDS.items() if part in parts)),
        )
    return None


def check_performs(engine: str) -> None:
    """Raise OptionError for an engine that no performance can drive."""
    if not _follows(registry.spec_of(engine)):
        raise OptionError(
            "The engine {engine} cannot follow a recorded performance. Use {able}, or leave out the "
            "performance.",
            engine=engine,
            able=registry.names_of(_follows),
        )


def _follows(spec: EngineSpec) -> bool:
    return spec.performs or spec.follows_templates


def open_performance(given: GivenPerformance, engine: str, settings: Settings) -> Performing:
    """Read the file for an engine, as the settings say.

    Raises PerformanceError, also for one that the engine cannot follow or that is longer than a voice may be,
    and DecodingUnavailable.
    """
    from engines.performing import Performing
    from media.performance.motion_template import is_template

    spec = registry.spec_of(engine)
    if is_template(given.file):
        if not spec.follows_templates:
            raise PerformanceError(
                "{name} is a pickle, as LivePortrait's motion templates are, which the engine {engine} "
                "cannot follow. Use the engine {able}, or a file of curves.",
                name=given.file.name,
                engine=engine,
                able=registry.names_of(lambda one: one.follows_templates),
            )
    elif not spec.performs:
        raise PerformanceError(
            "The engine {engine} follows LivePortrait's motion templates (.pkl) only, and {name} is "
            "none. Use the engine {able} for curves.",
            name=given.file.name,
            engine=engine,
            able=registry.names_of(lambda one: one.performs),
        )
    decoding = decoding_for(settings)
    found = decoding.open_performance(given.file, rate=given.frame_rate, angles=given.angles)
    if found.duration > settings.max_seconds:
        raise PerformanceError(
            "The performance lasts {seconds:.0f} s; at most {most:g} s are taken. Cut it.",
            seconds=found.duration,
            most=settings.max_seconds,
        )
    return Performing(found, mouth=given.mouth == "file")


def performance_facts(found: Any) -> dict[str, Any] | None:
    """The facts in a video's metadata; None if there are none that can be used."""
    if not isinstance(found, Mapping) or not isinstance(found.get("sha256"), str):
        return None
    kept = {name: found[name] for name in ("sha256", "rate", "angles", "mouth") if name in found}
    return kept if all(isinstance(value, str) and len(value) <= 64 for value in kept.values()) else None


def notes_on(performing: Performing, speech: Voice) -> tuple[str, ...]:
    """What the user should know about a performance and the voice that goes with it."""
    notes = performing.performance.notes
    seconds = performing.performance.duration
    if abs(seconds - speech.duration) > FAR:
        notes += (
            said(
                "The performance lasts {seconds:.1f} s and the voice {voice:.1f} s; the video is as long as "
                "the voice.",
                seconds=seconds,
                voice=speech.duration,
            ),
        )
    return notes
