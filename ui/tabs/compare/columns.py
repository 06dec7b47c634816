"""The cards of the compare tab: the settings of each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from engines import registry
from engines.base import AnimationMode, EngineOptions
from media.errors import JoyStudioError, OptionError
from media.messages import said
from studio.comparison.columns import Column
from studio.options import make_options, modes_of
from studio.presets import list_presets, load_preset
from studio.weights_report import report_weights
from ui.components.filled import filled
from ui.components.option_words import engine_words
from ui.element_ids import ElementIds
from ui.theme import script

NONE = ""
"""The preset of a column without one: the engine's defaults."""
MODE = "animation_mode"
FILES = "Files that the engine needs are missing, so this column will not be made. See the tab {tab}."
PACKAGES = (
    "Packages that the engine needs are not installed on this machine, so this column will not be made."
)


@dataclass(frozen=True)
class ColumnCard:
    """One column's components.

    settings: one component with everything that is chosen. Its value is a dict of engine, preset, and the
    options that differ from the preset; `card.js` keeps it.
    """

    number: int
    box: gr.Column
    title: gr.HTML
    settings: gr.HTML


def column_of(value: Any, presets: Path) -> Column:
    """A card's column: only options that differ from its preset are included.

    value: of `ColumnCard.settings`, as a browser sent it. Raises OptionError.
    """
    given = value if isinstance(value, Mapping) else {}
    engine, preset, options = given.get("engine"), given.get("preset"), given.get("options")
    if not (isinstance(engine, str) and isinstance(preset, str) and isinstance(options, Mapping)):
        raise OptionError("The page sent column settings that cannot be read; reload the page.")
    base = base_options(engine, preset, presets)
    changed = {
        name: one for name, one in options.items() if name != MODE and one != getattr(base, name, None)
    }
    return Column(engine, preset or None, changed)


def columns_of(count: int, given: Sequence[Any], presets: Path) -> list[Column]:
    """The columns of the visible cards, from the values of all cards. Raises OptionError."""
    columns = []
    for number, value in enumerate(given[:count], 1):
        try:
            columns.append(column_of(value, presets))
            columns[-1].options(presets)
        except OptionError as error:
            raise OptionError("Column {number}: {reason}", number=number, reason=error) from None
    return columns


def base_options(engine: str, preset: str, presets: Path) -> EngineOptions:
    """The options that a column starts from. Raises OptionError."""
    return load_preset(engine, preset, presets).options if preset else make_options(engine)


def preset_labels(engine: str, presets: Path) -> list[tuple[str, str]]:
    """(name, label) of an engine's presets, the default first, and of no preset."""
    named = [(one.name, one.name.replace("_", " ").capitalize()) for one in list_presets(engine, presets)]
    return [*named, (NONE, "None (defaults)")]


def first_columns(engines: Sequence[str], count: int, presets: Path) -> list[Column]:
    """The initial columns: the first engine with two presets, then the other engines."""
    usual = {engine: _for_people(engine, presets) for engine in engines}
    found = [(engine, usual[engine][0]) for engine in engines]
    found[1:1] = [(engines[0], name) for name in usual[engines[0]][1:2]]
    more = [(engine, name) for engine in engines for name in usual[engine] if (engine, name) not in found]
    first = [*found, *more][:count]
    return [Column(engine, preset or None) for engine, preset in first + first[-1:] * (count - len(first))]


def usual_column(engine: str, presets: Path) -> Column:
    """An engine with its first preset, or its defaults if it has none."""
    return Column(engine, _for_people(engine, presets)[0] or None)


def _for_people(engine: str, presets: Path) -> list[str]:
    named = [one.name for one in list_presets(engine, presets) if one.options.animation_mode == "human"]
    return [*named, NONE]


def build_card(
    number: int, column: Column, engines: Sequence[str], presets: Path, names: ElementIds, *, visible: bool
) -> ColumnCard:
    """Draw one card inside the current Blocks. It needs the forms of `option_forms` on the page."""
    choices = {name: preset_labels(name, presets) for name in engines}
    titles = {name: engine_words(name) for name in engines}
    with gr.Column(visible=visible, min_width=260, **names(f"card-{number}", "card")) as box:
        title = gr.HTML(
            title_html(number, column, "human"), padding=False, **names(f"title-{number}", "card-title")
        )
        settings = gr.HTML(
            {"engine": column.engine, "preset": column.preset or NONE, "options": column.values},
            html_template="${form}",
            form=filled("compare_card.html", engines=choices, titles=titles),
            js_on_load=script("card.js"),
            padding=False,
            **names(f"settings-{number}", "card-settings"),
        )
    return ColumnCard(number, box, title, settings)


def title_html(number: int, column: Column, mode: AnimationMode) -> str:
    """A card's heading: number, the column as it would be typed, and any problem."""
    problems = _problems(column.engine, mode)
    return filled("card_title.html", number=number + 1, title=column.title, problems=problems)


def broken_html(number: int, error: JoyStudioError) -> str:
    """The heading of an invalid card."""
    return filled("card_title.html", number=number + 1, title="", problems=[str(error)])


def _problems(engine: str, mode: AnimationMode) -> list[str]:
    found: list[str] = []
    if mode not in modes_of(engine):
        found.append(
            said("This engine supports only {modes} portraits.", modes=" or ".join(modes_of(engine)))
        )
    report = report_weights(engine)
    if report is not None and not report.ready:
        found.append(PACKAGES if report.packages else said(FILES, tab=registry.spec_of(engine).title))
    elif report is not None and report.random_weights:
        found.append("Random weights: this column shows noise.")
    return found
