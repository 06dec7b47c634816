"""What the tabs of one page share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gradio as gr

from studio.admission import Line, LineLimits
from studio.hosting.spaces import on_space
from studio.settings import Settings
from studio.waiting_jobs import WaitingJobs
from studio.waiting_tasks import WaitingTasks
from ui.components.job_tray import JobTray
from ui.viewing import ViewingGate
from ui.visitor_jobs import VisitorJobs

if TYPE_CHECKING:
    from ui.components.inputs import Inputs
    from ui.components.portrait_preview import PortraitPreview
    from ui.lasting_task import LastingTask
    from ui.tabs.animate.screen import AnimateScreen
    from ui.tabs.dub.screen import DubScreen
    from ui.tabs.live.screen import LiveScreen


@dataclass(frozen=True)
class PageContext:
    """The page around the tabs, while it is being built.

    visitor: the owner, as in `studio.gallery.visitors`, of this visit's videos; it stays on the server.
    known: the event after which it is known; a tab may be open before.
    gate: passed before anything examines an upload.
    jobs: videos of visitors that must survive a restart of the page. tasks: their other work.
    lasting: the kinds of that work, by the name of their jobs.
    screens: the engines' tabs drawn so far, by engine, which is also the id of the tab.
    live: the tab that goes live, by its id, once it is drawn. dub: the same for the one that dubs a video.
    views: how the tabs drawn so far see a portrait, by the id of the tab.
    line: where every job of the page waits for its turn, from tabs and programs.
    downloads: where downloads of weights wait, one after the other.
    running: the jobs of visitors, which continue without a page.
    tray: the list that shows them.
    inputs: portrait, voice, seed and consent, which every tab uses.
    found: by the id of a tab, the component for the id of a job that the tab continues to show.
    """

    settings: Settings
    visitor: gr.State
    known: Any
    tabs: gr.Tabs
    page: gr.Blocks
    gate: ViewingGate
    jobs: WaitingJobs
    tasks: WaitingTasks
    line: Line
    downloads: Line
    running: VisitorJobs
    tray: JobTray
    inputs: Inputs
    screens: dict[str, AnimateScreen] = field(default_factory=dict)
    live: dict[str, LiveScreen] = field(default_factory=dict)
    dub: dict[str, DubScreen] = field(default_factory=dict)
    views: dict[str, PortraitPreview] = field(default_factory=dict)
    found: dict[str, gr.Textbox] = field(default_factory=dict)
    lasting: dict[str, LastingTask[Any]] = field(default_factory=dict)


def job_line(settings: Settings, jobs: WaitingJobs) -> Line:
    """The line of one page's jobs, with the limits of its settings; it closes when `jobs` are ended."""
    return Line(
        LineLimits(
            at_once=settings.jobs_at_once,
            places=settings.queue_size,
            per_visitor=settings.jobs_per_visitor,
            per_address=settings.jobs_per_address,
            pausing=not on_space(),  # a GPU that is lent for a job must not be idle
        ),
        stopping=lambda: jobs.ending,
        stored=True,
    )


def download_line(settings: Settings, jobs: WaitingJobs) -> Line:
    """The line of downloads: one after the other, so that two visitors do not fetch the same files."""
    return Line(
        LineLimits(
            at_once=1,
            places=settings.queue_size,
            per_visitor=settings.jobs_per_visitor,
            per_address=settings.jobs_per_address,
        ),
        what="downloads",
        stopping=lambda: jobs.ending,
        stored=True,
    )


def speech_line(settings: Settings, jobs: WaitingJobs) -> Line:
    """The line of texts to be spoken, with the limits of the uploads that the page examines."""
    return Line(
        LineLimits(
            at_once=settings.views_at_once,
            places=settings.queue_size,
            per_visitor=settings.jobs_per_visitor,
            per_address=settings.jobs_per_address,
        ),
        what="texts",
        stopping=lambda: jobs.ending,
    )
