"""The row that makes, shows and revokes the link to a finished video."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import gradio as gr

from media.errors import JoyStudioError
from media.messages import said
from studio.gallery.sharing import link_of, revoke, share
from studio.gallery.videos import Gallery
from studio.settings import Settings
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.event_settings import SPOKEN
from ui.i18n import message, t


@dataclass(frozen=True)
class ShareRow:
    """Its components. job_id: the video that the row is about, or None."""

    share: gr.Button
    link: gr.Textbox
    revoke: gr.Button
    job_id: gr.State

    @property
    def components(self) -> list[Any]:
        """The components that `of_video` updates, in its order."""
        return [self.share, self.link, self.revoke, self.job_id]


def build_share_row(settings: Settings, visitor: gr.State, names: ElementIds) -> ShareRow:
    """Draw the row and connect it; hidden if the owner of the machine has disabled links."""
    with gr.Row(elem_classes=["share-row"], visible=bool(settings.share_hours)):
        button = gr.Button(t("Share"), size="sm", interactive=False, scale=0, min_width=90, **names("share"))
        link = gr.Textbox(
            label=t("Link"),
            show_label=False,
            container=False,
            max_lines=1,
            interactive=False,
            placeholder=t(said("A link that works for {duration}", duration=duration(settings.share_hours))),
            buttons=["copy"],
            scale=1,
            min_width=120,
            **names("share-link"),
        )
        ends = gr.Button(t("Revoke"), size="sm", interactive=False, scale=0, min_width=80, **names("revoke"))
        row = ShareRow(button, link, ends, gr.State(None))

    def make(owner: str, job_id: str | None, request: gr.Request) -> tuple[Any, ...]:
        try:
            token = share(Gallery(owner, settings), job_id or "")
        except JoyStudioError as error:
            raise as_toast(error) from None
        address = _address(request)
        if reach := reach_of(address):
            gr.Info(message(reach), duration=10)
        return f"{address}?run={token}", gr.Button(interactive=True)

    def end(owner: str, job_id: str | None) -> tuple[Any, ...]:
        try:
            revoke(Gallery(owner, settings), job_id or "")
        except JoyStudioError as error:
            raise as_toast(error) from None
        return "", gr.Button(interactive=False)

    button.click(make, [visitor, row.job_id], [link, ends], **SPOKEN)
    ends.click(end, [visitor, row.job_id], [link, ends], **SPOKEN)
    return row


def of_video(gallery: Gallery | None, job_id: str | None, request: gr.Request | None) -> list[Any]:
    """Updates of a row for a video, or for none. Raises InputError for one that is not in the gallery."""
    token = link_of(gallery, job_id) if gallery and job_id else None
    return [
        gr.Button(interactive=bool(job_id)),
        f"{_address(request)}?run={token}" if token and request else "",
        gr.Button(interactive=bool(token)),
        job_id,
    ]


def duration(hours: float) -> str:
    """Hours as people say them: "12 hours", "7 days"."""
    if hours >= 48:
        return said("{days:.3g} days", days=hours / 24)
    return said("{hours:g} hour" if hours == 1 else "{hours:.3g} hours", hours=hours)


def reach_of(address: str) -> str:
    """A sentence about who cannot open a link to this page; "" if anyone may."""
    host = urlsplit(address).hostname or ""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        here, near = host == "localhost" or host.endswith(".localhost"), host.endswith(".local")
    else:
        here, near = ip.is_loopback, ip.is_private or ip.is_link_local
    if here:
        return "This link works on this computer only. To send the video, download it or export it."
    if near:
        return "This link works in your own network only. To send the video, download it or export it."
    return ""


def _address(request: gr.Request) -> str:
    """The page's address in the visitor's browser."""
    origin = request.headers.get("origin") or ""
    referer = (request.headers.get("referer") or "").split("?")[0].split("#")[0]
    return referer or f"{origin or str(request.request.base_url).rstrip('/')}/"
