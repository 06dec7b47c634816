"""The gallery's notice about jobs that a restart of the page interrupted, and its two buttons."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import gradio as gr

from media.errors import InputError
from media.messages import said
from studio.events import Finished, Progress
from studio.run import run
from studio.waiting_jobs import Interrupted, KeptJob
from ui.components.progress import NOT_FINISHED, STAGES, message_bar, time_left, work_bar
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.event_settings import QUIET, SILENT, SPOKEN
from ui.given_inputs import note_given
from ui.i18n import say, t
from ui.in_turn import LastValue, taking_turns
from ui.page_context import PageContext

SECONDS_BETWEEN_UPDATES = 0.2


@dataclass(frozen=True)
class Notice:
    """Its components: the whole notice, its text, the two buttons and the progress bar."""

    whole: gr.Column
    text: gr.HTML
    make: gr.Button
    discard: gr.Button
    bar: gr.HTML

    @property
    def components(self) -> list[Any]:
        """The components that `shown` updates, in its order."""
        return [self.whole, self.text]


def build_notice(names: ElementIds) -> Notice:
    """Draw it inside the current Blocks; it is hidden while there are no such jobs."""
    with gr.Column(visible=False, **names("interrupted")) as whole:
        text = gr.HTML("", padding=False, **names("interrupted-text", "hint"))
        with gr.Row(elem_classes=["actions"]):
            make = gr.Button(t("Run now"), variant="primary", scale=3, **names("make-interrupted"))
            discard = gr.Button(t("Discard"), scale=1, min_width=80, **names("discard-interrupted"))
        bar = gr.HTML("", padding=False, **names("interrupted-bar"))
    return Notice(whole, text, make, discard, bar)


def connect_notice(context: PageContext, notice: Notice, tab: gr.Tab) -> Any:
    """Connect it. Returns the event of the work, for the code that shows the videos afterwards."""

    def look(owner: str) -> list[Any]:
        return shown(context.jobs.interrupted(owner))

    def discard(owner: str) -> list[Any]:
        for one in context.jobs.interrupted(owner):
            with suppress(InputError):  # run or discarded in another tab
                context.jobs.discard(owner, one.id)
        return look(owner)

    tab.select(look, context.visitor, notice.components, **QUIET)
    discarded = notice.discard.click(discard, context.visitor, notice.components, **SPOKEN)

    def make(owner: str, request: gr.Request) -> Generator[Any, None, None]:
        yield from _make_all(context, owner)

    made = notice.make.click(
        taking_turns(make, context.line, context.settings, lambda bar: bar),
        context.visitor,
        notice.bar,
        **SILENT,
        concurrency_limit=None,  # the page's own line decides
        api_visibility="private",
    )
    made.then(look, context.visitor, notice.components, **QUIET)
    for done in (discarded, made):  # the tray looks once more
        done.then(lambda: gr.Timer(active=True), None, context.tray.timer, **QUIET)
    return made


def shown(jobs: list[Interrupted]) -> list[Any]:
    """Updates of the notice for the given jobs."""
    if not jobs:
        return [gr.Column(visible=False), ""]
    count = len(jobs)
    sentence = (
        "1 job was interrupted when the page stopped. Its portrait and voice are still stored here."
        if count == 1
        else said(
            "{count} jobs were interrupted when the page stopped. Their portraits and voices are still "
            "stored here.",
            count=count,
        )
    )
    return [gr.Column(visible=True), f"<p>{say(sentence)}</p>"]


def _make_all(context: PageContext, owner: str) -> Iterator[Any]:
    """Make a visitor's interrupted jobs one after the other. Closing leaves the rest interrupted."""
    jobs = context.jobs.interrupted(owner)
    yield message_bar("Waiting in the queue", "waiting")
    for number, one in enumerate(jobs):
        try:
            kept = context.jobs.take(owner, one.id)
        except InputError:  # run or discarded in another tab
            continue
        yield from _make(context, owner, kept, number, len(jobs))
    yield LastValue(message_bar("Done", "done", 1.0))


def _make(context: PageContext, owner: str, kept: KeptJob, number: int, count: int) -> Iterator[Any]:
    last = 0.0
    try:
        with closing(run(kept.job, context.settings, owner=owner)) as events:
            for event in events:
                if isinstance(event, Progress) and time.monotonic() - last >= SECONDS_BETWEEN_UPDATES:
                    last = time.monotonic()
                    left = "" if event.seconds_left is None else say(time_left(event.seconds_left))
                    what = said(
                        "Video {number} of {count}: {stages}",
                        number=number + 1,
                        count=count,
                        stages=STAGES[event.stage].lower(),
                    )
                    yield work_bar(what, left, (number + event.fraction) / count)
                elif isinstance(event, Finished):
                    note_given(event.result, kept.job, context.settings)
        kept.done(made=True)
    except Exception as error:
        kept.done()
        toast = as_toast(error)
        yield LastValue(message_bar(NOT_FINISHED, "failed"))
        raise toast from None
    finally:
        kept.release()
