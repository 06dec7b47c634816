"""The portraits and voices that ship with the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engines.base import AnimationMode

FOLDER = Path(__file__).resolve().parent.parent / "examples"
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
SOUNDS = frozenset({".wav", ".mp3", ".flac", ".ogg", ".m4a"})
ANIMALS = frozenset({"cat", "dog", "animal", "shiba", "llama", "monkey", "horse"})
"""Words in a portrait's file name that say it is an animal's."""


@dataclass(frozen=True)
class Example:
    """One file in examples/, with the name it is shown under."""

    path: Path
    label: str

    @property
    def animation_mode(self) -> AnimationMode:
        """The mode a portrait is meant for."""
        return "animal" if ANIMALS & set(self.label.lower().split()) else "human"


def example_portraits(folder: Path = FOLDER) -> list[Example]:
    """Pictures in examples/portraits, by name; empty when there are none."""
    return _examples(folder / "portraits", PICTURES)


def example_voices(folder: Path = FOLDER) -> list[Example]:
    """Sounds in examples/voices, by name; empty when there are none."""
    return _examples(folder / "voices", SOUNDS)


def _examples(folder: Path, kinds: frozenset[str]) -> list[Example]:
    if not folder.is_dir():
        return []
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in kinds)
    return [Example(path, path.stem.replace("_", " ").replace("-", " ").capitalize()) for path in files]
