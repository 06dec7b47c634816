"""The layout of the tab with the finished videos of this browser."""

from __future__ import annotations

import gradio as gr

from media.messages import said
from studio.settings import Settings
from ui.components.addressed import AddressedVideo
from ui.components.downloads import build_downloads
from ui.components.export_row import build_export_row
from ui.components.share_row import build_share_row, duration
from ui.element_ids import ElementIds
from ui.event_settings import QUIET
from ui.i18n import say, t
from ui.page_context import PageContext
from ui.tabs.gallery.handlers import connect
from ui.tabs.gallery.interrupted_jobs import build_notice, connect_notice
from ui.tabs.gallery.screen import CHOOSE, GALLERY, NOTHING, GalleryTab, hint_html


def build_gallery_tab(context: PageContext, tab: gr.Tab) -> None:
    """Draw the tab inside the current Blocks and connect it; the engines' tabs are already drawn."""
    names = ElementIds(GALLERY)
    with gr.Row(elem_classes=["screen"], equal_height=False):
        with gr.Column(scale=6, min_width=320):
            notice = build_notice(names)
            hint = gr.HTML(hint_html(NOTHING), padding=False, **names("hint"))
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
            table = gr.HTML(hint_html(CHOOSE), padding=False, **names("settings"))
    parts = GalleryTab(
        stills, hint, video, facts, table, again, delete, downloads, share, gr.State([]), gr.State(False)
    )
    look = connect(context, parts, tab)
    connect_notice(context, notice, tab).then(
        look, context.visitor, [parts.stills, parts.hint, parts.listed], **QUIET
    )


def _kept_for(settings: Settings) -> str:
    """A sentence on how long videos stay; "" if there is no limit."""
    if settings.keep_days is not None:
        after = duration(24 * settings.keep_days)
        if settings.keep_gb is None:
            return said("Videos are deleted after {after}.", after=after)
        return said(
            "Videos are deleted after {after}. If they take too much space, the oldest are deleted earlier.",
            after=after,
        )
    return "If the videos take too much space, the oldest are deleted." if settings.keep_gb else ""
