"""The changes to a portrait as lists, forms, programs and the shell name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from media.desk.edit import PLAIN, PortraitEdit
from media.documents.quoting import shown
from media.errors import OptionError

FIELDS = ("turn", "crop", "shape", "background")
"""The names of the parts."""
KEY = "portrait_edit"
"""Its name in the facts of a video."""


def edit_from(values: Mapping[str, Any]) -> PortraitEdit:
    """The changes in the fields of a line, a form or a command; other fields are ignored.

    crop: four numbers, or two corners as in "120,80 600,560". Raises OptionError.
    """
    given = {name: values[name] for name in FIELDS if values.get(name) not in (None, "")}
    if "turn" in given:
        given["turn"] = _whole(given["turn"])
    if "crop" in given:
        given["crop"] = _corners(given["crop"])
    for name in ("shape", "background"):
        if name in given and not isinstance(given[name], str):
            given[name] = shown(given[name])  # refused with its value
    return PortraitEdit(**given)


def edit_from_object(value: Any) -> PortraitEdit:
    """The changes in an object of a program; None is none of them. Raises OptionError."""
    known = isinstance(value, Mapping) and value.keys() <= set(FIELDS)
    if value is not None and not known:
        raise OptionError(
            "The edit of a portrait is an object with turn, crop, shape and background, not {value}.",
            value=shown(value),
        )
    return edit_from(value or {})


def edit_from_facts(facts: object) -> PortraitEdit | None:
    """The changes in stored facts; None if there are none, or if they cannot be read."""
    try:
        return edit_from(facts) if isinstance(facts, Mapping) else None
    except OptionError:
        return None


def edit_facts(edit: PortraitEdit) -> dict[str, Any]:
    """The changes as values for `json.dumps`, without those that change nothing."""
    facts = {name: getattr(edit, name) for name in FIELDS if getattr(edit, name) != getattr(PLAIN, name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()}


def _whole(given: Any) -> Any:
    try:
        return (
            int(given)
            if isinstance(given, str) or (isinstance(given, float) and given.is_integer())
            else given
        )
    except ValueError:
        return given


def _corners(given: Any) -> tuple[float, float, float, float]:
    parts = given[:1000].replace(",", " ").split() if isinstance(given, str) else given
    try:
        x0, y0, x1, y1 = (float(part) for part in parts)
    except (TypeError, ValueError):
        raise OptionError(
            "The crop is two corners such as 120,80 600,560 in pixels of the portrait, not {crop}.",
            crop=shown(given),
        ) from None
    return x0, y0, x1, y1
