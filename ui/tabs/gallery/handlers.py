"""Events of the gallery's buttons and stills."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from media.errors import InputError, JoyStudioError
from studio.downloads import still
from studio.gallery.history import Entry
from studio.gallery.videos import Gallery
from ui.components.portrait_choice import PortraitChoice
from ui.components.result import download_files, facts_html
from ui.components.settings_table import preset_words, settings_table
from ui.components.share_row import of_video
from ui.errors import as_toast
from ui.event_settings import QUIET, SPOKEN
from ui.given_inputs import given_of
from ui.i18n import t
from ui.page_context import PageContext
from ui.reopen import reopen, reopen_targets
from ui.server.addresses import Addresses, page_address
from ui.tabs.gallery.screen import CHOOSE, NOTHING, GalleryTab, hint_html
from ui.uploads_used import files_of_page, forget_uploads


def connect(context: PageContext, parts: GalleryTab, tab: gr.Tab) -> Callable[..., Any]:
    """Connect the tab. Returns the function that lists the videos anew."""
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

    def open_settings(owner: str, job_id: str | None, choice: PortraitChoice) -> dict[Any, Any]:
        try:
            result = Gallery(owner, context.settings).get(job_id or "").result
            return reopen(context, result, given_of(result.job_id, context.settings), choice)
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
    parts.open.click(open_settings, [context.visitor, job_id, context.inputs.choice], targets, **SPOKEN)
    given = [context.inputs.portrait, context.inputs.voice]
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
    return gr.Gallery(value=stills, selected_index=None), hint_html(CHOOSE if ids else NOTHING), ids


def _can_be_seen(entry: Entry) -> bool:
    """Whether a video can be read; its still is then in memory."""
    try:
        return bool(still(entry.result))
    except InputError:
        return False


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
