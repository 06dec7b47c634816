"""The option `emotion` of an engine's options model."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from engines.emotion.parsing import NEUTRAL, emotion_text, strengths_of
from engines.emotion.shapes import NAMES

DESCRIPTION = (
    "neutral, happy, sad, angry, surprised, afraid, disgusted or relaxed, with a strength up to 1, or a "
    "mixture: happy 0.6, surprised 0.2. Words work, too: warm, subtly smiling."
)
HALF = 0.5


def _given(value: Any) -> Any:
    return "" if value is None else value  # a form's emptied field


def _canonical(text: str) -> str:
    return emotion_text(strengths_of(text))


EmotionText = Annotated[str, BeforeValidator(_given), AfterValidator(_canonical)]
"""A text that `strengths_of` reads, kept in its shortest form, so that equal emotions make equal jobs."""


def emotion_option(*, people_only: bool = False) -> Any:
    """The field of an options model, of the type `EmotionText`; a live option.

    people_only: it has no effect in the animal mode.
    """
    labels = {NEUTRAL: NEUTRAL.capitalize()}
    for name in NAMES[1:]:
        labels |= {name: name.capitalize(), f"{name} {HALF}": f"{name.capitalize()} {HALF:.0%}"}
    extra: dict[str, Any] = {"live": True, "advanced": False, "suggestions": labels}
    if people_only:
        extra["modes"] = ["human"]
    return Field(
        NEUTRAL,
        title="Emotion",
        description=DESCRIPTION,
        json_schema_extra=extra,
    )
