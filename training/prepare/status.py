"""Reports the progress of a dataset from the files on the disk, also while runs work on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from media.errors import DatasetError, InputError
from training.dataset.index import read_description
from training.dataset.items import done_items, failures
from training.dataset.lines import read_document
from training.prepare.folders import find_tasks

RUN = "run.json"
"""When the last run began."""


@dataclass(frozen=True)
class Status:
    """The progress of a dataset. left: videos; None if unknown. per_minute: videos in the last run."""

    kind: str
    done: int
    refused: Mapping[str, int]
    left: int | None
    per_minute: float

    @property
    def seconds_left(self) -> float | None:
        """Seconds left of the run, at its rate."""
        return None if not self.per_minute or self.left is None else 60 * self.left / self.per_minute


def read_status(root: Path) -> Status:
    """Read the status of a dataset, whether a run is working on it or not. Raises DatasetError if it is not a
    dataset.
    """
    facts = read_description(root)
    try:
        started = float(read_document(root / RUN).get("started", 0))
    except (FileNotFoundError, DatasetError, TypeError, ValueError, OverflowError):
        started = 0.0
    moments: list[float] = []
    done, refused, seen = 0, Counter[str](), set()
    for item in done_items(root):
        done += 1
        seen.add(item["name"])
        moments.append(item.get("finished", 0.0))
    for failed in failures(root):
        refused[failed["code"]] += 1
        seen.add(failed["name"])
        moments.append(failed.get("finished", 0.0))
    recent = [moment for moment in moments if moment >= started > 0]
    rate = 60 * len(recent) / max(max(recent) - started, 1e-3) if recent else 0.0
    left: int | None = None
    videos = Path(str(facts.get("videos", "")))
    if started and videos.is_dir():  # a dataset from the public layout has no run
        with suppress(InputError):
            left = sum(task.name not in seen for task in find_tasks(videos, root))
    return Status(facts["kind"], done, refused, left, rate)
