"""Marks settings whose empty variable means that they are not set."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel

Value = TypeVar("Value")
_UNLESS_BLANK = "unless blank"
UnlessBlank = Annotated[Value, _UNLESS_BLANK]
"""A value whose empty variable counts as none, as scripts write it.

An empty folder would be the working folder, and an empty address every address of the machine.
"""


def without_blanks(model: type[BaseModel], values: dict[str, Any]) -> dict[str, Any]:
    """The values of a model's fields without those that are blank texts and are marked."""
    marked = {name for name, field in model.model_fields.items() if _UNLESS_BLANK in field.metadata}
    return {
        name: value
        for name, value in values.items()
        if not (name in marked and isinstance(value, str) and not value.strip())
    }
