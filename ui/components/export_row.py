"""Exports a finished video in another shape or file type, and offers the files for download."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from media.errors import InputError, JoyStudioError
from media.messages import said
from studio.clips.events import Edited
from studio.clips.options import FORMATS, ExportOptions, clip_options
from studio.events import Result
from studio.gallery.export_bounds import check_bounds
from studio.gallery.exports import Wish, export_video, list_exports
from studio.gallery.videos import Gallery
from studio.options import options_of_model
from studio.settings import Settings
from ui.components.addressed import UploadedFile
from ui.components.cancel_button import build_cancel_button, cancel_update, connect_cancel, was_cancelled
from ui.components.downloads import Downloads, Link, links_html
from ui.components.filled import filled
from ui.components.options_form import component_for
from ui.components.progress import NOT_FINISHED, ended_bar, message_bar, time_left, work_bar
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.event_settings import QUIET, SILENT
from ui.i18n import say, t
from ui.in_turn import Last, taking_turns
from ui.page_context import PageContext
from ui.server.addresses import Addresses

STAGES = {
    "opening": "Opening the video",
    "searching": "Searching the face",
    "writing": "Exporting",
    "finishing": "Finishing the file",
}
CHOSEN = ("shape", "fit")
"""The options that visitors choose; the others keep their defaults, which limits the size of a file."""
NO_VIDEO = "There is no video to export yet. Generate one, or choose one in the gallery."
SECONDS_BETWEEN_UPDATES = 0.1

Update = tuple[Any, Any]
"""New values of the bar and of the links."""


@dataclass(frozen=True)
class ExportRow:
    """The fold's components."""

    export: gr.Button
    cancel: gr.Button
    bar: gr.HTML
    files: gr.HTML


def build_export_row(
    context: PageContext, names: ElementIds, downloads: Downloads, job_id: gr.State
) -> ExportRow:
    """Draw the fold and connect it.

    downloads: the links of its video, which change together with it. job_id: the video's id, or None.
    """
    options = {option.name: option for option in options_of_model(ExportOptions)}
    with gr.Accordion(t("Export"), open=False, **names("export-fold")):
        chosen = [component_for(options[name], ElementIds(f"{names.engine}-export")) for name in CHOSEN]
        kind = gr.Radio(
            [(name, name) for name in FORMATS],
            value="mp4",
            label=t("File type"),
            info=t("WebM is smaller. A GIF has no sound and lasts at most a minute."),
            **names("export-format"),
        )
        subtitles = UploadedFile(
            label=t("Subtitles (.srt or .vtt), optional"),
            file_types=[".srt", ".vtt"],
            height=120,
            **names("export-subtitles"),
        )
        with gr.Row(elem_classes=["actions"]):
            button = gr.Button(t("Export"), interactive=False, scale=3, min_width=120, **names("export"))
            cancel = build_cancel_button(names, "export-cancel")
        bar = gr.HTML("", padding=False, **names("export-progress"))
        files = gr.HTML("", padding=False, elem_classes=["downloads"], elem_id=f"{names.engine}-exports")
    row = ExportRow(button, cancel, bar, files)
    _connect(context, row, downloads, job_id, [*chosen, kind, subtitles])
    return row


def _connect(
    context: PageContext, row: ExportRow, downloads: Downloads, job_id: gr.State, given: list[Any]
) -> None:
    settings = context.settings

    def show(owner: str, chosen: str | None) -> tuple[Any, ...]:
        try:
            links = _links(Gallery(owner, settings), chosen) if chosen else ""
        except JoyStudioError:  # the gallery reports the error
            links = ""
        return gr.Button(interactive=bool(chosen)), cancel_update(running=False), "", links

    def failed(words: str) -> tuple[Any, ...]:
        return *_buttons(running=False), ended_bar(was_cancelled(words))

    buttons = [row.export, row.cancel]
    downloads.html.change(show, [context.visitor, job_id], [*buttons, row.bar, row.files], **QUIET)
    started = row.export.click(lambda: _buttons(running=True), None, buttons, **QUIET)
    done = started.success(
        taking_turns(export_function(settings), context.line, settings, lambda bar: (bar, gr.skip())),
        [*given, job_id, context.visitor],
        [row.bar, row.files],
        **SILENT,
        concurrency_limit=None,  # the page's own line decides
        api_visibility="private",
    )
    done.success(lambda: _buttons(running=False), None, buttons, **QUIET)
    done.failure(failed, row.cancel, [*buttons, row.bar], **QUIET)
    connect_cancel(row.cancel, [done])


def export_function(settings: Settings) -> Any:
    """The function that exports a visitor's own video."""

    def export(
        shape: str,
        fit: str,
        format: str,
        subtitles: str | None,
        job_id: str | None,
        owner: str | None,
        request: gr.Request,
    ) -> Generator[Update | Last[Update], None, None]:
        """Export one of this visitor's videos; the last update carries its files."""
        try:
            if not job_id:
                raise InputError(NO_VIDEO)
            gallery = Gallery(owner or "", settings)
            result = gallery.get(job_id).result
            check_bounds(gallery, result)
            wish = _wish(shape, fit, format, subtitles)
            # From here on, it is this job's turn.
            yield work_bar(STAGES["opening"], "0%", 0.0), gr.skip()
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
                        yield work_bar(STAGES[stage], right, event.fraction), gr.skip()
            assert edited is not None  # the last event, unless an error was raised
            done = message_bar("Done", "done", 1.0) + filled("notes.html", notes=edited.notes)
            yield Last((done, _links(gallery, job_id)))
        except Exception as error:
            toast = as_toast(error)
            yield Last((message_bar(NOT_FINISHED, "failed"), gr.skip()))
            raise toast from None

    return export


def _wish(shape: str, fit: str, format: str, subtitles: str | None) -> Wish:
    options = clip_options(ExportOptions, {"shape": shape, "fit": fit})
    known = next((name for name in FORMATS if name == format), FORMATS[0])  # it becomes part of a file's name
    return Wish(options, known, Path(subtitles) if subtitles else None)


def _links(gallery: Gallery, job_id: str) -> str:
    """A link for every existing export of a video."""
    result: Result = gallery.get(job_id).result
    addresses = Addresses(gallery.settings)
    return links_html(
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
    """The label of an export, from its name: "Vertical (mp4)"."""
    stem, _, ending = name.rpartition(".")
    subtitles = ", subtitles" if stem.endswith("-subtitles") else ""
    stem = stem.removesuffix("-subtitles")
    shape = next((word for word in ("vertical", "square") if stem.endswith(f"-{word}")), "video")
    return said(f"{shape.capitalize()}{subtitles} ({{ending}})", ending=ending)


def _buttons(*, running: bool) -> tuple[gr.Button, gr.Button]:
    """Both buttons during an export, or after it."""
    return gr.Button(interactive=not running), cancel_update(running=running)
