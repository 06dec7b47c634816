"""The tab with the finished videos of this browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from media.errors import InputError, JoyStudioError
from media.messages import said
from studio.downloads import still
from studio.gallery.history import Entry
from studio.gallery.videos import Gallery
from studio.settings import Settings
from ui.components.addressed import AddressedVideo
from ui.components.downloads import Downloads, build_downloads
from ui.components.export_row import build_export_row
from ui.components.result import download_files, facts_html
from ui.components.settings_table import preset_words, settings_table
from ui.components.share_row import QUIET, SPOKEN, ShareRow, build_share_row, duration, of_video
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.i18n import say, t
from ui.page_context import PageContext
from ui.server.addresses import Addresses, page_address
from ui.tabs.interrupted_jobs import build_notice, connect_notice
from ui.tabs.reopen import reopen, reopen_targets
from ui.uploads_used import files_of_page, forget_uploads

GALLERY = "gallery"
NOTHING = "No videos yet. The videos made in this browser appear here; other visitors do not see them."
CHOOSE = "Choose a video to watch it and to see its settings."


@dataclass(frozen=True)
class GalleryTab:
    """The tab's components. listed: the ids of the videos in the order of their stills; on the server."""

    stills: gr.Gallery
    hint: gr.HTML
    video: gr.Video
    facts: gr.HTML
    table: gr.HTML
    open: gr.Button
    delete: gr.Button
    downloads: Downloads
    share: ShareRow
    listed: gr.State
    asked: gr.State

    @property
    def detail(self) -> list[Any]:
        """What changes when another video is chosen."""
        chosen = [self.video, self.facts, self.table, self.open, self.delete, self.asked]
        return [*chosen, self.downloads.html, *self.share.components]


def build_gallery_tab(context: PageContext, tab: gr.Tab) -> None:
    """Draw the tab inside the current Blocks and make it work; the engines' tabs are drawn already."""
    names = ElementIds(GALLERY)
    with gr.Row(elem_classes=["screen"], equal_height=False):
        with gr.Column(scale=6, min_width=320):
            notice = build_notice(names)
            hint = gr.HTML(_hint(NOTHING), padding=False, **names("hint"))
            if kept := _kept_for(context.settings):
                gr.HTML(f'<p class="hint">{say(kept)}</p>', padding=False, **names("kept"))
            stills = gr.Gallery(
                show_label=False,
                columns=3,
                height="auto",
                object_fit="cover",
                allow_preview=False,
                interactive=False,
                buttons=[],
                **names("stills"),
            )
        with gr.Column(scale=5, min_width=320, elem_classes=["result-column"]):
            video = AddressedVideo(
                interactive=False, label=t("Video"), height=420, buttons=[], **names("result")
            )
            with gr.Row(elem_classes=["actions"]):
                again = gr.Button(
                    t("Open these settings"), variant="primary", interactive=False, scale=3, **names("open")
                )
                delete = gr.Button(t("Delete"), interactive=False, scale=1, min_width=80, **names("delete"))
            downloads = build_downloads(names, motion=None)
            share = build_share_row(context.settings, context.visitor, names)
            build_export_row(context, names, downloads, share.job_id)
            facts = gr.HTML("", padding=False, **names("facts"))
            table = gr.HTML(_hint(CHOOSE), padding=False, **names("settings"))
    parts = GalleryTab(
        stills, hint, video, facts, table, again, delete, downloads, share, gr.State([]), gr.State(False)
    )
    look = _connect(context, parts, tab)
    connect_notice(context, notice, tab).then(
        look, context.visitor, [parts.stills, parts.hint, parts.listed], **QUIET
    )


def _connect(context: PageContext, parts: GalleryTab, tab: gr.Tab) -> Callable[..., Any]:
    """Make the tab work; gives what lists the videos anew."""
    listing = [parts.stills, parts.hint, parts.listed]
    targets = reopen_targets(context)

    def look(owner: str, request: gr.Request) -> tuple[Any, ...]:
        try:
            return _listing(Gallery(owner, context.settings), request)
        except JoyStudioError as error:
            raise as_toast(error) from None

    def choose(owner: str, listed: list[str], event: gr.SelectData, request: gr.Request) -> list[Any]:
        gallery = Gallery(owner, context.settings)
        try:
            entry = gallery.get(listed[event.index])
            return _detail(parts, gallery, entry, request)
        except (JoyStudioError, IndexError) as error:
            raise as_toast(error) from None

    def open_settings(owner: str, job_id: str | None) -> dict[Any, Any]:
        try:
            return reopen(context, Gallery(owner, context.settings).get(job_id or "").result)
        except JoyStudioError as error:
            raise as_toast(error) from None

    def delete_chosen(
        owner: str, job_id: str | None, asked: bool, request: gr.Request, *given: str | None
    ) -> tuple[Any, ...]:
        if not asked:
            kept = [gr.skip()] * len(parts.detail)
            kept[parts.detail.index(parts.delete)] = gr.Button(t("Delete permanently?"), variant="stop")
            kept[parts.detail.index(parts.asked)] = True
            return (*[gr.skip()] * len(listing), *kept, *[gr.skip()] * len(given))
        gallery = Gallery(owner, context.settings)
        try:
            gallery.delete(job_id or "")
            gone = forget_uploads(job_id or "", context.settings, keep=files_of_page(context.page))
            emptied = [None if path in gone else gr.skip() for path in given]
            return (*_listing(gallery, request), *_nothing(parts), *emptied)
        except JoyStudioError as error:
            raise as_toast(error) from None

    job_id = parts.share.job_id
    tab.select(look, context.visitor, listing, **QUIET)
    parts.stills.select(choose, [context.visitor, parts.listed], parts.detail, **SPOKEN)
    parts.open.click(open_settings, [context.visitor, job_id], targets, **SPOKEN)
    given = [part for inputs in context.inputs for part in (inputs.portrait, inputs.voice)]
    asked = [context.visitor, job_id, parts.asked]
    parts.delete.click(delete_chosen, [*asked, *given], [*listing, *parts.detail, *given], **SPOKEN)
    return look


def _listing(gallery: Gallery, request: gr.Request) -> tuple[Any, ...]:
    """The stills with their captions, the hint and the ids."""
    settings = gallery.settings
    addresses = Addresses(settings, page_address(request))
    seen = [entry for entry in gallery.list() if _can_be_seen(entry)]
    stills = [
        (addresses.video(gallery.owner, entry.result, "still"), _caption(entry, settings.presets))
        for entry in seen
    ]
    ids = [entry.result.job_id for entry in seen]
    return gr.Gallery(value=stills, selected_index=None), _hint(CHOOSE if ids else NOTHING), ids


def _can_be_seen(entry: Entry) -> bool:
    """Whether a video can be read; its still is kept in memory for when it is asked for."""
    try:
        return bool(still(entry.result))
    except InputError:
        return False


def _hint(text: str) -> str:
    return f'<p class="hint">{say(text)}</p>'


def _kept_for(settings: Settings) -> str:
    """What visitors should know about how long their videos stay; nothing where that has no end."""
    if settings.keep_days is not None:
        after = duration(24 * settings.keep_days)
        if settings.keep_gb is None:
            return said("Videos are deleted after {after}.", after=after)
        return said(
            "Videos are deleted after {after}. If they take too much space, the oldest are deleted earlier.",
            after=after,
        )
    return "If the videos take too much space, the oldest are deleted." if settings.keep_gb else ""


def _caption(entry: Entry, presets: Path) -> str:
    result = entry.result
    when = entry.created.astimezone().strftime("%H:%M")
    return f"{result.engine} · {preset_words(result, presets)} · {result.duration:.1f} s · {when}"


def _detail(parts: GalleryTab, gallery: Gallery, entry: Entry, request: gr.Request) -> list[Any]:
    result = entry.result
    out = download_files(result, gallery.owner, gallery.settings, page_address(request))
    return [
        out.player,
        facts_html(result),
        settings_table(result, gallery.settings.presets),
        gr.Button(interactive=True),
        gr.Button(t("Delete"), variant="secondary", interactive=True),
        False,
        parts.downloads.value(out),
        *of_video(gallery, result.job_id, request),
    ]


def _nothing(parts: GalleryTab) -> list[Any]:
    return [
        None,
        "",
        "",
        gr.Button(interactive=False),
        gr.Button(t("Delete"), variant="secondary", interactive=False),
        False,
        parts.downloads.value(None),
        *of_video(None, None, None),
    ]
