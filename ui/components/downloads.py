"""The download links of finished files; they look like buttons and are there from the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import gradio as gr

from ui.components.filled import filled
from ui.components.result import DownloadFiles
from ui.element_ids import ElementIds


@dataclass(frozen=True)
class Link:
    """One of them.

    id: of its element. label: in English. address: None while there is no file. shown: whether it is seen.
    """

    id: str
    label: str
    address: str | None = None
    shown: bool = True

    @property
    def name(self) -> str:
        """What the file is called where it is saved."""
        return unquote((self.address or "").rpartition("/")[2])


@dataclass(frozen=True)
class Downloads:
    """The row of a finished video, its preset, settings and motion.

    motion: whether the engine keeps its motion; None shows that link only where there is one, as videos of
    several engines need it.
    """

    html: gr.HTML
    names: ElementIds
    motion: bool | None

    def value(self, out: DownloadFiles | None) -> str:
        """The row's HTML for what is handed out, or for nothing."""
        return _row(self.names, out, self.motion)


def build_downloads(names: ElementIds, *, motion: bool | None) -> Downloads:
    """Draw the row, with nothing to hand out yet. motion: as in `Downloads`."""
    row = gr.HTML(_row(names, None, motion), padding=False, elem_classes=["downloads"])
    return Downloads(row, names, motion)


def links_html(links: Sequence[Link]) -> str:
    """Links beside one another; what has no file yet is a button that cannot be pressed."""
    return filled("downloads.html", links=[link for link in links if link.shown])


def _row(names: ElementIds, out: DownloadFiles | None, motion: bool | None) -> str:
    keeps = bool(out and out.motion) if motion is None else motion

    def link(part: str, label: str, address: str | None, *, shown: bool = True) -> Link:
        return Link(names(part)["elem_id"], label, address, shown)

    return links_html(
        (
            link("download", "Video (mp4)", out.video if out else None),
            link("download-preset", "Preset (yaml)", out.preset if out else None),
            link("download-settings", "Settings (json)", out.settings if out else None),
            link("download-motion", "Motion", out.motion if out else None, shown=keeps),
        )
    )
