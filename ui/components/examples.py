"""The portraits and voices that ship with the program, and which of them belong together."""

from __future__ import annotations

import filecmp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engines.base import AnimationMode
from media.documents.yaml_text import read_yaml
from studio.job import Point

FOLDER = Path(__file__).resolve().parents[2] / "examples"
CLIP = FOLDER / "clips" / "example.mp4"
"""A video made from some of the examples."""
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
SOUNDS = frozenset({".wav", ".mp3", ".flac", ".ogg", ".m4a"})


@dataclass(frozen=True)
class Example:
    """One file in examples/ and its displayed name.

    The rest comes from a YAML file of the same name next to it, if there is one. points: an animal's left
    eye, right eye and mouth in pixels of the image. voice: the name, without suffix, of the voice that goes
    with a portrait. presets: the name of a preset by engine.
    """

    path: Path
    label: str
    animation_mode: AnimationMode = "human"
    points: tuple[Point, ...] = ()
    voice: str = ""
    presets: Mapping[str, str] = field(default_factory=dict)


def example_portraits(folder: Path = FOLDER) -> list[Example]:
    """Images in examples/portraits, by name; empty if there are none."""
    return _examples(folder / "portraits", PICTURES)


def example_voices(folder: Path = FOLDER) -> list[Example]:
    """Sounds in examples/voices, by name; empty if there are none."""
    return _examples(folder / "voices", SOUNDS)


def points_of(portrait: str | Path, examples: Sequence[Example]) -> tuple[Point, ...]:
    """The points of an image that is one of the examples, byte for byte."""
    found = example_of(portrait, [example for example in examples if example.points])
    return found.points if found else ()


def example_of(file: str | Path, examples: Sequence[Example]) -> Example | None:
    """The example that a file is a copy of, byte for byte; None if there is none, or no such file."""
    try:
        return next((one for one in examples if filecmp.cmp(file, one.path, shallow=False)), None)
    except OSError:
        return None


def _examples(folder: Path, kinds: frozenset[str]) -> list[Example]:
    if not folder.is_dir():
        return []
    return [_example(path) for path in sorted(folder.iterdir()) if path.suffix.lower() in kinds]


def _example(path: Path) -> Example:
    label = path.stem.replace("_", " ").replace("-", " ").capitalize()
    beside = path.with_suffix(".yaml")
    if not beside.is_file():
        return Example(path, label)

    facts = read_yaml(beside)
    points = tuple((float(x), float(y)) for x, y in facts.get("anchors", ()))
    mode: AnimationMode = "animal" if facts.get("animation_mode") == "animal" else "human"
    return Example(path, label, mode, points, facts.get("voice", ""), facts.get("presets", {}))
