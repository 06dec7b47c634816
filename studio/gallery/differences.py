"""What distinguishes a video from the others of the same portrait and voice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from studio.events import Result
from studio.gallery.history import read_row
from studio.gallery.history_file import open_history
from studio.gallery.kept_inputs import OF_PAIR, InputPair
from studio.settings import Settings

ENGINE, SEED, FACE, POINTS = "engine", "seed", "face", "points"
"""The names of the facts that are not options."""
COMPARED = 60
"""Takes of a pair among which differences are searched; the latest ones."""


@dataclass(frozen=True)
class ComparedTake:
    """A video with the face of the portrait that was animated, from 0, and an animal's three points."""

    result: Result
    face: int = 0
    points: tuple[tuple[float, float], ...] = ()


def differences(made: ComparedTake, others: Sequence[ComparedTake]) -> dict[str, Any]:
    """What of a video differs from at least one of the others, by name: engine, options, seed, face, points.

    Options and seed are compared with videos of the same engine only: another engine's options are others.
    """
    result, found = made.result, dict[str, Any]()
    if any(one.result.engine != result.engine for one in others):
        found[ENGINE] = result.engine
    alike = [one.result for one in others if one.result.engine == result.engine]
    for name, value in result.options.items():
        if any(one.options.get(name, value) != value for one in alike):
            found[name] = value
    if any(one.seed != result.seed for one in alike):
        found[SEED] = result.seed
    if any(one.face != made.face for one in others):
        found[FACE] = made.face
    if made.points and any(one.points != made.points for one in others):
        found[POINTS] = made.points
    return found


def made_from(pair: InputPair, settings: Settings) -> dict[str, ComparedTake]:
    """The latest videos of a pair by id, newest first, without those whose file is gone.

    Raises OutputError if the history cannot be used.
    """
    with open_history(settings.history) as db:
        rows = db.execute(
            "SELECT created, result, given.inputs FROM results LEFT JOIN given USING (job_id)"
            f" WHERE {OF_PAIR} ORDER BY number DESC LIMIT ?",
            (*pair.values, COMPARED),
        ).fetchall()
    found = {}
    for created, text, given in rows:
        entry = read_row(created, text, settings.history)
        if entry is not None and entry.result.path.is_file():
            found[entry.result.job_id] = ComparedTake(entry.result, *_picked(given))
    return found


def _picked(given: str | None) -> tuple[int, tuple[tuple[float, float], ...]]:
    """The face and the points in a row of `given`."""
    try:
        known: dict[str, Any] = json.loads(given) if given else {}
        points = tuple((float(x), float(y)) for x, y in known.get("points", ()))
        return int(known.get("face_index", 0)), points
    except (AttributeError, TypeError, ValueError):  # written by something else
        return 0, ()
