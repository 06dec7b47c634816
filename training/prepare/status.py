"""How far a dataset is, judged by what is on the disk while others work on it."""

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
    """How far a dataset is. left: videos, None where that is not known. per_minute: in the last run."""

    kind: str
    done: int
    refused: Mapping[str, int]
    left: int | None
    per_minute: float

    @property
    def seconds_left(self) -> float | None:
        """Of the run, at its rate."""
        return None if not self.per_minute or self.left is None else 60 * self.left / self.per_minute


def read_status(root: Path) -> Status:
    """Look at a dataset, whether anybody is at work on it or not. Raises DatasetError when it is none."""
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
    if started and videos.is_dir():  # one from the public layout has no run, and no videos are left of it
        with suppress(InputError):
            left = sum(task.name not in seen for task in find_tasks(videos, root))
    return Status(facts["kind"], done, refused, left, rate)
