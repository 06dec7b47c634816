"""Two short ways to write an engine's option."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field


def slider(
    default: float,
    span: tuple[float, float, float],
    title: str,
    description: str,
    *,
    advanced: bool = False,
    sampled: bool = False,
    people_only: bool = False,
    whole_steps: bool = False,
    crops: bool = False,
    live: bool = False,
) -> Any:
    """A number. span: minimum, maximum and the slider's step.

    sampled: it decides the motion, so a saved motion already fixes it. people_only: it has no effect in the
    animal mode. whole_steps: only multiples of the step are accepted. crops: it decides which part of the
    portrait the networks see. live: it may change while a live session runs.
    """
    low, high, step = span
    extra: dict[str, Any] = {
        "step": step,
        "advanced": advanced,
        "sampled": sampled,
        "crops": crops,
        "live": live,
    }
    return Field(
        default,
        ge=low,
        le=high,
        multiple_of=step if whole_steps else None,
        title=title,
        description=description,
        json_schema_extra=extra | _modes(people_only),
    )


def choice(
    default: str | bool,
    title: str,
    description: str,
    *,
    advanced: bool = True,
    sampled: bool = False,
    people_only: bool = False,
    crops: bool = False,
    labels: Mapping[str, str] | None = None,
) -> Any:
    """One of a few words, or a switch; the other arguments are those of `slider`.

    labels: the text of a button, if it is not the word itself with a capital letter.
    """
    extra: dict[str, Any] = {"advanced": advanced, "sampled": sampled, "crops": crops}
    extra |= {"labels": dict(labels or {})} | _modes(people_only)
    return Field(default, title=title, description=description, json_schema_extra=extra)


def _modes(people_only: bool) -> dict[str, list[str]]:
    return {"modes": ["human"]} if people_only else {}
