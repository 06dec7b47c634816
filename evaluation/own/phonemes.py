"""The times of spoken sounds, from a table."""

from __future__ import annotations

import csv
from pathlib import Path

from media.errors import InputError

BILABIALS = frozenset({"p", "b", "m", "pʰ", "pʲ", "bʲ", "mʲ", "em"})
"""In IPA, ARPAbet and pinyin; signs of stress and length are left out before the comparison."""


def read_closures(path: Path) -> list[tuple[float, float]]:
    """(start, end) in seconds of every p, b and m of a CSV file with the columns start, end, phoneme.

    Raises InputError when the file lacks a column or a time is no number.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        return [
            (float(row["start"]), float(row["end"]))
            for row in rows
            if row["phoneme"].strip("ˈˌː012 ").lower() in BILABIALS
        ]
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{path.name} does not give the times of sounds ({type(error).__name__}: {error}); "
            "it needs the columns start, end and phoneme, with times in seconds."
        ) from error
