"""Exports a finished video in another shape or file type, and offers the files for download."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from media.performance.formats import FORMATS as CURVE_FORMATS
from studio.clips.options import FORMATS, ExportOptions
from studio.gallery.tracks import keep_track, remove_track
from studio.gallery.videos import Gallery
from studio.options import options_of_model
from ui.components.addressed import UploadedFile
from ui.components.cancel_button import build_cancel_button, cancel_update, connect_cancel, was_cancelled
from ui.components.downloads import Downloads
from ui.components.export_job import CLEAR, CURVES, SHOWING, export_wish, export_work, links_of, moved
from ui.components.options_form import component_for
from ui.components.progress import ended_bar
from ui.components.share_row import ShareRow
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.event_settings import QUIET, SILENT, SPOKEN
from ui.event_values import value_of
from ui.following import follow_function, session_of
from ui.i18n import t
from ui.lasting_task import LastingTask
from ui.lasting_tasks import lasting
from ui.page_context import PageContext
from ui.theme import script

CHOSEN = ("shape", "fit")
"""The options that visitors choose; the others keep their defaults, which limits the size of a file."""
WISH = ("shape", "format")
"""What the share row's event carries: the values of `ExportRow.wish`."""


@dataclass(frozen=True)
class ExportRow:
    """The fold and its components. wish: the shape and the file type."""

    fold: gr.Accordion
    wish: list[Any]
    export: gr.Button
    cancel: gr.Button
    bar: gr.HTML
    files: gr.HTML


def build_export_row(
    context: PageContext, names: ElementIds, downloads: Downloads, share: ShareRow
) -> ExportRow:
    """Draw the fold and connect it.

    downloads: the links of its video, which change together with it. share: knows the video, and may ask for
    an export.
    """
    options = {option.name: option for option in options_of_model(ExportOptions)}
    with gr.Accordion(t("Export"), open=False, **names("export-fold")) as fold:
        chosen = [component_for(options[name], ElementIds(f"{names.engine}-export")) for name in CHOSEN]
        kind = gr.Radio(
            [*((name, name) for name in FORMATS), (t("webm, transparent"), CLEAR), (t("curves"), CURVES)],
            value="mp4",
            label=t("File type"),
            info=t(
                "WebM is smaller. A GIF has no sound and lasts at most a minute. A transparent WebM shows "
                "the person only, over any web page. Curves move a character in another program as the voice "
                "speaks."
            ),
            **names("export-format"),
        )
        curves = gr.Dropdown(
            [(t(one.title), one.name) for one in CURVE_FORMATS],
            value=CURVE_FORMATS[0].name,
            label=t("Curves for"),
            info=t(
                "Unreal and Blender read Live Link Face, VTuber programs VRM, Moho its switch data, and "
                "After Effects Rhubarb."
            ),
            visible=False,
            **names("export-curves"),
        )
        kind.change(lambda chosen: gr.Dropdown(visible=chosen == CURVES), kind, curves, **QUIET)
        subtitles = UploadedFile(
            label=t("Subtitles (.srt or .vtt), in the player, behind the link and on exports"),
            file_types=[".srt", ".vtt"],
            height=120,
            **names("export-subtitles"),
        )
        with gr.Row(elem_classes=["actions"]):
            button = gr.Button(t("Export"), interactive=False, scale=3, min_width=120, **names("export"))
            cancel = build_cancel_button(names, "export-cancel")
        bar = gr.HTML("", padding=False, **names("export-progress"))
        files = gr.HTML(
            "",
            js_on_load=f"const PLAYER = {json.dumps(names('result')['elem_id'])};\n{script('track.js')}",
            padding=False,
            elem_classes=["downloads"],
            elem_id=f"{names.engine}-exports",
        )
        early, kept_with = gr.State(None), gr.State(None)
    row = ExportRow(fold, [chosen[0], kind], button, cancel, bar, files)
    given = [*chosen, kind, curves, subtitles]
    _connect(context, f"export-{names.engine}", row, downloads, share, given, early, kept_with)
    _connect_track(context, subtitles, share.job_id, early, kept_with, files)
    return row


def _connect(
    context: PageContext,
    job: str,
    row: ExportRow,
    downloads: Downloads,
    share: ShareRow,
    given: list[Any],
    early: gr.State,
    kept_with: gr.State,
) -> None:
    """job: the name of its exports among the visitor's jobs. given: what they take, the subtitles last.
    early: subtitles that were added before there was a video. kept_with: the video that has the subtitles in
    the field.
    """
    settings, job_id, subtitles = context.settings, share.job_id, given[-1]

    def show(
        owner: str, chosen: str | None, added: str | None, held: str | None, kept: str | None
    ) -> tuple[Any, ...]:
        if chosen and added:
            with suppress(JoyStudioError):  # an export reports the error
                keep_track(Gallery(owner, settings), chosen, Path(added))
        try:
            links = links_of(Gallery(owner, settings), chosen) if chosen else ""
        except JoyStudioError:  # the gallery reports the error
            links = ""
        # The file of another video stays with that one, and is not burnt into the exports of this one. One
        # that a visitor adds before or while this video is shown belongs to this one.
        others = held and not added and kept not in (None, chosen)
        update = gr.Button(interactive=bool(chosen)), cancel_update(running=False), "", links
        kept = chosen if added else None if others else kept
        return *update, None if others else gr.skip(), None if chosen else added, kept

    def end(chosen: str | None) -> tuple[Any, ...]:
        return gr.Button(interactive=bool(chosen)), cancel_update(running=False)

    def failed(words: str, chosen: str | None) -> tuple[Any, ...]:
        return *end(chosen), ended_bar(was_cancelled(words))

    def begin(event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        context.running.expect(session_of(request), job)
        wish = [value_of(event, name) for name in WISH]
        if None in wish:
            return (*_running(), gr.skip(), *[gr.skip()] * len(WISH))
        return (*_running(), gr.Accordion(open=True), *wish)

    def begin_again(found: str) -> tuple[Any, ...]:
        return (*_running(), gr.Accordion(open=True)) if found else (gr.skip(),) * 3

    def watch(done: Any) -> None:
        done.success(end, job_id, buttons, **QUIET)
        done.failure(failed, [row.cancel, job_id], [*buttons, row.bar], **QUIET)

    buttons, shown = [row.export, row.cancel], [row.bar, row.files]
    followed: dict[str, Any] = {
        **SILENT,
        "concurrency_limit": None,  # the page's own line decides
        "api_visibility": "private",
    }
    changed = [*buttons, *shown, subtitles, early, kept_with]
    known = [context.visitor, job_id, early, subtitles, kept_with]
    downloads.html.change(show, known, changed, **QUIET)
    # The following event reads what the share row wishes from the components, as what a visitor chose.
    asked = [row.export.click, share.panel.input]
    started = gr.on(asked, begin, None, [*buttons, row.fold, *row.wish], **QUIET)
    started.success(lambda: gr.Timer(active=True), None, context.tray.timer, **QUIET)
    work = export_work(settings)
    task = LastingTask(job, "Export", context.line, SHOWING, moved, export_wish, work)
    export = lasting(task, context)
    watch(started.success(export, [context.visitor, *given, job_id], shown, **followed))
    found = context.found[job] = context.tray.found_job()
    again = found.change(begin_again, found, [*buttons, row.fold], **QUIET)
    find = follow_function(context.running, moved(gr.skip()))
    watch(again.success(find, [found, context.visitor], shown, **followed))

    def cancel(request: gr.Request) -> None:
        context.running.cancel_followed(session_of(request), job)

    connect_cancel(row.cancel, end=cancel)


def _connect_track(
    context: PageContext,
    subtitles: UploadedFile,
    job_id: gr.State,
    early: gr.State,
    kept_with: gr.State,
    files: gr.HTML,
) -> None:
    """Show uploaded subtitles with the video, and its own ones when they are taken away."""

    def keep(owner: str, chosen: str | None, file: str | None) -> tuple[Any, str | None, str | None]:
        if chosen is None:  # they are those of the video to come
            return gr.skip(), file, None
        gallery = Gallery(owner, context.settings)
        try:
            if file is None:
                remove_track(gallery, chosen)
            else:
                keep_track(gallery, chosen, Path(file))
            return links_of(gallery, chosen), None, chosen if file else None
        except JoyStudioError as error:
            raise as_toast(error) from None

    gr.on(
        [subtitles.upload, subtitles.clear, subtitles.delete],
        keep,
        [context.visitor, job_id, subtitles],
        [files, early, kept_with],
        trigger_mode="always_last",
        **SPOKEN,
    )


def _running() -> tuple[gr.Button, gr.Button]:
    """Both buttons during an export."""
    return gr.Button(interactive=False), cancel_update(running=True)
