"""The stage of a comparison: the columns' videos beside one another, played in step from one time line."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ui.i18n import named, say
from ui.names import Names

FRAME = '<div class="frame'
SCRIPT = 'const stage = element.closest(".compare-stage");\nif (stage) playInStep(stage);'


@dataclass(frozen=True)
class Stage:
    """For every column a box with its video, or what stands in its place, and the plot below."""

    boxes: list[gr.Column]
    pictures: list[gr.HTML]
    plots: list[gr.HTML]

    def shown(self, count: int) -> list[Any]:
        """Updates of the boxes: the first `count` are seen."""
        return [gr.Column(visible=number < count) for number in range(len(self.boxes))]

    def empty(self, titles: Sequence[str]) -> list[Any]:
        """Updates of pictures and plots before anything is made."""
        pictures = [standing_html(title, "waits for its turn") for title in titles]
        return [*pictures, *[""] * len(self.plots)]


def build_stage(names: Names, titles: Sequence[str], shown: int) -> Stage:
    """Draw it inside the current Blocks, with nothing made yet; the first `shown` columns are seen."""
    from studio.comparison_assets import controls_html, in_step_script

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
            js_on_load=f"{in_step_script()}\n{SCRIPT}",
            padding=False,
            **names("controls", "stage-controls"),
        )
    return Stage(boxes, pictures, plots)


def standing_html(title: str, words: str, state: str = "waiting") -> str:
    """What stands in the place of a video. state: waiting, working or failed."""
    return _figure(title, _frame(words, state))


def playing_html(title: str, address: str, *, heard: bool) -> str:
    """A finished video. heard: whether it is the one with sound."""
    from studio.comparison_assets import video_html

    video = video_html(address, heard=heard)
    return _figure(title, f'{FRAME}" data-state="done">{video}</div>')


def given_up(picture: str) -> str:
    """A picture after the work was stopped: what is finished or has failed stays."""
    if 'data-state="waiting"' not in picture and 'data-state="working"' not in picture:
        return picture
    caption, _, _ = picture.partition(FRAME)
    return f"{caption}{_frame('not made', 'stopped')}</figure>"


def emptied(picture: str) -> str:
    """A picture after its video was deleted: the title stays."""
    caption, _, _ = picture.partition(FRAME)
    return f"{caption}{_frame('', 'waiting')}</figure>"


def _figure(title: str, inside: str) -> str:
    return f"<figure><figcaption>{html.escape(title)}</figcaption>{inside}</figure>"


def _frame(words: str, state: str) -> str:
    return f'{FRAME} {state}" data-state="{state}"><p>{say(words)}</p></div>'
