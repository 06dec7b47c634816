"""Documents of every kind, changed at random: a reader returns a value or refuses with a short message, and
nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.mutations import Mutator
from benchmarks.robustness import (
    MEDIA,
    MOST_MEMORY,
    PARTS,
    SHORT,
    kinds_of,
    outcome,
    run_tasks,
    strange_input,
    tasks_of,
)
from benchmarks.strange_documents import DocumentKind
from media.errors import InputError


@pytest.mark.parametrize("part", [part for part in PARTS if part != MEDIA])
def test_strange_documents_are_read_or_refused(part: str) -> None:
    """20,000 inputs of both parts, in two children whose memory is limited."""
    inputs = round(SHORT * PARTS[part] / (1 - PARTS[MEDIA]))
    rows = list(run_tasks(part, 1, tasks_of(part, inputs)))
    assert {row.kind: row.faults for row in rows if row.not_clean} == {}
    assert sum(row.inputs for row in rows) >= inputs
    assert all(row.largest_mb < MOST_MEMORY / 1e6 / 2 for row in rows)


def test_unchanged_documents_are_read(tmp_path: Path) -> None:
    """A reader that refused everything would otherwise pass."""
    made = tmp_path / "made"
    made.mkdir()
    for part in PARTS.keys() - {MEDIA}:
        for kind in kinds_of(part):
            if kind.form == "bytes" and kind.name != "path":
                for document in kind.make(made):
                    assert outcome(lambda: kind.read(tmp_path, document)) == ("value", ""), kind.name  # noqa: B023


def test_an_input_can_be_made_again() -> None:
    kind = DocumentKind("any", lambda folder: [], lambda folder, given: None)
    documents = [b"portrait,voice\na.png,b.wav\n"]
    made = [strange_input(kind, documents, 3, number) for number in range(50)]
    assert made == [strange_input(kind, documents, 3, number) for number in range(50)]
    assert made != [strange_input(kind, documents, 4, number) for number in range(50)]
    assert len(set(made)) > 40
    value = Mutator(1).value([{"a": [1, 2], "b": "c"}])
    assert repr(value) == repr(Mutator(1).value([{"a": [1, 2], "b": "c"}]))


def _raise(error: Exception) -> Any:
    raise error


@pytest.mark.parametrize(
    ("error", "how"),
    [
        (InputError("The list is empty."), "refusal"),
        (InputError("x" * 601), "fault"),
        (ValueError("x"), "fault"),
        (RecursionError(), "fault"),
        (MemoryError(), "fault"),
    ],
)
def test_only_short_refusals_are_clean(error: Exception, how: str) -> None:
    assert outcome(lambda: _raise(error))[0] == how


def test_a_child_that_dies_costs_one_input() -> None:
    rows = list(run_tasks("tests.benchmarks.ending_kinds", 0, [("ends", range(3)), ("goes on", range(4))]))
    assert [(row.kind, row.inputs, row.not_clean) for row in rows] == [("ends", 3, 1), ("goes on", 4, 0)]
    number, reason = rows[0].faults[0]
    assert number == 2
    assert "-9" in reason
