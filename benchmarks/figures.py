"""A measured figure with the gate that it must pass, printed one per line or as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"


@dataclass(frozen=True)
class Figure:
    """One number. gate: the bound it must keep; at_least: whether that is a lower bound; None for no gate."""

    name: str
    value: float
    unit: str = ""
    gate: float | None = None
    at_least: bool = True

    @property
    def ok(self) -> bool:
        """Whether the figure passes its gate; NaN never does."""
        if self.gate is None:
            return True
        return self.value >= self.gate if self.at_least else self.value <= self.gate

    def __str__(self) -> str:
        text = f"{self.name:<58} {self.value:>9.3f} {self.unit:<5}"
        if self.gate is None:
            return text.rstrip()
        sign = ">=" if self.at_least else "<="
        return f"{text} {sign} {self.gate:<7g} {'ok' if self.ok else 'SHORT'}"

    def as_json(self) -> dict[str, object]:
        """The figure in values that `json.dumps` takes."""
        return {**vars(self), "ok": self.ok}


def tell(news: str) -> None:
    """Print news of the work beside the figures, so that figures in JSON stay alone."""
    print(news, file=sys.stderr, flush=True)


def parser(description: str) -> ArgumentParser:
    """An argument parser with the arguments of every benchmark."""
    arguments = ArgumentParser(description=description)
    arguments.add_argument("--json", action="store_true", help="print JSON in place of lines")
    return arguments


def report(figures: Iterable[Figure], *, as_json: bool) -> int:
    """Print the figures as they arrive. Returns 0 if all pass their gates, else 1."""

    def shown() -> Iterator[Figure]:
        for figure in figures:
            if not as_json:
                print(figure, flush=True)
            yield figure

    known = list(shown())
    if as_json:
        json.dump([figure.as_json() for figure in known], sys.stdout, indent=2)
        print()
    return 0 if all(figure.ok for figure in known) else 1


def report_from_a_folder(description: str, figures: Callable[[Path], Iterable[Figure]]) -> int:
    """Measure in a temporary folder, with only the arguments of every benchmark; returns as `report`."""
    chosen = parser(description).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return report(figures(Path(folder)), as_json=chosen.json)
