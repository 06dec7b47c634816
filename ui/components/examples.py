"""The portraits and voices that ship with the program."""

from __future__ import annotations

import filecmp
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engines.base import AnimationMode
from media.documents.yaml_text import read_yaml
from studio.job import Point

FOLDER = Path(__file__).resolve().parents[2] / "examples"
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
SOUNDS = frozenset({".wav", ".mp3", ".flac", ".ogg", ".m4a"})


@dataclass(frozen=True)
class Example:
    """One file in examples/ and its displayed name.

    animation_mode and points come from a YAML file of the same name next to it, if there is one; points are
    an animal's left eye, right eye and mouth in pixels of the image.
    """

    path: Path
    label: str
    animation_mode: AnimationMode = "human"
    points: tuple[Point, ...] = ()


def example_portraits(folder: Path = FOLDER) -> list[Example]:
    """Images in examples/portraits, by name; empty if there are none."""
    return _examples(folder / "portraits", PICTURES)


def example_voices(folder: Path = FOLDER) -> list[Example]:
    """Sounds in examples/voices, by name; empty if there are none."""
    return _examples(folder / "voices", SOUNDS)


def points_of(portrait: str | Path, examples: Sequence[Example]) -> tuple[Point, ...]:
    """The points of an image that is one of the examples, byte for byte."""
    for example in examples:
        if example.points and filecmp.cmp(portrait, example.path, shallow=False):
            return example.points
    return ()


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
    return Example(path, label, mode, points)
