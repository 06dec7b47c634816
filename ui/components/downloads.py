"""The download links of finished files; they look like buttons and are visible from the start."""

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
    """A download link.

    id: of its element. label: in English. address: None if there is no file. shown: whether it is visible.
    """

    id: str
    label: str
    address: str | None = None
    shown: bool = True

    @property
    def name(self) -> str:
        """The file name for saving."""
        return unquote((self.address or "").rpartition("/")[2])


@dataclass(frozen=True)
class Downloads:
    """The row of a finished video, its preset, settings and motion.

    motion: whether the engine saves its motion; None shows that link only if there is a motion, for videos of
    several engines.
    """

    html: gr.HTML
    names: ElementIds
    motion: bool | None

    def value(self, out: DownloadFiles | None) -> str:
        """The row's HTML for some files, or for none."""
        return _row(self.names, out, self.motion)


def build_downloads(names: ElementIds, *, motion: bool | None) -> Downloads:
    """Draw the row, without files. motion: as in `Downloads`."""
    row = gr.HTML(_row(names, None, motion), padding=False, elem_classes=["downloads"])
    return Downloads(row, names, motion)


def links_html(links: Sequence[Link]) -> str:
    """Links next to each other; one without a file is a disabled button."""
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
