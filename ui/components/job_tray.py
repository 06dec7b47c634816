"""The visitor's running and waiting jobs, above the tabs; a reloaded page finds its jobs here again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from media.messages import said
from ui.components.filled import filled
from ui.event_settings import QUIET, SPOKEN
from ui.event_values import value_of
from ui.following import session_of
from ui.i18n import message
from ui.theme import script
from ui.visitor_job import VisitorJob
from ui.visitor_jobs import VisitorJobs

SECONDS_BETWEEN_LOOKS = 2.0
LONG_SECONDS = 60.0
"""From here on, the end of a job is worth a notification: the visitor looks at something else by then."""
PAGE = "sessionStorage['joystudio-page']"
"""Where a window stores the session of its page, to name it after a reload."""


@dataclass(frozen=True)
class JobTray:
    """The list of jobs, and the timer that updates it while there are jobs. found: see `found_job`."""

    lines: gr.HTML
    timer: gr.Timer
    found: gr.Column

    def found_job(self) -> gr.Textbox:
        """A component for the id of a job that a reloaded page shows again; its `change` begins that.

        Not a State, which reports a change at each start of the page, when there is nothing to show: the
        events after it would cost every visit, and could end what a found job has begun. Outside the tabs,
        which are drawn when they are opened. The id alone shows no job to anyone but its owner.
        """
        with self.found:
            return gr.Textbox("", visible="hidden", show_label=False, container=False)


@dataclass(frozen=True)
class Interruptions:
    """What the tray does about a visitor's work that a restart has interrupted, all by the owner.

    videos: the number of those that wait in the gallery. tasks: id and title of the other work that waits.
    resume: takes up what can be, and returns the news of it. again, discard: one of the tasks, by its id.
    """

    videos: Callable[[str], int]
    tasks: Callable[[str], list[tuple[str, str]]]
    resume: Callable[[str, gr.Request], str | None]
    again: Callable[[str, str, gr.Request], object]
    discard: Callable[[str, str], object]


def build_job_tray() -> JobTray:
    """Draw it inside the current Blocks, empty."""
    lines = gr.HTML("", js_on_load=_scripts(), padding=False, elem_id="job-tray")
    timer = gr.Timer(SECONDS_BETWEEN_LOOKS, active=False)
    with gr.Column(visible="hidden") as found:
        pass
    return JobTray(lines, timer, found)


def _scripts() -> str:
    names = ("tray.js", "leaving.js", "live_return.js", "presses.js")
    return "\n".join(f"{{\n{script(name)}\n}}" for name in names)


def connect_job_tray(
    tray: JobTray,
    running: VisitorJobs,
    visitor: gr.State,
    found_jobs: Mapping[str, gr.Textbox],
    known: Any,
    interrupted: Interruptions,
) -> None:
    """Connect it, once every tab is drawn.

    found_jobs: by engine, the component in its tab for the id of a job that the tab continues to show. known:
    the event after which the visitor is known.
    """
    before = gr.Textbox("", visible=False)
    news = [tray.lines, tray.timer, *found_jobs.values()]

    def lines(owner: str, jobs: list[VisitorJob[Any]]) -> str:
        return tray_html(jobs, interrupted.videos(owner), interrupted.tasks(owner))

    async def look(owner: str, earlier: str, request: gr.Request) -> list[Any]:
        running.seen(owner)
        session, jobs = session_of(request), running.of(owner)
        found = [running.to_follow(owner, engine, session, earlier) for engine in found_jobs]
        ids = (job.info.id if job else gr.skip() for job in found)
        return [await asyncio.to_thread(lines, owner, jobs), gr.Timer(active=bool(jobs)), *ids]

    async def arrive(owner: str, earlier: str, request: gr.Request) -> list[Any]:
        if told := interrupted.resume(owner, request):
            gr.Info(message(told), duration=10)
        return await look(owner, earlier, request)

    async def click(owner: str, earlier: str, event: gr.EventData, request: gr.Request) -> list[Any]:
        one, what = str(value_of(event, "job")), value_of(event, "what")
        if what == "cancel":
            job = running.get(owner, one)
            if job is not None:
                job.cancel()
            others = [each for each in running.of(owner) if each is not job]
            return [lines(owner, others), *[gr.skip()] * (len(news) - 1)]
        if what == "again":
            interrupted.again(owner, one, request)
        elif what == "discard":
            interrupted.discard(owner, one)
        return await look(owner, earlier, request)

    inputs = [visitor, before]
    # Queued although it is quick: only then does Gradio show messages.
    seen = known.then(arrive, inputs, news, js=f"(owner) => [owner, {PAGE} || '']", **SPOKEN)
    noted = seen.then(session_of, None, before, **QUIET)
    noted.then(None, before, None, js=f"(page) => {{ {PAGE} = page; }}", **QUIET)
    tray.timer.tick(look, inputs, news, **SPOKEN)
    tray.lines.click(click, inputs, news, **QUIET)


def tray_html(
    jobs: list[VisitorJob[Any]], interrupted: int = 0, tasks: Sequence[tuple[str, str]] = ()
) -> str:
    """A line for each job: the engine, the portrait, its progress, and a button that cancels it.

    interrupted: videos that ended with an earlier process of the page; one line tells where to run them.
    tasks: id and title of other work that did; each has a button that starts it again.
    """
    rows = [
        {
            "id": job.info.id,
            "title": job.info.title,
            "portrait": job.info.portrait,
            "bar": Markup(job.bar),
            "long": job.seconds >= LONG_SECONDS,
        }
        for job in jobs
    ]
    if not (rows or interrupted or tasks):
        return ""
    told = said(
        "1 job was interrupted when the page stopped. Open the gallery to run or discard it."
        if interrupted == 1
        else "{count} jobs were interrupted when the page stopped. Open the gallery to run or discard them.",
        count=interrupted,
    )
    return filled("tray.html", rows=rows, interrupted=told if interrupted else "", tasks=tasks)
