"""The ids of the page's elements, so that similar tabs have different ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PAGE = "page"
"""In place of the engine's name in the ids of shared components."""

MAKES = ("makes-video",)
"""The class of buttons that use the voice, so that an open trim is applied first."""


@dataclass(frozen=True)
class ElementIds:
    """Ids and classes of one engine's tab: ids begin with the engine's name, classes do not.

    The style sheet and the scripts use classes, so they apply to every tab.
    """

    engine: str

    def __call__(self, part: str, *classes: str) -> dict[str, Any]:
        """Arguments of a component: the id "joyvasa-portrait" and the class "portrait", or other classes."""
        return {"elem_id": f"{self.engine}-{part}", "elem_classes": list(classes or (part,))}
