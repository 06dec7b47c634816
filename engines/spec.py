"""What the rest of the program knows about an engine before importing it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engines.base import Engine, EngineOptions
from engines.cost import CostModel
from engines.packages import Packages
from engines.reserved import check_engine_name, check_option_names

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
"""An engine's name is part of commands, addresses, file names and element ids."""
PLACE = re.compile(r"[\w.]+:\w+")


@dataclass(frozen=True)
class WeightsSpec:
    """Where an engine's weight files are described.

    catalogue: "module:Class" of its `engines.weights.weight_set.WeightSet`.
    usual: what `weights download` downloads if no group is named, in a few words.
    full_size: of random weights in the real shapes, as in "1.7 GB".
    """

    catalogue: str
    usual: str = ""
    full_size: str = ""


@dataclass(frozen=True)
class Drawing:
    """A drawing of what an engine moves, for its tab on the page as long as its weights are missing.

    file: an SVG. The page colours its groups of the classes `still` and `moves`. text: what it shows, for
    screen readers.
    """

    file: Path
    text: str


@dataclass(frozen=True, kw_only=True)
class EngineSpec:
    """One engine, as the command line, the page, the API, estimates and the documentation see it.

    Creating a spec imports the options model, which has to stay light (no NumPy, no torch). Everything else
    is given as "module:attribute" and imported when it is first needed.

    name: lower case letters, digits and underscores; what users type. title: what the page's tab says.
    about: one or two sentences below the tab's name: how the engine works and what it needs.
    options: the model of its options. engine: "module:Class" of its `Engine`, or the class itself.
    weights: where its weight files are described; None for an engine that has nothing to fetch.
    crop: "module:function" of its `engines.crop_view.CropViewer`; None for an engine that sees the whole
    portrait.
    cost: for estimates; None for an engine that paints about as fast as the preview engine.
    packages: what it imports that the page alone does not install.
    finds_animals: it looks for an animal's face itself where none came with the portrait.
    keeps_motion: it yields its motion and can render it again without sampling it again.
    live: it can follow a voice that is still arriving (`Engine.live`).
    curves: its live faces say how they stand as ARKit's blend shapes (`LiveFace.curves`).
    follows_templates: a motion template of LivePortrait can drive it (`Engine.perform`).
    performs: a recorded performance of blend shapes can drive it (`Engine.perform`).
    dubs: it can paint new lips into a video (`Engine.dub`).
    why_no_dub: of one that cannot, the reason for the user, as the end of a sentence without its stop.
    two_voices: it leaves what is far from the face as it is in the portrait, so that two faces can move in
    one video.
    tab: whether the page has a tab for it. Without one it is still offered in Compare.
    drawing: what it moves, as a drawing; None for an engine whose tab shows none.
    presets: the folder of its presets, for an engine from another package; those of this project are in
    presets/NAME.

    Raises TypeError or ValueError for a value that cannot be used.
    """

    name: str
    title: str
    about: str
    options: type[EngineOptions]
    engine: str | type[Engine]
    weights: WeightsSpec | None = None
    crop: str | None = None
    cost: CostModel | None = None
    packages: Packages = field(default_factory=Packages)
    finds_animals: bool = False
    keeps_motion: bool = False
    live: bool = False
    curves: bool = False
    follows_templates: bool = False
    performs: bool = False
    dubs: bool = False
    why_no_dub: str = ""
    two_voices: bool = False
    tab: bool = True
    drawing: Drawing | None = None
    presets: Path | None = None

    @property
    def short_title(self) -> str:
        """The title without what the engine is for: "JoyVASA"."""
        return self.title.partition("·")[0].strip()

    def __post_init__(self) -> None:
        for name in ("name", "title", "about"):
            _check(name, getattr(self, name), isinstance(getattr(self, name), str), "a text")
        if not NAME.fullmatch(self.name):
            raise ValueError(
                f"The name {self.name!r} has to be 1 to 32 lower case letters, digits and underscores, and "
                "begin with a letter."
            )
        check_engine_name(self.name)
        options, engine = self.options, self.engine
        _check("options", options, _derived(options, EngineOptions), "a subclass of EngineOptions")
        check_option_names(options)
        options()  # every option needs a default, which has to be in its range
        _check("engine", engine, _derived(engine, Engine) or _is_place(engine), '"module:Class"')
        _check("crop", self.crop, self.crop is None or _is_place(self.crop), '"module:function"')
        _check("cost", self.cost, isinstance(self.cost, CostModel | None), "a CostModel")
        _check("packages", self.packages, isinstance(self.packages, Packages), "a Packages")
        _check("weights", self.weights, isinstance(self.weights, WeightsSpec | None), "a WeightsSpec")
        _check("drawing", self.drawing, isinstance(self.drawing, Drawing | None), "a Drawing")
        _check("presets", self.presets, isinstance(self.presets, Path | None), "a Path")
        if self.weights is not None:
            place = self.weights.catalogue
            _check("weights.catalogue", place, _is_place(place), '"module:Class"')


def _derived(value: Any, base: type) -> bool:
    return isinstance(value, type) and issubclass(value, base)


def _is_place(value: Any) -> bool:
    return isinstance(value, str) and bool(PLACE.fullmatch(value))


def _check(name: str, value: Any, fits: bool, wanted: str) -> None:
    if not fits:
        raise TypeError(f"{name} has to be {wanted}, but is of the type {type(value).__name__}.")
