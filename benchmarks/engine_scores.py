"""Prints the built-in metrics of every engine on the shipped examples as a Markdown table.

An engine whose published weights are not here runs with tiny random ones, and its column says so. That shows
the whole pipeline and nothing about the engine, so it makes the first example only. Videos and scores
are kept in the folder, so a stopped run resumes.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import EXAMPLES, ROOT
from engines import registry
from evaluation.metric import Metric
from evaluation.report import words

COLUMNS = ("preview", "joyvasa:fast", "joyhallo:draft")
FACE = "mouth_sharpness"
"""A metric that every video with a face has."""


@dataclass(frozen=True)
class EngineVideos:
    """One engine's videos. weights: the origin of its networks' weights, in words. report: the
    written report.
    """

    title: str
    weights: str
    report: dict[str, Any]

    @property
    def videos(self) -> int:
        return len(self.report["rows"])

    @property
    def faces(self) -> int:
        """Videos that show a face."""
        scores = [row["scores"].get(FACE) for row in self.report["rows"]]
        return sum(score is not None and score["value"] is not None for score in scores)

    def mean(self, metric: Metric) -> str:
        """The mean as reports print it."""
        whole = next(mean for mean in self.report["means"] if mean["group"] is None)
        return words.number(metric, whole[metric.name], unit=True)


def measure(title: str, pairs: Path, out: Path) -> EngineVideos:
    """Make and score the list's videos with `ENGINE` or `ENGINE:PRESET`, as `evaluate --pairs` does."""
    engine, _, preset = title.partition(":")
    folder = out / title.replace(":", "-")
    folder.mkdir(parents=True, exist_ok=True)
    weights, root = _weights(engine, out)
    if root is not None:
        pairs = _first(pairs, folder / "first.csv")
    command = [sys.executable, "cli.py", "evaluate", "--pairs", str(pairs), "--engine", engine]
    command += ["--preset", preset] if preset else []
    command += ["--metrics", "builtin", "--out", str(folder)]
    environment = os.environ | ({"JOYSTUDIO_WEIGHTS": str(root)} if root else {})
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return EngineVideos(title, weights, json.loads((folder / "report.json").read_text(encoding="utf-8")))


def table(columns: list[EngineVideos]) -> str:
    """A row for every metric, a column for every engine."""
    lines = [
        ["", *(f"`{column.title}`" for column in columns)],
        ["---", *("---:" for _ in columns)],
        ["Weights", *(column.weights for column in columns)],
        ["Videos", *(str(column.videos) for column in columns)],
        ["Videos that show a face", *(str(column.faces) for column in columns)],
    ]
    for facts in columns[0].report["metrics"]:
        low, high = facts["range"]
        bounds = (-float("inf") if low is None else low, float("inf") if high is None else high)
        metric = Metric(**(facts | {"range": bounds}))
        cells = [column.mean(metric) for column in columns]
        if any(cell != words.number(metric, None) for cell in cells):
            lines.append([words.mean_heading(metric), *cells])
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _first(pairs: Path, target: Path) -> Path:
    """A list with the first line of another one."""
    from studio.list_file import NEEDED, read_rows

    first = read_rows(pairs)[0].values
    files = [(pairs.parent / first[column]).absolute() for column in NEEDED]
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([(*NEEDED, "name"), (*files, first.get("name", "first"))])
    return target


def _weights(engine: str, out: Path) -> tuple[str, Path | None]:
    """Where an engine's weights come from, and the root of those that were generated for it."""
    if engine not in registry.with_weights():
        return "none needed", None
    known = registry.weights_of(engine)
    folder = known.catalogue.folder()
    wanted = known.wanted(folder, known.needed(folder))
    if all(folder.find(file) for file in wanted) and not known.has_random(folder, known.needed(folder)[0]):
        return "published", None
    root = out / "random-weights"
    if not known.catalogue.folder(root).base.is_dir():
        list(known.synthesize(known.catalogue.folder(root), "tiny", "v1:"))
    return "random, tiny", root


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("columns", nargs="*", metavar="ENGINE[:PRESET]", help=f"default: {COLUMNS}")
    arguments.add_argument("--pairs", type=Path, default=EXAMPLES / "pairs.csv")
    arguments.add_argument("--out", type=Path, default=Path("outputs/engine-scores"))
    chosen = arguments.parse_args()
    out = chosen.out.absolute()
    print(table([measure(title, chosen.pairs.absolute(), out) for title in chosen.columns or COLUMNS]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
