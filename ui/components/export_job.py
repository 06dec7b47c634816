"""The work behind an export's button, and how the page shows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from media.errors import InputError
from media.messages import said
from media.performance.formats import format_named, format_of
from studio.clips.events import Edited
from studio.clips.options import FORMATS, ExportOptions, clip_options
from studio.events import Result
from studio.gallery.export_bounds import check_bounds
from studio.gallery.exported_curves import export_curves
from studio.gallery.exports import ExportRequest, export_video, list_exports
from studio.gallery.tracks import track_cues
from studio.gallery.videos import Gallery
from studio.settings import Settings
from studio.waiting_tasks import KeptTask, TaskRequest
from ui.components.downloads import Link, links_html
from ui.components.filled import filled
from ui.components.progress import NOT_FINISHED, ended_bar, message_bar, time_left, unattended_bar, work_bar
from ui.errors import as_toast
from ui.i18n import say
from ui.in_turn import LastValue
from ui.server.addresses import Addresses
from ui.visitor_job import Showing

STAGES = {
    "opening": "Opening the video",
    "searching": "Searching the face",
    "writing": "Exporting",
    "finishing": "Finishing the file",
    "curves": "Writing the curves",
}
CLEAR = "webm-transparent"
"""The choice among the file types for a WebM without the background."""
CURVES = "face-curves"
"""The one for curves; a request adds the format, as in "face-curves:vrma"."""
NO_VIDEO = "There is no video to export yet. Generate one, or choose one in the gallery."
SECONDS_BETWEEN_UPDATES = 0.1

Update = tuple[Any, Any]
"""New values of the bar and of the links."""


def moved(bar: Any) -> Update:
    """An update of the bar only."""
    return bar, gr.skip()


def _standing(before: Update | None, update: Update) -> Update:
    bar, links = update
    return bar, (before[1] if before and links == gr.skip() else links)


SHOWING: Showing[Update] = Showing(
    _standing,
    bar=lambda update: str(update[0]),
    cancelled=moved(ended_bar(cancelled=True)),
    unattended=lambda minutes: moved(unattended_bar(minutes)),
)
"""How the fold shows its jobs."""


def export_wish(
    shape: str, fit: str, format: str, curves: str, subtitles: str | None, job_id: str | None
) -> TaskRequest:
    """What a click asks for, as it is stored in case of a restart."""
    if format == CURVES:
        return TaskRequest([shape, fit, f"{CURVES}:{curves}", job_id], {})
    return TaskRequest([shape, fit, format, job_id], {"subtitles": Path(subtitles)} if subtitles else {})


def export_work(settings: Settings) -> Callable[..., Generator[Update | LastValue[Update], None, None]]:
    """The work of an export."""

    def export(
        kept: KeptTask, owner: str | None, request: gr.Request
    ) -> Generator[Update | LastValue[Update], None, None]:
        """Export one of this visitor's videos; the last update carries its files."""
        try:
            shape, fit, format, job_id = kept.wish.values
            if not job_id:
                raise InputError(NO_VIDEO)
            gallery = Gallery(owner or "", settings)
            result = gallery.get(job_id).result
            check_bounds(gallery, result)
            if format.startswith(f"{CURVES}:"):
                yield from _curves(format.partition(":")[2], gallery, job_id)
                return
            wish = _wish(shape, fit, format, kept.wish.files.get("subtitles"))
            # From here on, it is this job's turn.
            yield moved(work_bar(STAGES["opening"], "0%", 0.0))
            if wish.subtitles is not None:
                wish = replace(wish, subtitles=kept.there(wish.subtitles))
            edited: Edited | None = None
            last, stage = 0.0, ""
            with closing(export_video(result, wish, settings)) as events:
                for event in events:
                    if isinstance(event, Edited):
                        edited = event
                        continue
                    now = time.monotonic()
                    if event.stage != stage or now - last >= SECONDS_BETWEEN_UPDATES:
                        last, stage = now, event.stage
                        left = "" if event.seconds_left is None else say(time_left(event.seconds_left))
                        right = " · ".join(filter(None, (f"{event.fraction:.0%}", left)))
                        yield moved(work_bar(STAGES[stage], right, event.fraction))
            assert edited is not None  # the last event, unless an error was raised
            done = message_bar("Done", "done", 1.0) + filled("notes.html", notes=edited.notes)
            yield LastValue((done, links_of(gallery, job_id)))
        except Exception as error:
            toast = as_toast(error)
            yield LastValue(moved(message_bar(NOT_FINISHED, "failed")))
            raise toast from None

    return export


def _curves(name: str, gallery: Gallery, job_id: str) -> Generator[Update | LastValue[Update], None, None]:
    """Write the curves of a video's voice; the last update carries its files."""
    yield moved(work_bar(STAGES["opening"], "0%", 0.0))
    last = 0.0
    with closing(export_curves(gallery.get(job_id).result, format_named(name), gallery.settings)) as steps:
        while True:
            try:
                fraction = next(steps)
            except StopIteration as end:
                notes = end.value.notes
                break
            if time.monotonic() - last >= SECONDS_BETWEEN_UPDATES:
                last = time.monotonic()
                yield moved(work_bar(STAGES["curves"], f"{fraction:.0%}", fraction))
    done = message_bar("Done", "done", 1.0) + filled("notes.html", notes=notes)
    yield LastValue((done, links_of(gallery, job_id)))


def _wish(shape: str, fit: str, format: str, subtitles: Path | None) -> ExportRequest:
    clear = format == CLEAR
    values = {"shape": shape, "fit": fit} | ({"background": "transparent"} if clear else {})
    options = clip_options(ExportOptions, values)
    if clear:
        return ExportRequest(options, "webm", subtitles)
    known = next((name for name in FORMATS if name == format), FORMATS[0])  # it becomes part of a file's name
    return ExportRequest(options, known, subtitles)


def links_of(gallery: Gallery, job_id: str) -> str:
    """A link for every existing export of a video, and the address of its subtitles for its player."""
    result: Result = gallery.get(job_id).result
    addresses = Addresses(gallery.settings)
    count = len(track_cues(result.path))
    track = filled("track.html", address=addresses.track(gallery.owner, result), count=count) if count else ""
    return track + links_html(
        [
            Link(
                f"export-{job_id}-{number}",
                _label(path.name),
                addresses.export(gallery.owner, result, path.name),
            )
            for number, path in enumerate(list_exports(result.path))
        ]
    )


def _label(name: str) -> str:
    """The label of an export, from its name: "Vertical, subtitles (mp4)"."""
    if (curves := format_of(name)) is not None:
        return curves.title
    stem, _, ending = name.rpartition(".")
    subtitles = ", subtitles" if stem.endswith("-subtitles") else ""
    stem = stem.removesuffix("-subtitles")
    clear = ", transparent" if stem.endswith("-transparent") else ""
    stem = stem.removesuffix("-transparent")
    shape = next((word for word in ("vertical", "square") if stem.endswith(f"-{word}")), "video")
    return said(f"{shape.capitalize()}{clear}{subtitles} ({{ending}})", ending=ending)
