"""The videos of a comparison, side by side, played in sync from one time line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ui.components.filled import filled
from ui.element_ids import ElementIds
from ui.i18n import named, say

SCRIPT = 'const stage = element.closest(".compare-stage");\nif (stage) playInStep(stage);'


@dataclass(frozen=True)
class ColumnContent:
    """The content of a column. state: waiting, working, failed or done."""

    title: str
    state: str = "waiting"


@dataclass(frozen=True)
class SyncedVideos:
    """For every column, a box with its video or a placeholder, and the plot below."""

    boxes: list[gr.Column]
    pictures: list[gr.HTML]
    plots: list[gr.HTML]
    columns: gr.State
    """The content of each box: a tuple of `ColumnContent`."""

    def shown(self, count: int) -> list[Any]:
        """Updates of the boxes: the first `count` are visible."""
        return [gr.Column(visible=number < count) for number in range(len(self.boxes))]

    def empty(self, titles: Sequence[str]) -> list[Any]:
        """Updates of boxes, plots and columns before anything is made."""
        pictures = [standing_html(title, "waiting") for title in titles]
        return [*pictures, *[""] * len(self.plots), tuple(map(ColumnContent, titles))]


def build_synced_videos(names: ElementIds, titles: Sequence[str], shown: int) -> SyncedVideos:
    """Draw it inside the current Blocks, without videos; the first `shown` columns are visible."""
    from studio.comparison.assets import controls_html, synced_playback_script

    boxes, pictures, plots = [], [], []
    with gr.Column(**names("stage", "compare-stage")):
        with gr.Row(elem_classes=["stage-row"], equal_height=False):
            for number, title in enumerate(titles):
                with gr.Column(visible=number < shown, min_width=150, elem_classes=["stage-box"]) as box:
                    pictures.append(
                        gr.HTML(
                            standing_html(title, ""), padding=False, **names(f"picture-{number}", "picture")
                        )
                    )
                    plots.append(gr.HTML("", padding=False, **names(f"plot-{number}", "plot")))
                boxes.append(box)
        gr.HTML(
            controls_html(say("Play all"), say("Pause"), named("Time")),
            js_on_load=f"{synced_playback_script()}\n{SCRIPT}",
            padding=False,
            **names("controls", "stage-controls"),
        )
    return SyncedVideos(boxes, pictures, plots, gr.State(tuple(map(ColumnContent, titles))))


def standing_html(title: str, words: str, state: str = "waiting") -> str:
    """The placeholder for a video. state: waiting, working or failed."""
    return filled("figure.html", title=title, video="", words=words, state=state)


def playing_html(title: str, address: str, *, heard: bool) -> str:
    """A finished video. heard: whether it is the one with sound."""
    from studio.comparison.assets import video_html

    return filled("figure.html", title=title, video=video_html(address, heard=heard))


def given_up(columns: Sequence[ColumnContent]) -> list[Any]:
    """Updates of the boxes after the work was stopped: finished and failed ones stay."""
    return [
        standing_html(one.title, "not made", "stopped") if one.state in ("waiting", "working") else gr.skip()
        for one in columns
    ]


def emptied(columns: Sequence[ColumnContent]) -> list[Any]:
    """Updates of the boxes after their videos were deleted: the titles stay."""
    return [standing_html(one.title, "") for one in columns]
