"""What happens on the compare tab when something is clicked or changed."""

from __future__ import annotations

from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.options import make_options
from ui.components.inputs_events import connect_inputs
from ui.components.progress import message_bar, waiting_bar
from ui.components.share_row import QUIET
from ui.components.stage import given_up
from ui.errors import as_toast
from ui.frame import Frame
from ui.tabs.compare import CompareTab
from ui.tabs.compare_columns import MODE, Card, base_options, broken_html, preset_choices, title_html
from ui.tabs.comparing import columns_of, compare_function

CANCELLED = "Cancelled. The columns that are finished stay."


def connect(frame: Frame, tab: CompareTab) -> None:
    """Connect every component of the tab."""
    engines = tab.cards[0].engines
    looks_again = any(make_options(engine).finds_animals for engine in engines)
    connect_inputs(tab.inputs, tab.mode, frame.settings, looks_again=looks_again)
    for card in tab.cards:
        _connect_card(frame, tab, card)
    boxes = [*(card.box for card in tab.cards), *tab.output.stage.boxes]

    def show(count: str) -> list[Any]:
        cards = [gr.Column(visible=card.number < int(count)) for card in tab.cards]
        return [*cards, *tab.output.stage.shown(int(count))]

    tab.count.change(show, tab.count, boxes, **QUIET)
    _connect_run(frame, tab)


def _connect_card(frame: Frame, tab: CompareTab, card: Card) -> None:
    """Engine, preset, reset, and the heading that says what the column is made with."""
    presets = frame.settings.presets
    parts = [part for form in card.forms.values() for part in form.components.values()]

    def values_of(engine: str, preset: str) -> dict[Any, Any]:
        try:
            options = base_options(engine, preset, presets)
        except JoyStudioError as error:
            raise as_toast(error) from None
        form = card.forms[engine]
        pairs = zip(form.components.items(), form.values(options), strict=True)
        return {part: value for (name, part), value in pairs if name != MODE}

    def choose(engine: str) -> dict[Any, Any]:
        choices = preset_choices(engine, presets)
        preset = choices[0][1]
        folds = {fold: gr.Column(visible=name == engine) for name, fold in card.folds.items()}
        return {card.preset: gr.Dropdown(choices=choices, value=preset), **folds, **values_of(engine, preset)}

    def apply(engine: str, preset: str) -> dict[Any, Any]:
        values = values_of(engine, preset)
        options = base_options(engine, preset, presets)
        # A preset for animals asks for an animal's portrait, as it does on the engine's own tab.
        made_for = options.animation_mode if options.animation_mode != "human" else gr.skip()
        return {tab.mode: made_for, **values}

    def reset(engine: str, preset: str) -> dict[Any, Any]:
        return values_of(engine, preset)

    def title(mode: Any, *values: Any) -> str:
        try:
            return title_html(card.number, card.column(values, presets), mode)
        except JoyStudioError as error:
            return broken_html(card.number, error)

    def limit(mode: Any) -> dict[Any, Any]:
        shown: dict[Any, Any] = {}
        for form in card.forms.values():
            shown |= form.shown(mode)
        return shown or {card.title: gr.skip()}

    chosen = [card.engine, card.preset]
    card.engine.input(choose, card.engine, [card.preset, *card.folds.values(), *parts], **QUIET)
    card.preset.input(apply, chosen, [tab.mode, *parts], **QUIET)
    card.reset.click(reset, chosen, parts, **QUIET)
    tab.mode.change(limit, tab.mode, [card.title, *parts], **QUIET)
    gr.on(
        [part.change for part in (tab.mode, *card.components)],
        title, [tab.mode, *card.components], card.title, trigger_mode="always_last", **QUIET,
    )  # fmt: skip
    frame.page.load(title, [tab.mode, *card.components], card.title, **QUIET)


def _connect_run(frame: Frame, tab: CompareTab) -> None:
    """Compare, progress, cancel, results."""
    output, settings = tab.output, frame.settings
    given = [part for card in tab.cards for part in card.components]
    stage = output.stage
    buttons = [output.start, output.cancel]
    cache = output.table.GRADIO_CACHE

    def titles(count: str, values: tuple[Any, ...]) -> list[str]:
        try:
            found = [column.title for column in columns_of(tab, int(count), values, settings)]
        except JoyStudioError:  # told when the work begins
            found = [f"Column {number + 1}" for number in range(int(count))]
        return [*found, *[""] * (len(tab.cards) - len(found))]

    def begin(count: str, *values: Any) -> list[Any]:
        downloads = [gr.DownloadButton(value=None, interactive=False) for _ in output.downloads]
        empty = stage.empty(titles(count, values))
        return [
            gr.Button(interactive=False),
            gr.Button(interactive=True),
            waiting_bar(),
            "",
            *empty,
            *downloads,
        ]

    def end() -> list[Any]:
        return [gr.Button(interactive=True), gr.Button(interactive=False)]

    def stopped(*pictures: str) -> list[Any]:
        return [*end(), message_bar(CANCELLED, "stopped"), *map(given_up, pictures)]

    def failed(bar: str, *pictures: str) -> list[Any]:
        # Where the bar still moves, the work was stopped from outside: its last news may have come in after
        # the click on "Cancel".
        moves = 'data-state="running"' in bar or 'data-state="waiting"' in bar
        told = message_bar(CANCELLED, "stopped") if moves else gr.skip()
        return [*end(), told, *map(given_up, pictures)]

    changed = [*stage.pictures, *stage.plots, *output.downloads]
    started = output.start.click(
        begin, [tab.count, *given], [*buttons, output.bar, output.table, *changed], **QUIET
    )
    done = started.then(
        compare_function(tab, settings, cache),
        [
            tab.inputs.portrait, tab.inputs.voice, tab.seed, tab.inputs.picked, tab.mode, tab.metrics,
            tab.count, tab.consent, *given,
        ],
        [output.bar, output.table, *changed],
        show_progress="minimal",
        show_progress_on=output.bar,
        concurrency_limit=settings.jobs_at_once,
        concurrency_id="render",
        api_visibility="private",
    )  # fmt: skip
    after = [*buttons, output.bar, *stage.pictures]
    done.success(end, None, buttons, **QUIET)
    done.failure(failed, [output.bar, *stage.pictures], after, **QUIET)
    output.cancel.click(stopped, stage.pictures, after, cancels=[done], **QUIET)
