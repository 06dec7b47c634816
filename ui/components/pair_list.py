"""A list of pairs, chosen or dropped with its files: a table of progress, and a zip at the end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import gradio as gr

from media.errors import InputError, JoyStudioError
from studio.gallery.visitors import NO_OWNER
from studio.waiting_tasks import TaskRequest
from ui.components.consent import ask_consent
from ui.components.filled import filled
from ui.components.pair_list_job import (
    LARGEST,
    LISTS,
    MOST_FILES,
    SHOWING,
    moved,
    pairs_wish,
    pairs_work,
    read_pairs,
    rows_of,
    table_html,
)
from ui.components.progress import waiting_bar
from ui.element_ids import PAGE, ElementIds
from ui.errors import as_toast
from ui.event_settings import QUIET, SILENT, SPOKEN
from ui.event_values import content_of, value_of
from ui.following import follow_function, session_of
from ui.lasting_task import LastingTask
from ui.lasting_tasks import lasting
from ui.page_context import PageContext
from ui.theme import script

JOB = "pairs"
"""The name of lists among a visitor's jobs."""
STILL = "Your last list is still being made. Wait for its end, or cancel it in the list of your jobs."


@dataclass(frozen=True)
class PairList:
    """Its components. wish: the list that is being made.

    button: is never drawn again, so that it keeps the focus and an open dialog for files.
    """

    button: gr.HTML
    table: gr.HTML
    bar: gr.HTML
    wish: gr.State


def build_pair_list() -> PairList:
    """Draw it inside the current Blocks."""
    names = ElementIds(PAGE)
    constants = {"LISTS": LISTS, "LARGEST": LARGEST, "MOST_FILES": MOST_FILES}
    lines = [f"const {name} = {json.dumps(value)};" for name, value in constants.items()]
    button = gr.HTML(
        filled("pair_list.html"),
        js_on_load="\n".join((*lines, script("file_content.js"), script("pair_list.js"))),
        padding=False,
        **names("pairs"),
    )
    table = gr.HTML(table_html([]), padding=False, **names("pairs-table"))
    return PairList(button, table, gr.HTML("", padding=False, **names("pairs-progress")), gr.State(None))


def connect_pair_list(context: PageContext, pairs: PairList) -> None:
    """Connect it, once every tab is drawn."""
    running = context.running

    def begin(consent: bool, owner: str | None, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        ask_consent(consent)
        if any(job.info.tab == JOB for job in running.of(owner or NO_OWNER)):
            raise as_toast(InputError(STILL))
        try:
            wish = pairs_wish(value_of(event, "name"), content_of(event), value_of(event, "files"))
            lines = read_pairs(wish)
        except JoyStudioError as error:
            raise as_toast(error) from None
        running.expect(session_of(request), JOB)
        return wish, waiting_bar(), table_html(rows_of(lines)), gr.Timer(active=True)

    shown = [pairs.bar, pairs.table]
    followed: dict[str, Any] = {
        **SILENT,
        "concurrency_limit": None,  # the page's own line decides
        "api_visibility": "private",
    }
    started = pairs.button.upload(
        begin,
        [context.inputs.consent, context.visitor],
        [pairs.wish, *shown, context.tray.timer],
        **SPOKEN,
    )
    work = pairs_work(context.settings)
    task = LastingTask(JOB, "List of videos", context.line, SHOWING, moved, _same, work)
    started.success(lasting(task, context), [context.visitor, pairs.wish], shown, **followed)
    found = context.found[JOB] = context.tray.found_job()
    again = found.change(lambda found: gr.skip() if not found else waiting_bar(), found, pairs.bar, **QUIET)
    again.success(follow_function(running, moved(gr.skip())), [found, context.visitor], shown, **followed)


def _same(wish: TaskRequest) -> TaskRequest:
    return wish
