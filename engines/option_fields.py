"""Two ways to write an option of an engine in a few lines."""

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
) -> Any:
    """A number; span is the least, the greatest and the slider's step.

    sampled: it decides the motion, and so a motion that is kept has it decided already. people_only: it does
    nothing in the animal mode. whole_steps: only multiples of the step are taken. crops: it decides
    what the networks see of the portrait.
    """
    low, high, step = span
    extra: dict[str, Any] = {"step": step, "advanced": advanced, "sampled": sampled, "crops": crops}
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
    """One of a few words, or on and off; the rest as for `slider`.

    labels: how a word is written on a button, where that is not the word itself with a capital letter.
    """
    extra: dict[str, Any] = {"advanced": advanced, "sampled": sampled, "crops": crops}
    extra |= {"labels": dict(labels or {})} | _modes(people_only)
    return Field(default, title=title, description=description, json_schema_extra=extra)


def _modes(people_only: bool) -> dict[str, list[str]]:
    return {"modes": ["human"]} if people_only else {}
