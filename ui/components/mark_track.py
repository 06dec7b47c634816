"""The track of marks under the waveform of the voice: a row for each thing that has marks.

The field *Marks* of an engine holds them; the track shows what the field of the open tab says, and writes
into it. Fields in a closed fold tell no changes, so whatever sets one tells the track, too: `tell`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from engines import registry
from engines.emotion.shapes import NAMES
from engines.marks.reading import MOST_DEGREES
from studio.marks_file import MARKS
from studio.options import list_options
from ui.components.filled import filled
from ui.element_ids import ElementIds
from ui.event_settings import QUIET
from ui.theme import script

TURNS = {"head_yaw": "Head left or right", "head_pitch": "Head up or down", "headRoll": "Head tilt"}
EASE_TITLES = {"linear": "Straight line", "smooth": "Smooth curve", "step": "Step"}
LARGEST = 4_000_000
"""Bytes of a file of marks."""


@dataclass(frozen=True)
class Markable:
    """What can have marks. least, most, step: of its values. usual: its value without marks."""

    name: str
    title: str
    least: float
    most: float
    step: float
    usual: float


def markable(engine: str) -> Iterator[Markable]:
    """All that can have marks in an engine: nothing if it has no such option."""
    model = registry.options_of(engine)
    if MARKS not in model.model_fields:
        return
    names: tuple[str, ...] = getattr(model, "markable", ())
    for emotion in NAMES[1:]:
        yield Markable(emotion, emotion.capitalize(), 0.0, 1.0, 0.05, 0.0)
    options = {option.name: option for option in list_options(engine)}
    for name in sorted(names, key=lambda name: not name.startswith("gaze")):
        option = options[name]
        least, most = option.minimum, option.maximum
        if least is not None and most is not None:
            yield Markable(name, option.title, least, most, option.step or 0.05, float(option.default))
    for name, title in TURNS.items():
        yield Markable(name, title, -MOST_DEGREES, MOST_DEGREES, 0.5, 0.0)


def build_mark_track(tabs: Sequence[str], names: ElementIds) -> gr.HTML | None:
    """Draw it inside the current Blocks, hidden until there is a voice; None if no tab's engine has marks.

    tabs: the ids of the page's tabs; those of engines are their names.
    """
    known = registry.names()
    engines = {tab: found for tab in tabs if tab in known and (found := list(markable(tab)))}
    if not engines:
        return None
    things = {
        engine: {one.name: [one.least, one.most, one.step, one.usual] for one in found}
        for engine, found in engines.items()
    }
    constants = {"THINGS": things, "FIRST": tabs[0], "LARGEST": LARGEST}
    lines = [f"const {name} = {json.dumps(value)};" for name, value in constants.items()]
    titles = {one.name: one.title for found in engines.values() for one in found}
    parts = ("file_content.js", "mark_keys.js", "mark_track.js", "mark_hand.js")
    return gr.HTML(
        filled("mark_track.html", titles=titles, eases=EASE_TITLES),
        js_on_load="\n".join((*lines, *map(script, parts))),
        padding=False,
        **names("mark-track"),
    )


def tell(engine: str) -> str:
    """JavaScript that tells the track the text of an engine's field, which it receives."""
    return (
        "(text) => { window.dispatchEvent(new CustomEvent('markschange', "
        f"{{ detail: {{ engine: {json.dumps(engine)}, text }} }})); }}"
    )


def tell_after(event: Any, engine: str, components: Mapping[str, Any]) -> None:
    """Tell the track what the engine's field says after an event that may have set it."""
    if MARKS in components:
        event.then(None, components[MARKS], None, js=tell(engine), **QUIET)
