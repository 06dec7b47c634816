"""Keeps the scores of a stopped evaluation, so that it can continue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.metric import Measurer, Score
from media.documents.bounds import RECORD, RECORD_LINE
from media.documents.json_text import parse_json
from media.documents.text import decoded_loosely, filled_lines, read_bytes
from media.errors import DocumentError

if TYPE_CHECKING:
    from evaluation.clips import Clip

VERSION = 4
"""Increased when a metric measures differently: older scores are then measured again."""


class KeptScores:
    """A file with a JSON line for each video and measurer.

    A line is valid as long as the video, the form of the measurement and the weight files are the same.
    """

    def __init__(self, path: Path) -> None:
        """path: the file, which need not exist."""
        self._path = path
        self._known: dict[str, dict[str, Score]] = {}
        try:
            text = decoded_loosely(read_bytes(path, RECORD.size)) if path.is_file() else ""
        except DocumentError:  # too large to be valid: everything is measured again
            text = ""
        for _, line in filled_lines(text):
            try:
                entry = parse_json(line, RECORD_LINE)
                self._known[entry["key"]] = {name: Score(**of) for name, of in entry["scores"].items()}
            except (DocumentError, KeyError, TypeError, ValueError, AttributeError):
                continue  # the last line of a run that was stopped

    def find(self, clip: Clip, measurer: Measurer) -> dict[str, Score] | None:
        """The scores of an unchanged video; None if they have not been measured."""
        return self._known.get(self._key(clip, measurer))

    def add(self, clip: Clip, measurer: Measurer, scores: Mapping[str, Score]) -> None:
        """Write scores to the disk at once, except those measured with random weights."""
        if any(score.extras.get("random_weights") for score in scores.values()):
            return
        entry = {"key": self._key(clip, measurer), "scores": {k: asdict(s) for k, s in scores.items()}}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def _key(self, clip: Clip, measurer: Measurer) -> str:
        files = [_stamp(path) for path in (clip.path, clip.audio, clip.reference, clip.phonemes)]
        names = [metric.name for metric in measurer.metrics]
        weights = [_stamp(path) for path in measurer.weights()]
        return json.dumps([VERSION, names, dict(measurer.form()), weights, files], sort_keys=True)


def _stamp(path: Path | None) -> list[Any] | None:
    if path is None:
        return None
    try:
        about = path.stat()
    except OSError:
        return [str(path.absolute()), 0, 0]
    return [str(path.absolute()), about.st_size, about.st_mtime_ns]
