"""The ids of the page's elements, so that tabs that look alike have different ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PAGE = "page"
"""Stands for the engine's name in the ids of what all tabs share."""

MAKES = ("makes-video",)
"""Class of the buttons that make something of the voice, so that an open trim is applied before."""


@dataclass(frozen=True)
class ElementIds:
    """Ids and classes of one engine's tab: ids are prefixed with the engine's name, classes are not.

    The style sheet and the scripts go by class, so they hold for every tab.
    """

    engine: str

    def __call__(self, part: str, *classes: str) -> dict[str, Any]:
        """Arguments of a component: the id "joyvasa-portrait" and the class "portrait", or other classes."""
        return {"elem_id": f"{self.engine}-{part}", "elem_classes": list(classes or (part,))}
