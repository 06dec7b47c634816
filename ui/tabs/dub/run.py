"""Runs a dub for the page: a generator that ends the work when it is closed."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any

import gradio as gr

from media.errors import OutputError
from studio.dubbing.events import DubFinished, DubPreview
from studio.dubbing.job import DubJob
from studio.dubbing.recorded import recorded
from studio.dubbing.run import run_dub
from studio.dubbing.view import preview_jpeg
from studio.events import Progress, Result
from studio.gallery.visitors import new_token, owner_of_token
from studio.in_use import holding
from studio.settings import Settings
from studio.waiting_jobs import with_files
from studio.waiting_tasks import KeptTask
from ui.components.filled import filled
from ui.components.progress import NOT_FINISHED, ended_bar, message_bar, time_left, unattended_bar, work_bar
from ui.components.result import download_files, facts_html
from ui.errors import as_toast
from ui.given_inputs import note_given_dub
from ui.i18n import say
from ui.in_turn import LastValue
from ui.server.addresses import page_address
from ui.tabs.dub.asked import dub_asked
from ui.uploads_used import note_uploads
from ui.visitor_job import Showing

SECONDS_BETWEEN_UPDATES = 0.1
SECONDS_BETWEEN_PICTURES = 1.0
"""A picture has about 40 kB, which every page that follows the job gets."""
STAGES = {
    "opening": "Reading video and voice",
    "loading": "Loading the networks",
    "following": "Finding the faces",
    "sampling": "Generating the motion",
    "rendering": "Painting the mouths",
    "finishing": "Finishing the file",
}

Update = tuple[Any, Any, Any, Any, Any]
"""Updates of the video, the live picture, the facts, the bar and the downloads."""


def moved(bar: Any) -> Update:
    """An update of the bar only."""
    return gr.skip(), gr.skip(), gr.skip(), bar, gr.skip()


def _standing(before: Update | None, update: Update) -> Update:
    earlier = before or (gr.skip(),) * len(update)
    video, live, facts, bar, file = (
        old if new == gr.skip() else new for old, new in zip(earlier, update, strict=True)
    )
    return video, live, facts, bar, file


SHOWING: Showing[Update] = Showing(
    _standing,
    bar=lambda update: str(update[3]),
    cancelled=(None, "", gr.skip(), ended_bar(cancelled=True), gr.skip()),
    unattended=lambda minutes: (None, "", gr.skip(), unattended_bar(minutes), gr.skip()),
)
"""How the tab shows its jobs."""


def dub_work(
    settings: Settings,
) -> Callable[[KeptTask, str | None, gr.Request], Generator[Update | LastValue[Update], None, None]]:
    """The work of the tab. After a restart, it begins again."""

    def make(
        kept: KeptTask, owner: str | None, request: gr.Request
    ) -> Generator[Update | LastValue[Update], None, None]:
        with holding(*kept.wish.files.values()):  # while it waits, too: a video made from them may be deleted
            try:
                job = dub_asked(kept.wish, settings)
                # From here on, it is this job's turn.
                yield moved(_bar(Progress("opening", 0.0, None)))
                job = with_files(job, kept)
                yield from _follow(job, settings, owner or owner_of_token(new_token()), page_address(request))
            except Exception as error:
                toast = as_toast(error)
                yield LastValue((gr.skip(), "", gr.skip(), message_bar(NOT_FINISHED, "failed"), gr.skip()))
                raise toast from None

    return make


def _follow(
    job: DubJob, settings: Settings, owner: str, page: str
) -> Generator[Update | LastValue[Update], None, None]:
    told, pictured, stage = 0.0, 0.0, ""
    with closing(run_dub(job, settings)) as events:
        for event in events:
            now = time.monotonic()
            if isinstance(event, DubFinished):
                result = recorded(event.result, job, settings, owner)
                yield LastValue(_finished(job, result, settings, owner, page))
            elif isinstance(event, DubPreview) and now - pictured >= SECONDS_BETWEEN_PICTURES:
                pictured = now
                yield gr.skip(), live_html(preview_jpeg(event.picture)), gr.skip(), gr.skip(), gr.skip()
            elif isinstance(event, Progress) and (
                event.stage != stage or now - told >= SECONDS_BETWEEN_UPDATES
            ):
                told, stage = now, event.stage
                yield moved(_bar(event))


def _finished(job: DubJob, result: Result, settings: Settings, owner: str, page: str) -> Update:
    """The video, its facts, and its files."""
    facts = facts_html(result)
    note_uploads(result.job_id, (job.video, job.voice), settings)
    note_given_dub(result, job, settings)
    try:
        out = download_files(result, owner, settings, page)
    except OutputError as error:
        return None, "", facts, message_bar(str(error), "failed", 1.0), None
    return out.player, "", facts, message_bar("Done", "done", 1.0), out


def live_html(jpeg: bytes) -> str:
    """The last painted frame, in the place of the player."""
    return filled("dub_live.html", picture=base64.b64encode(jpeg).decode())


def _bar(event: Progress) -> str:
    right = f"{event.fraction:.0%}"
    if event.seconds_left is not None and event.stage in ("following", "rendering"):
        right += f" · {say(time_left(event.seconds_left))}"
    return work_bar(STAGES[event.stage], right, event.fraction)
