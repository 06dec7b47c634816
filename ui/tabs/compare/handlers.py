"""Events of the compare tab: every click and change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from engines import registry
from media.errors import JoyStudioError
from ui.components.cancel_button import cancel_update, connect_cancel, was_cancelled
from ui.components.long_job import ask_before_long
from ui.components.missing_inputs import MARK, ask_inputs
from ui.components.portrait_preview import PortraitPreview
from ui.components.progress import ended_bar, waiting_bar
from ui.components.steps import BEGUN
from ui.components.synced_videos import ColumnContent, given_up
from ui.errors import as_toast
from ui.event_settings import QUIET, SILENT, SPOKEN
from ui.following import follow_function, session_of
from ui.lasting_task import LastingTask
from ui.lasting_tasks import lasting
from ui.page_context import PageContext
from ui.tabs.compare.asked import compare_wish
from ui.tabs.compare.columns import (
    MODE,
    NONE,
    ColumnCard,
    base_options,
    broken_html,
    column_of,
    columns_of,
    title_html,
)
from ui.tabs.compare.delete import rest
from ui.tabs.compare.found_again import CANCELLED, showing
from ui.tabs.compare.run import all_columns, compare_work
from ui.tabs.compare.screen import COMPARE, CompareTab, downloads_html

SHOW_MODE = "(mode) => { document.querySelector('.cards').dataset.mode = mode; }"


def connect(context: PageContext, tab: CompareTab, opened: gr.Tab) -> None:
    """Connect every component of the tab. opened: the tab itself."""
    looks_again = any(registry.spec_of(engine).finds_animals for engine in tab.engines)
    context.views[COMPARE] = PortraitPreview(looks_again=looks_again, parts={MODE: tab.mode})
    for card in tab.cards:
        _connect_card(context, tab, card, opened)
    # Options without effect in the other mode are hidden by the style sheet.
    tab.mode.change(None, tab.mode, None, js=SHOW_MODE, **QUIET)
    boxes = [*(card.box for card in tab.cards), *tab.output.stage.boxes]

    def show(count: str) -> list[Any]:
        cards = [gr.Column(visible=card.number < int(count)) for card in tab.cards]
        return [*cards, *tab.output.stage.shown(int(count))]

    tab.count.change(show, tab.count, boxes, **QUIET)
    _connect_run(context, tab)


def _connect_card(context: PageContext, tab: CompareTab, card: ColumnCard, opened: gr.Tab) -> None:
    """Connect the heading with the column's settings, and an animal's preset with what the portrait shows."""
    presets = context.settings.presets

    def title(mode: Any, value: Any) -> str:
        try:
            column = column_of(value, presets)
            column.options(presets)
            return title_html(card.number, column, mode)
        except JoyStudioError as error:
            return broken_html(card.number, error)

    def needed(value: Any) -> Any:
        try:
            column = column_of(value, presets)
            mode = base_options(column.engine, column.preset or NONE, presets).animation_mode
        except JoyStudioError as error:
            raise as_toast(error) from None
        # A preset for animals needs an animal's portrait, as on the engine's own tab.
        return mode if mode != "human" else gr.skip()

    # Weights may have changed when the tab opens. As one event, so that the answer about the values at the
    # opening cannot arrive after that about a change.
    gr.on(
        [opened.select, card.settings.input, tab.mode.change],
        title,
        [tab.mode, card.settings],
        card.title,
        trigger_mode="always_last",
        **QUIET,
    )
    card.settings.select(needed, card.settings, tab.mode, **QUIET)


def _connect_run(context: PageContext, tab: CompareTab) -> None:
    """Connect compare, progress, cancel and results."""
    inputs, output, settings = tab.inputs, tab.output, context.settings
    given = [card.settings for card in tab.cards]
    stage = output.stage
    buttons = [output.start, output.cancel, output.delete, output.asked]

    def titles(count: str, values: tuple[Any, ...]) -> list[str]:
        try:
            found = [column.title for column in columns_of(int(count), values, settings.presets)]
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

    def end(columns: Sequence[ColumnContent]) -> list[Any]:
        # The columns that a cancelled comparison did not make say so.
        ready = [gr.Button(interactive=True), cancel_update(running=False), *rest(interactive=True)]
        return [*ready, *given_up(columns)]

    def failed(words: str, columns: Sequence[ColumnContent]) -> list[Any]:
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
    work = compare_work(tab, settings)
    view, moved = showing(output), lambda bar: {output.bar: bar}
    task = LastingTask(COMPARE, "Compare", context.line, view, moved, compare_wish, work)
    asked_for = [context.visitor, *inputs.given, inputs.second.who, tab.mode, tab.metrics, tab.count]
    asked_for += [inputs.consent, *given]
    shown = lasting(task, context)

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
        started.success(lambda: gr.Timer(active=True), None, context.tray.timer, js=BEGUN, **QUIET)
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
