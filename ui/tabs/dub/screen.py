"""The components of the tab that dubs a video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from studio.presets import Preset
from ui.components.addressed import UploadedFile
from ui.components.downloads import Downloads
from ui.components.long_job import LongJob
from ui.components.share_row import ShareRow

DUB = "dub-tab"
"""The id of the tab, and the name of its jobs among a visitor's."""
NAMES = "dub"
"""What the ids of its elements begin with."""
DEFAULT = "default"
"""The choice of a sync mode that leaves it to the lengths of voice and video."""
POINT = "point"
"""The choice of a person by a click on a still."""
BY_HAND = "by hand"
"""The choice of a preset once an option was moved; a space distinguishes it from every file's name."""


@dataclass(frozen=True)
class ChosenPoint:
    """A point on a face, as "X,Y@T". video: the file it belongs to; "" for the present or the next one."""

    at: str
    video: str = ""

    def within(self, video: str | None) -> str:
        """The point, if it belongs to this video; else ""."""
        return self.at if video and self.video in ("", video) else ""


@dataclass(frozen=True)
class PersonPicker:
    """Who speaks. who: "largest", "all" or POINT. box: what POINT needs, hidden otherwise.

    second: of the still. still: the picture, on which a click chooses a face. point: holds a `ChosenPoint`,
    or None.
    """

    who: gr.Radio
    box: gr.Column
    second: gr.Slider
    still: gr.HTML
    point: gr.State


@dataclass(frozen=True)
class DubOutput:
    """The buttons, the progress bar and the result. live: the last painted frame of a running dub.

    why: why the button that starts is off. long: the question before long work. file: the `DownloadFiles` of
    the last dub. busy: whether a dub is running.
    """

    start: gr.Button
    cancel: gr.Button
    why: gr.HTML
    long: LongJob
    bar: gr.HTML
    live: gr.HTML
    video: gr.Video
    facts: gr.HTML
    downloads: Downloads
    share: ShareRow
    file: gr.State
    busy: gr.State


@dataclass(frozen=True)
class PresetChoice:
    """The choice of a preset of one engine. known: the presets that are offered."""

    radio: gr.Radio
    known: Sequence[Preset]


@dataclass(frozen=True)
class DubScreen:
    """The tab. about: the video to watch, and what was found out about it.

    engine: the one that paints. presets: by engine. folds, options: the options that act in a dub, by engine,
    and by engine and name; only those of the chosen engine are shown. moved: has an event `input` when an
    option is moved by hand.
    """

    engine: gr.Radio
    presets: Mapping[str, PresetChoice]
    moved: gr.HTML
    folds: Mapping[str, gr.Column]
    video: UploadedFile
    about: gr.HTML
    person: PersonPicker
    sync_mode: gr.Radio
    max_turn: gr.Slider
    fade: gr.Slider
    options: Mapping[tuple[str, str], gr.components.Component]
    output: DubOutput

    @property
    def asked(self) -> list[Any]:
        """What a dub is asked for besides its files and its voice, in the order of `asked.dub_wish`."""
        person = self.person
        given = [self.engine, self.sync_mode, person.who, person.point, self.max_turn, self.fade]
        return [*given, *(one.radio for one in self.presets.values()), *self.options.values()]
