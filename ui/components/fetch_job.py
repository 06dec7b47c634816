"""Downloads of weights as jobs of their visitor, which continue when the page is reloaded or closed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import gradio as gr

from media.messages import said
from studio.settings import Settings
from studio.waiting_tasks import KeptTask, TaskRequest
from studio.weights_fetch import Fetching, fetch_group
from ui.components.cancel_button import connect_cancel
from ui.components.progress import NOT_FINISHED, message_bar, unattended_bar, waiting_bar
from ui.errors import as_toast
from ui.event_settings import QUIET, SILENT, SPOKEN
from ui.event_values import value_of
from ui.following import follow_function, session_of
from ui.i18n import message
from ui.in_turn import LastValue
from ui.lasting_task import LastingTask
from ui.lasting_tasks import lasting
from ui.page_context import PageContext
from ui.visitor_job import Showing

CANCELLED = "Cancelled. What was downloaded is kept, and the next download resumes it."
STANDS_STILL = 3.0
"""Seconds without a byte after which the bar says so."""
Update = tuple[Any, Any]
"""Updates of the bar, and of the state that says whether everything is installed."""
Wanted = Callable[..., Sequence[tuple[str, str]]]
"""The engines and groups of a click on a button, from the values of its components; called at its turn."""


@dataclass(frozen=True)
class FetchParts:
    """What every download shows: a button that cancels it, and its bar. installed: whether it got all.

    asked: becomes the choice of a click, if several buttons are one component.
    """

    cancel: gr.Button
    bar: gr.HTML
    installed: gr.State
    asked: gr.State | None = None


@dataclass(frozen=True)
class FetchLook:
    """How the place of a download looks. begin: updates of the components while it runs. end: after it."""

    components: Sequence[Any]
    begin: Callable[[], tuple[Any, ...]]
    end: Callable[..., tuple[Any, ...]]
    ended: Sequence[Any] = ()
    """Components whose values `end` takes."""


def connect_fetching(
    context: PageContext,
    job: str,
    title: str,
    button: gr.Button | gr.HTML,
    wanted: tuple[Wanted, Sequence[Any]],
    parts: FetchParts,
    look: FetchLook,
) -> None:
    """Download on a click. job: its name among the visitor's jobs. title: what it says there.

    wanted: what it downloads, and the components that decide it.
    """
    shown = [*look.components, parts.bar, parts.installed]
    asked = [parts.asked] if parts.asked else []

    def begin(request: gr.Request, event: gr.EventData) -> list[Any]:
        context.running.expect(session_of(request), job)
        return [*begun(), *(str(value_of(event, "choice") or "") for _ in asked)]

    def begun() -> list[Any]:
        return [*look.begin(), gr.HTML(waiting_bar(), visible=True), False]

    def begin_again(found: str) -> list[Any]:
        return begun() if found else [gr.skip()] * len(shown)

    def end(installed: bool, *values: Any) -> list[Any]:
        if installed:
            gr.Info(message("The weights are installed."), duration=5)
        # The bar of a cancelled download says that its files are kept.
        return [*look.end(*values), gr.HTML(visible=not installed), False]

    def failed(*values: Any) -> list[Any]:
        return [*look.end(*values), gr.HTML(visible=False), False]

    def watch(run: Any) -> None:
        run.success(end, [parts.installed, *look.ended], shown, **SPOKEN)
        run.failure(failed, [*look.ended], shown, **QUIET)

    output = [parts.bar, parts.installed]
    followed: dict[str, Any] = {
        **SILENT,
        "concurrency_limit": None,  # the page's own line decides
        "api_visibility": "private",
    }
    started = button.click(begin, None, [*shown, *asked], **QUIET)
    started.success(lambda: gr.Timer(active=True), None, context.tray.timer, **QUIET)
    function, given = wanted
    work = fetch_work(function, context.settings)
    task = LastingTask(job, title, context.downloads, SHOWING, _moved, _wish, work)
    run = lasting(task, context)
    watch(started.success(run, [context.visitor, *given], output, **followed))
    found = context.found[job] = context.tray.found_job()
    again = found.change(begin_again, found, shown, **QUIET)
    find = follow_function(context.running, _moved(gr.skip()))
    watch(again.success(find, [found, context.visitor], output, **followed))

    def cancel(request: gr.Request) -> None:
        context.running.cancel_followed(session_of(request), job)

    connect_cancel(parts.cancel, end=cancel)


def fetch_work(
    wanted: Wanted, settings: Settings
) -> Callable[..., Generator[Update | LastValue[Update], None, None]]:
    """The work behind a button that downloads."""

    def fetch(
        kept: KeptTask, owner: str | None, request: gr.Request
    ) -> Generator[Update | LastValue[Update], None, None]:
        if not settings.page_may_fetch:
            return
        yield _moved(waiting_bar())
        try:
            for engine, group in wanted(*kept.wish.values):
                with closing(fetch_group(engine, group)) as news:
                    for one in news:
                        yield _moved(fetching_bar(one))
            yield LastValue((message_bar("Done", "done", 1.0), True))
        except Exception as error:
            toast = as_toast(error)
            yield LastValue(_moved(message_bar(NOT_FINISHED, "failed")))
            raise toast from None

    return fetch


def fetching_bar(one: Fetching) -> str:
    """The progress bar of a download."""
    name = one.file.rpartition("/")[2]
    share = one.received / one.total if one.total else 0.0
    fraction = (one.number - 1 + share) / one.files
    told = said(
        "File {number} of {files}: {name}, {received:.1f} of {total:.1f} MB"
        if one.total
        else "File {number} of {files}: {name}, {received:.1f} MB",
        number=one.number,
        files=one.files,
        name=name,
        received=one.received / 1e6,
        total=(one.total or 0) / 1e6,
    )
    if one.silent >= STANDS_STILL:
        told = said(
            "{file}. Nothing has come for {seconds:.0f} s; the download tries again by itself.",
            file=told,
            seconds=one.silent,
        )
    return message_bar(told, "running", fraction)


def _wish(*given: Any) -> TaskRequest:
    return TaskRequest([*given])


def _moved(bar: Any) -> Update:
    return bar, gr.skip()


def _standing(before: Update | None, update: Update) -> Update:
    bar, installed = update
    return bar, (before[1] if before and installed == gr.skip() else installed)


SHOWING: Showing[Update] = Showing(
    _standing,
    bar=lambda update: str(update[0]),
    cancelled=(message_bar(CANCELLED, "stopped"), gr.skip()),
    unattended=lambda minutes: (unattended_bar(minutes), gr.skip()),
)
