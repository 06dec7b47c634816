"""The option `marks` of an engine's options model."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, Field, field_validator

from engines.marks.reading import Ranges, canonical_marks
from media.errors import DocumentError, OptionError

DESCRIPTION = (
    "Values at given times of the voice, for options, emotions and turns of the head: JSON, CSV, or a "
    "transcript with times and tags such as [happy]. On the command line, the name of such a file."
)


def marks_option() -> Any:
    """The field of an options model, a text, for a class that is also a `MarkedOptions`."""
    return Field(
        "",
        title="Marks",
        description=DESCRIPTION,
        json_schema_extra={"advanced": True, "written": "keyframes"},
    )


def check_unmarked(marks: str) -> None:
    """Raise OptionError for marks in a live session, whose voice has no times that are known in advance."""
    if marks:
        raise OptionError(
            "Marks belong to the times of a finished recording. Leave them out of a live session, and change "
            "its options in flight."
        )


class MarkedOptions(BaseModel):
    """Checks the option `marks`, and keeps its shortest form, so that equal marks make equal jobs."""

    markable: ClassVar[tuple[str, ...]] = ()
    """The options that marks may change: numbers with a range."""

    @field_validator("marks", mode="before", check_fields=False)
    @classmethod
    def _read(cls, given: Any) -> str:
        try:
            return canonical_marks(given, cls._ranges())
        except DocumentError as error:
            raise OptionError("The marks cannot be used: {reason}.", reason=error) from None

    @classmethod
    def _ranges(cls) -> Ranges:
        def bound(name: str, rule: str) -> float:
            found = (getattr(one, rule, None) for one in cls.model_fields[name].metadata)
            return float(next(value for value in found if value is not None))

        return {name: (bound(name, "ge"), bound(name, "le")) for name in cls.markable}
