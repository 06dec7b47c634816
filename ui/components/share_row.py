"""The row that makes, shows and revokes the link to a finished video, and offers files to send instead."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.gallery.sharing import link_of, revoke, share
from studio.gallery.videos import Gallery
from studio.settings import Settings
from ui.components.result import DownloadFiles
from ui.components.share_panel import Shareable, panel_html
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.event_settings import SPOKEN
from ui.event_values import value_of
from ui.server.addresses import Addresses, page_address
from ui.theme import script

SHARE, REVOKE = "share", "revoke"
"""What the panel's event "click" carries as `what`; its event "input" carries the export that it asks for."""


@dataclass(frozen=True)
class ShareRow:
    """Its components. job_id: the video that the row is about, or None."""

    panel: gr.HTML
    job_id: gr.State
    names: ElementIds
    settings: Settings

    @property
    def components(self) -> list[Any]:
        """The components that `of_video` updates, in its order."""
        return [self.panel, self.job_id]

    def of_video(
        self, out: DownloadFiles | None, gallery: Gallery | None = None, request: gr.Request | None = None
    ) -> list[Any]:
        """Updates of the row for a video, or for none.

        gallery, request: to show a link that the video has already. Raises InputError for a video that is not
        in the gallery.
        """
        if out is None:
            return [panel_html(self.names, self.settings, None), None]
        token = link_of(gallery, out.job_id) if gallery else None
        link = _link(request, token) if token and request else ""
        return [panel_html(self.names, self.settings, Shareable(out.page_file, link)), out.job_id]


def build_share_row(settings: Settings, visitor: gr.State, names: ElementIds) -> ShareRow:
    """Draw the row and connect it. If the owner of the machine has disabled links, it offers files only."""
    lines = f"const EXPORT = {json.dumps(names('export')['elem_id'])};\n{script('share.js')}"
    panel = gr.HTML(panel_html(names, settings, None), js_on_load=lines, padding=False, **names("share-link"))
    row = ShareRow(panel, gr.State(None), names, settings)

    def change(owner: str, job_id: str | None, event: gr.EventData, request: gr.Request) -> str:
        gallery = Gallery(owner, settings)
        try:
            result = gallery.get(job_id or "").result
            file, link = Addresses(settings).page_file(owner, result), ""
            if value_of(event, "what") == REVOKE:
                revoke(gallery, result.job_id)
            elif settings.share_hours:
                link = _link(request, share(gallery, result.job_id))
            return panel_html(names, settings, Shareable(file, link))
        except JoyStudioError as error:
            raise as_toast(error) from None

    panel.click(change, [visitor, row.job_id], panel, **SPOKEN)
    return row


def _link(request: gr.Request, token: str) -> str:
    """The link as the visitor's browser reaches the page."""
    return f"{page_address(request)}?run={token}"
