"""The cards of the compare tab: the settings of each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from engines import registry
from engines.base import AnimationMode, EngineOptions
from media.errors import JoyStudioError
from media.messages import said
from studio.comparison.columns import Column
from studio.options import make_options, modes_of
from studio.presets import list_presets, load_preset
from studio.weights_report import report_weights
from ui.components.filled import filled
from ui.components.options_form import OptionsForm, build_options_form
from ui.element_ids import ElementIds
from ui.i18n import I18nData, t
from ui.theme import script

NONE = ""
"""The preset of a column without one: the engine's defaults."""
MODE = "animation_mode"
FILES = "Files that the engine needs are missing, so this column will not be made. See the tab {tab}."
PACKAGES = (
    "Packages that the engine needs are not installed on this machine, so this column will not be made."
)


@dataclass(frozen=True)
class Setting:
    """The settings of one engine in one column; visible while that engine is chosen."""

    preset: gr.Dropdown
    form: OptionsForm
    fold: gr.Column

    @property
    def components(self) -> list[Any]:
        """The preset and the options, in the form's order."""
        return [self.preset, *self.form.components.values()]


@dataclass(frozen=True)
class Card:
    """One column's components."""

    number: int
    box: gr.Column
    title: gr.HTML
    engine: gr.Dropdown
    reset: gr.Button
    settings: Mapping[str, Setting]

    @property
    def components(self) -> list[Any]:
        """The components that `column` reads, in its order."""
        return [self.engine, *(part for setting in self.settings.values() for part in setting.components)]

    def column(self, values: Sequence[Any], presets: Path) -> Column:
        """The column's settings: only options that differ from its preset are included.

        values: of `components`. Raises OptionError for an unusable preset.
        """
        engine, place = values[0], 1
        for name, setting in self.settings.items():
            if name == engine:
                break
            place += len(setting.components)
        preset, *options = values[place : place + len(setting.components)]
        base = base_options(engine, preset, presets)
        given = zip(setting.form.components, options, strict=True)
        changed = {name: value for name, value in given if name != MODE and value != getattr(base, name)}
        return Column(engine, preset or None, changed)


def base_options(engine: str, preset: str, presets: Path) -> EngineOptions:
    """The options that a column starts from. Raises OptionError."""
    return load_preset(engine, preset, presets).options if preset else make_options(engine)


def preset_choices(engine: str, presets: Path) -> list[tuple[I18nData, str]]:
    """(label, name) of an engine's presets, the default first, and of no preset."""
    named = [(t(one.name.replace("_", " ").capitalize()), one.name) for one in list_presets(engine, presets)]
    return [*named, (t("None (defaults)"), NONE)]


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
) -> Card:
    """Draw one card inside the current Blocks."""
    first = {name: usual_column(name, presets) for name in engines} | {column.engine: column}
    with gr.Column(visible=visible, min_width=260, **names(f"card-{number}", "card")) as box:
        title = gr.HTML(
            title_html(number, column, "human"),
            js_on_load=script("card.js"),
            padding=False,
            **names(f"title-{number}", "card-title"),
        )
        with gr.Row(elem_classes=["card-row"]):
            engine = gr.Dropdown(
                list(engines),
                value=column.engine,
                label=t("Engine"),
                min_width=100,
                interactive=True,
                **names(f"engine-{number}"),
            )
            lists = {
                name: _preset(one, presets, names(f"preset-{number}-{name}"), visible=name == column.engine)
                for name, one in first.items()
            }
        settings = {}
        with gr.Accordion(t("Options"), open=False, **names(f"options-{number}", "card-options")):
            for name, one in first.items():
                with gr.Column(visible=name == column.engine) as fold:
                    form = _form(one, presets, ElementIds(f"{names.engine}-{number}-{name}"))
                settings[name] = Setting(lists[name], form, fold)
            reset = gr.Button(t("Back to the preset"), size="sm", **names(f"reset-{number}"))
    return Card(number, box, title, engine, reset, settings)


def _preset(column: Column, presets: Path, names: dict[str, Any], *, visible: bool) -> gr.Dropdown:
    return gr.Dropdown(
        preset_choices(column.engine, presets),
        value=column.preset or NONE,
        label=t("Preset"),
        min_width=100,
        interactive=True,
        visible=visible,
        **names,
    )


def _form(column: Column, presets: Path, names: ElementIds) -> OptionsForm:
    """An engine's form with a column's values; the mode is hidden, since the portrait decides it."""
    form = build_options_form(column.engine, names, again=False)
    options = column.options(presets)
    for name, part in form.components.items():
        part.value = getattr(options, name)
    form.components[MODE].visible = False
    return form


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
