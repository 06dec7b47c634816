"""How often an animal's face is found or proposed, on pictures with marked points, how many proposals one has
to look at, and what is proposed elsewhere.

    python -m benchmarks.animals [--pictures FOLDER] [--others FILE ...]

Without a folder, only the pictures of installed packages are searched. FOLDER: a checkout of the public
repository EliSchwartz/imagenet-sample-images. --others: pictures without animals.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.animal_pictures import Marked, marked_pictures
from media.anchors import points_in_upload
from media.errors import NoFaceError, PortraitError
from media.portrait import open_portrait, proposed_points

USABLE, EXACT = 0.35, 0.25
"""Largest distance of a point from its place, in distances between the eyes."""
SEEN = (2, 3, 4, 5)
"""Numbers of proposals that a user looks at."""
IRISES, INNER_LIPS = (468, 473), (13, 14)


def search(path: Path) -> tuple[str, list[np.ndarray]]:
    """What animal mode does with a picture: "found", "proposed" or "nothing", and (3, 2) points in its pixels
    in the order in which a user sees them, one click after the other.
    """
    try:
        portrait = open_portrait(path, subject="animal")
    except NoFaceError as error:
        return "proposed" if error.proposals else "nothing", [np.array(one) for one in error.proposals]
    if portrait.proposals:
        return "found", [np.array(points_in_upload(one, portrait.placement)) for one in portrait.proposals]
    assert portrait.face is not None
    mesh = portrait.face.landmarks[:, :2]
    left, right, mouth = mesh[IRISES[0]], mesh[IRISES[1]], mesh[list(INNER_LIPS)].mean(axis=0)
    used = np.array([portrait.placement.to_upload(x, y) for x, y in (left, right, mouth)])
    return "found", [used, *(np.array(one) for one in proposed_points(path))]


def farthest(points: np.ndarray, picture: Marked) -> float:
    """Largest distance of a point from its place on the nearest face, in distances between the eyes."""
    faces = [np.array(face) for face in picture.faces]
    return min(
        float(np.linalg.norm(points - face, axis=1).max() / np.linalg.norm(face[1] - face[0]))
        for face in faces
    )


def report(title: str, pictures: Sequence[Marked]) -> None:
    """One line for each picture, and the totals."""
    rows = []
    for picture in pictures:
        began = time.perf_counter()
        how, seen = search(picture.path)
        every = [farthest(points, picture) for points in seen]
        rows.append((how, every))
        spent, shown = time.perf_counter() - began, " ".join(f"{apart:5.2f}" for apart in every)
        print(f"  {picture.name:38} {how:9} {spent:5.1f} s  {shown}", flush=True)
    if not rows:
        return
    found = [every[0] for how, every in rows if how == "found"]
    first = [every[0] for _, every in rows if every]
    print(
        f"{title}: {len(rows)} pictures, usable (within {USABLE} of the distance between the eyes) "
        f"{_within(first, USABLE)}, within {EXACT} {_within(first, EXACT)}; found without a question "
        f"{len(found)}, of which usable {_within(found, USABLE)}"
    )
    for number in SEEN:
        best = [min(every[:number]) for _, every in rows if every]
        print(f"{title}: usable among the first {number} that are shown: {_within(best, USABLE)}")


def report_empty(title: str, pictures: Sequence[Marked]) -> None:
    """What happens with pictures that show no face."""
    if pictures:
        hows = [search(picture.path)[0] for picture in pictures]
        counts = ", ".join(f"{how} {hows.count(how)}" for how in ("found", "proposed", "nothing"))
        print(f"{title}: {len(hows)} pictures, {counts}")


def _within(distances: Sequence[float], limit: float) -> int:
    return sum(apart <= limit for apart in distances)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--others", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    pictures = marked_pictures(given.pictures)
    for title, tuning in (("tuned on", True), ("held out", False)):
        half = [one for one in pictures if one.tuning == tuning]
        report(title, [one for one in half if one.faces])
        report_empty(f"{title}, without animals", [one for one in half if not one.faces])
    for path in given.others:
        try:
            how, _ = search(path)
        except PortraitError as error:
            how = str(error)
        print(f"  {path.name:38} {how}")


if __name__ == "__main__":
    main()
