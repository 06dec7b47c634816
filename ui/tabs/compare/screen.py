"""The components of the tab that compares, and the links below its videos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr

from ui.components.downloads import Link, links_html
from ui.components.inputs import Inputs
from ui.components.long_job import LongJob
from ui.components.synced_videos import SyncedVideos
from ui.element_ids import ElementIds
from ui.tabs.compare.columns import ColumnCard

COMPARE = "compare"


@dataclass(frozen=True)
class CompareOutput:
    """The buttons, the progress bar and the result."""

    start: gr.Button
    cancel: gr.Button
    delete: gr.Button
    asked: gr.State
    """Whether the delete button was clicked once."""
    long: LongJob
    bar: gr.HTML
    stage: SyncedVideos
    table: gr.HTML
    downloads: gr.HTML
    """Links to the side-by-side video, the table, and the zip of everything."""


@dataclass(frozen=True)
class CompareTab:
    """The tab's components."""

    inputs: Inputs
    """The page's own."""
    mode: gr.Radio
    metrics: gr.CheckboxGroup
    count: gr.Radio
    engines: Sequence[str]
    cards: list[ColumnCard]
    output: CompareOutput


def downloads_html(addresses: Sequence[str] | None = None) -> str:
    """The links below the videos. addresses: of the side-by-side video, the table and the zip."""
    names = ElementIds(COMPARE)
    together, table, archive = addresses or (None, None, None)

    def link(part: str, label: str, address: str | None) -> Link:
        return Link(names(part)["elem_id"], label, address)

    return links_html(
        (
            link("download-together", "Side by side (mp4)", together),
            link("download-table", "Table (csv)", table),
            link("download-zip", "Everything (zip)", archive),
        )
    )
