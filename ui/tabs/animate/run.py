"""Runs a job for the page: a generator over `studio.run` that ends the work when it is closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import gradio as gr

from media.errors import OutputError
from media.segment import Segment
from studio.events import Finished, Progress, Result
from studio.gallery.kept_inputs import PARTS
from studio.gallery.visitors import NO_OWNER, new_token, owner_of_token
from studio.in_use import holding
from studio.job import Job
from studio.run import run
from studio.settings import Settings
from studio.video_segments import with_segments
from studio.waiting_jobs import KeptJob, WaitingJobs, with_files
from ui.components.consent import ask_consent
from ui.components.portrait_choice import PortraitChoice
from ui.components.progress import NOT_FINISHED, ended_bar, message_bar, progress_bar, unattended_bar
from ui.components.recorded_performance import taken_performance
from ui.components.result import download_files, facts_html
from ui.components.second_voice import second_voice
from ui.components.typed_text import SpokenFile, typed_text
from ui.errors import as_toast
from ui.given_inputs import given_of, note_given
from ui.in_turn import LastValue
from ui.server.addresses import page_address
from ui.tabs.animate.make import make_job, make_job_again
from ui.tabs.animate.screen import QUICK_ENGINE
from ui.uploads_used import note_uploads
from ui.visitor_job import Showing

SECONDS_BETWEEN_UPDATES = 0.1
"""Seconds between two updates of the bar. Shorter intervals would only keep the browser busy."""

Update = tuple[Any, Any, Any, Any, Any]
"""Updates of the video, the facts, the bar, the downloads and the kept job."""


def animate_function(
    engine: str, settings: Settings, jobs: WaitingJobs
) -> Callable[..., Generator[Update | LastValue[Update], None, None]]:
    """The page's main function for one engine."""

    def animate(
        consent: bool,
        portrait: str | None,
        voice: str | None,
        seed: float | None,
        choice: PortraitChoice,
        spoken: SpokenFile | None,
        text: str | None,
        language: str,
        speaker: str,
        speed: float,
        who: str,
        second: str | None,
        start: float | None,
        second_face: int | str | None,
        preset: str | None,
        owner: str | None,
        request: gr.Request,
        **options: Any,
    ) -> Generator[Update | LastValue[Update], None, None]:
        """Make a talking-head video from a portrait and a voice; the last update carries the video."""
        ask_consent(consent)
        picked = choice.picked

        def make() -> Job:
            typed = typed_text(text, language, speaker, speed)
            two = second_voice(who, second, start, second_face)
            recorded = taken_performance(options)
            return make_job(
                engine, portrait, voice, seed, picked, preset, options, spoken, typed, two, recorded
            )

        yield from _follow(make, settings, jobs, owner, request)

    return animate


def preview_function(
    settings: Settings, jobs: WaitingJobs
) -> Callable[..., Generator[Update | LastValue[Update], None, None]]:
    """The function that previews the same portrait and voice with the quick engine and its defaults."""

    def preview(
        consent: bool,
        portrait: str | None,
        voice: str | None,
        seed: float | None,
        choice: PortraitChoice,
        spoken: SpokenFile | None,
        text: str | None,
        language: str,
        speaker: str,
        speed: float,
        who: str,
        second: str | None,
        start: float | None,
        second_face: int | str | None,
        owner: str | None,
        mode: str,
        request: gr.Request,
        **performance: Any,
    ) -> Generator[Update | LastValue[Update], None, None]:
        """Make the video with the preview engine: in seconds, without weights."""
        ask_consent(consent)
        picked, options = choice.picked, {"animation_mode": mode}

        def make() -> Job:
            typed = typed_text(text, language, speaker, speed)
            two = second_voice(who, second, start, second_face)
            recorded = taken_performance(performance)
            return make_job(
                QUICK_ENGINE, portrait, voice, seed, picked, None, options, spoken, typed, two, recorded
            )

        yield from _follow(make, settings, jobs, owner, request)

    return preview


def again_function(
    settings: Settings, jobs: WaitingJobs
) -> Callable[..., Generator[Update | LastValue[Update], None, None]]:
    """The function that renders a saved motion with other options."""

    def render_again(
        consent: bool,
        kept: Job | None,
        preset: str | None,
        owner: str | None,
        request: gr.Request,
        **options: Any,
    ) -> Generator[Update | LastValue[Update], None, None]:
        """Render the motion of this session's last video again, with the options as they are now."""
        ask_consent(consent)
        yield from _follow(lambda: make_job_again(kept, preset, options), settings, jobs, owner, request)

    return render_again


def _follow(
    make: Callable[[], Job],
    settings: Settings,
    jobs: WaitingJobs,
    owner: str | None,
    request: gr.Request,
) -> Generator[Update | LastValue[Update], None, None]:
    """Run a job and report its progress to the page; closing ends the work."""
    try:
        kept = jobs.keep(make(), owner or NO_OWNER)
    except Exception as error:
        toast = as_toast(error)
        yield LastValue(moved(message_bar(NOT_FINISHED, "failed")))
        raise toast from None
    owner = owner or owner_of_token(new_token())  # a visit that the server has forgotten still gets its video
    yield from run_kept(kept, settings, owner, page_address(request))


def run_kept(
    kept: KeptJob, settings: Settings, owner: str, page: str
) -> Generator[Update | LastValue[Update], None, None]:
    """The same for a job that is stored in case of a restart. page: the address of the visitor's page."""
    with holding(*kept.job.files.values()):  # while it waits, too: other visitors may have the same uploads
        yield from _run_held(kept, settings, owner, page)


def _run_held(
    kept: KeptJob, settings: Settings, owner: str, page: str
) -> Generator[Update | LastValue[Update], None, None]:
    made = False
    try:
        # From here on it is this job's turn: a waiting job is checked, and stored in case of a restart.
        yield moved(progress_bar("opening", 0.0))
        kept.begin()
        job = with_files(kept.job, kept)
        last, stage = 0.0, ""
        with closing(with_segments(run(job, settings, owner=owner), job, settings)) as events:
            for event in events:
                if isinstance(event, Finished):
                    made = True
                    yield LastValue(_finished(job, kept, event.result, settings, owner, page))
                elif isinstance(event, Segment):
                    yield event, *moved(gr.skip())[1:]
                elif isinstance(event, Progress):
                    now = time.monotonic()
                    if event.stage != stage or now - last >= SECONDS_BETWEEN_UPDATES:
                        last, stage = now, event.stage
                        yield moved(progress_bar(event.stage, event.shown, event.seconds_left))
    except Exception as error:
        toast = as_toast(error)
        yield LastValue(moved(message_bar(NOT_FINISHED, "failed")))
        raise toast from None
    finally:
        kept.done(made=made)


def _finished(job: Job, kept: KeptJob, result: Result, settings: Settings, owner: str, page: str) -> Update:
    """The video, its facts, and its files."""
    facts = facts_html(result)
    note_uploads(result.job_id, list(job.files.values()), settings)
    note_given(result, job, settings)
    again = _again(job, kept.path, result, settings)
    try:
        out = download_files(result, owner, settings, page)
    except OutputError as error:
        return None, facts, message_bar(str(error), "failed", 1.0), None, again
    return out.player, facts, message_bar("Done", "done", 1.0), out, again


def _again(job: Job, folder: Path | None, result: Result, settings: Settings) -> Job | None:
    """The job that renders the motion again, without files in the job's own folder, which is removed now."""
    if result.motion is None or folder in result.motion.parents:
        return None
    files: dict[str, Path] = {"motion": result.motion}
    if folder is not None and any(folder in file.parents for file in job.files.values()):
        with suppress(OutputError):
            given = given_of(result, settings)
            files |= {part: file for part in PARTS if (file := getattr(given, part)) is not None}
    return job.with_files(files)


def standing(before: Update | None, update: Update) -> Update:
    """The values for a page that finds a job again: the last of each, without the segments of the video."""
    earlier = before or (gr.skip(),) * len(update)
    video, facts, bar, file, kept = (
        old if new == gr.skip() or isinstance(new, Segment) else new
        for old, new in zip(earlier, update, strict=True)
    )
    return video, facts, bar, file, kept


SHOWING: Showing[Update] = Showing(
    standing,
    bar=lambda update: str(update[2]),
    cancelled=(None, gr.skip(), ended_bar(cancelled=True), gr.skip(), gr.skip()),
    unattended=lambda minutes: (None, gr.skip(), unattended_bar(minutes), gr.skip(), gr.skip()),
)
"""How a tab shows its jobs."""


def moved(bar: Any) -> Update:
    """An update of the bar only."""
    return gr.skip(), gr.skip(), bar, gr.skip(), gr.skip()
