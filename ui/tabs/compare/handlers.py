"""Events of the compare tab: every click and change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from engines import registry
from engines.base import EngineOptions
from media.errors import JoyStudioError
from ui.components.cancel_button import cancel_update, connect_cancel, was_cancelled
from ui.components.long_job import ask_before_long
from ui.components.missing_inputs import MARK, ask_inputs
from ui.components.portrait_preview import PortraitPreview
from ui.components.progress import ended_bar, waiting_bar
from ui.components.synced_videos import Shown, given_up
from ui.errors import as_toast
from ui.event_settings import QUIET, SILENT, SPOKEN
from ui.following import follow_function, following, session_of
from ui.in_turn import taking_turns
from ui.page_context import PageContext
from ui.tabs.compare.columns import MODE, Card, base_options, broken_html, title_html
from ui.tabs.compare.delete import rest
from ui.tabs.compare.found_again import CANCELLED, showing
from ui.tabs.compare.run import all_columns, columns_of, compare_function
from ui.tabs.compare.screen import COMPARE, CompareTab, downloads_html


def connect(context: PageContext, tab: CompareTab, opened: gr.Tab) -> None:
    """Connect every component of the tab. opened: the tab itself."""
    looks_again = any(registry.spec_of(engine).finds_animals for engine in tab.cards[0].settings)
    context.views[COMPARE] = PortraitPreview(looks_again=looks_again, parts={MODE: tab.mode})
    for card in tab.cards:
        _connect_card(context, tab, card, opened)
    boxes = [*(card.box for card in tab.cards), *tab.output.stage.boxes]

    def show(count: str) -> list[Any]:
        cards = [gr.Column(visible=card.number < int(count)) for card in tab.cards]
        return [*cards, *tab.output.stage.shown(int(count))]

    tab.count.change(show, tab.count, boxes, **QUIET)
    _connect_run(context, tab)


def _connect_card(context: PageContext, tab: CompareTab, card: Card, opened: gr.Tab) -> None:
    """Connect engine, preset, reset, and the heading with the column's settings."""
    presets = context.settings.presets
    lists = [setting.preset for setting in card.settings.values()]
    folds = [setting.fold for setting in card.settings.values()]

    def choose(engine: str) -> list[Any]:
        seen = [name == engine for name in card.settings]
        return [*(gr.Dropdown(visible=one) for one in seen), *(gr.Column(visible=one) for one in seen)]

    def title(mode: Any, *values: Any) -> str:
        try:
            return title_html(card.number, card.column(values, presets), mode)
        except JoyStudioError as error:
            return broken_html(card.number, error)

    def limit(mode: Any) -> dict[Any, Any]:
        shown: dict[Any, Any] = {card.title: gr.skip()}
        for setting in card.settings.values():
            shown |= setting.form.shown(mode)
        return shown

    values = [tab.mode, *card.components]

    def write(event: Any) -> None:
        event(title, values, card.title, trigger_mode="always_last", **QUIET)

    # Weights may have changed when the tab opens, and card.js reports changes by hand. As one event, so that
    # the answer about the values at the opening cannot arrive after that about a change.
    gr.on([opened.select, card.title.click], title, values, card.title, trigger_mode="always_last", **QUIET)
    write(card.engine.input(choose, card.engine, [*lists, *folds], **QUIET).then)
    write(tab.mode.change(limit, tab.mode, [card.title, *card.components], **QUIET).then)
    for changed in _connect_presets(context, tab, card):
        write(changed.then)


def _connect_presets(context: PageContext, tab: CompareTab, card: Card) -> list[Any]:
    """Choosing a preset, and going back to it, sets the options of its engine. Returns these events."""
    parts = [part for setting in card.settings.values() for part in setting.form.components.values()]

    def values(engine: str, preset: str) -> tuple[EngineOptions, dict[Any, Any]]:
        try:
            options = base_options(engine, preset, context.settings.presets)
        except JoyStudioError as error:
            raise as_toast(error) from None
        form = card.settings[engine].form
        pairs = zip(form.components.items(), form.values(options), strict=True)
        return options, {part: value for (name, part), value in pairs if name != MODE}

    def applier(engine: str) -> Callable[[str], dict[Any, Any]]:
        def apply(preset: str) -> dict[Any, Any]:
            options, found = values(engine, preset)
            # A preset for animals needs an animal's portrait, as on the engine's own tab.
            mode = options.animation_mode if options.animation_mode != "human" else gr.skip()
            return {tab.mode: mode, **found}

        return apply

    def reset(engine: str, *presets: str) -> dict[Any, Any]:
        return values(engine, presets[list(card.settings).index(engine)])[1]

    lists = [setting.preset for setting in card.settings.values()]
    events = [card.reset.click(reset, [card.engine, *lists], parts, **QUIET)]
    for engine, setting in card.settings.items():
        own = list(setting.form.components.values())
        events.append(setting.preset.input(applier(engine), setting.preset, [tab.mode, *own], **QUIET))
    return events


def _connect_run(context: PageContext, tab: CompareTab) -> None:
    """Connect compare, progress, cancel and results."""
    inputs, output, settings = tab.inputs, tab.output, context.settings
    given = [part for card in tab.cards for part in card.components]
    stage = output.stage
    buttons = [output.start, output.cancel, output.delete, output.asked]

    def titles(count: str, values: tuple[Any, ...]) -> list[str]:
        try:
            found = [column.title for column in columns_of(tab, int(count), values, settings)]
        except JoyStudioError:  # reported when the work begins
            found = [f"Column {number + 1}" for number in range(int(count))]
        return [*found, *[""] * (len(tab.cards) - len(found))]

    def begun_buttons() -> list[Any]:
        return [gr.Button(interactive=False), cancel_update(running=True), *rest(interactive=False)]

    def begin(request: gr.Request, count: str, *values: Any) -> list[Any]:
        context.running.expect(session_of(request), COMPARE)
        empty = stage.empty(titles(count, values))
        return [*begun_buttons(), waiting_bar(), "", *empty, downloads_html()]

    def begin_again(found: str) -> list[Any]:
        if not found:
            return [gr.skip()] * (len(buttons) + 1)
        return [*begun_buttons(), waiting_bar()]

    def end(columns: Sequence[Shown]) -> list[Any]:
        # The columns that a cancelled comparison did not make say so.
        ready = [gr.Button(interactive=True), cancel_update(running=False), *rest(interactive=True)]
        return [*ready, *given_up(columns)]

    def failed(words: str, columns: Sequence[Shown]) -> list[Any]:
        return [*end(columns), ended_bar(was_cancelled(words), CANCELLED)]

    def watch(done: Any) -> None:
        after = [*buttons, *stage.pictures]
        done.success(end, stage.columns, after, **QUIET)
        done.failure(failed, [output.cancel, stage.columns], [*after, output.bar], **QUIET)

    changed = [*stage.pictures, *stage.plots, stage.columns, output.downloads]
    results = [output.bar, output.table, *changed, *stage.boxes]
    followed: dict[str, Any] = {
        "show_progress_on": output.bar,
        "concurrency_limit": None,  # the page's own line decides
        "api_visibility": "private",
    }
    turns = taking_turns(
        compare_function(tab, settings), context.line, settings, lambda bar: {output.bar: bar}
    )
    asked_for = [*inputs.given, tab.mode, tab.metrics, tab.count, inputs.consent, context.visitor, *given]
    shown = following(turns, context.running, COMPARE, "Compare", showing(output))

    def run(button: gr.Button, *, weigh: bool) -> None:
        asked = button.click(ask_inputs, inputs.needed, None, **SPOKEN)
        asked.failure(None, None, None, js=MARK, **QUIET)
        if weigh:
            asked = ask_before_long(
                output.long, asked, settings, context.gate, inputs, all_columns(tab, settings)
            )
        started = asked.success(
            begin, [tab.count, *given], [*buttons, output.bar, output.table, *changed], **QUIET
        )
        started.success(lambda: gr.Timer(active=True), None, context.tray.timer, **QUIET)
        watch(started.success(shown, asked_for, results, show_progress="minimal", **followed))

    run(output.start, weigh=True)
    output.long.start.click(lambda: gr.Column(visible=False), None, output.long.box, **QUIET)
    run(output.long.start, weigh=False)
    found = context.found[COMPARE] = context.tray.found_job()
    again = found.change(begin_again, found, [*buttons, output.bar], **QUIET)
    find = follow_function(context.running, {output.bar: gr.skip()})
    watch(again.success(find, [found, context.visitor], results, **(followed | SILENT)))

    def cancel(request: gr.Request) -> None:
        context.running.cancel_followed(session_of(request), COMPARE)

    connect_cancel(output.cancel, end=cancel)
