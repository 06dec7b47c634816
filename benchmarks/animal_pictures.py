"""Pictures of animals with marked eyes and mouth: from packages, and from a folder with public
photographs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

FILE = Path(__file__).with_name("animals.json")
Point = tuple[float, float]


@dataclass(frozen=True)
class Marked:
    """A picture, and the left eye, the right eye and the mouth of each of its faces, in its pixels.

    tuning: whether it may be used to fit and tune; the others only measure.
    """

    name: str
    path: Path
    faces: tuple[tuple[Point, Point, Point], ...]
    tuning: bool


def marked_pictures(folder: Path | None = None) -> list[Marked]:
    """The marked pictures that exist: those of installed packages, and those in the folder."""
    found = []
    for entry in json.loads(FILE.read_text(encoding="utf-8")):
        path = _place(entry["file"], folder)
        if path is not None and path.is_file():
            faces = tuple(tuple((x, y) for x, y in face) for face in entry["faces"])
            found.append(Marked(path.stem, path, faces, entry["half"] == "tune"))  # type: ignore[arg-type]
    return found


def _place(file: str, folder: Path | None) -> Path | None:
    """A file in the folder, or in a package: "skimage:data/chelsea.png"."""
    package, colon, inside = file.partition(":")
    if not colon:
        return folder / file if folder is not None else None
    spec = find_spec(package)
    return Path(spec.origin).parent / inside if spec is not None and spec.origin else None
