"""The forms behind the cards: what can be set for every engine, once for all columns.

A card is one component with one value, however many options its engine has: Gradio's code in the browser
compares every component of a page with every event, so a slider for each option of each engine in each column
would make the whole page slow to open.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engines import registry
from studio.options import Option, list_options, make_options
from studio.presets import list_presets
from ui.components.filled import filled
from ui.tabs.compare.columns import MODE, NONE, usual_column

FORMS = "compare-forms"
"""The id of the element that holds the forms."""


def forms_html(engines: Sequence[str], presets: Path) -> str:
    """A template element for each engine, and the list of engines and presets with their values.

    `card.js` copies the templates into the cards; the values are what a column starts from.
    """
    forms = [
        {"engine": engine, "title": registry.spec_of(engine).title, "options": options_of(engine)}
        for engine in engines
    ]
    known = {engine: _presets(engine, presets) for engine in engines}
    return filled("compare_forms.html", id=FORMS, forms=forms, known=json.dumps(known))


def options_of(engine: str) -> list[Option]:
    """The options that a column can set; the portrait decides the mode."""
    return [option for option in list_options(engine) if option.name != MODE]


def _presets(engine: str, presets: Path) -> dict[str, Any]:
    """The values of every preset by its name, with those of no preset, and the usual one's name."""
    shown = [option.name for option in options_of(engine)]
    found = {one.name: one.options for one in list_presets(engine, presets)} | {NONE: make_options(engine)}
    values = {name: {option: getattr(one, option) for option in shown} for name, one in found.items()}
    return {"usual": usual_column(engine, presets).preset or NONE, "presets": values}
