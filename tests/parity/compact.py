"""`python -m tests.parity.compact FILE OUT`: a golden file with fewer numbers, to be kept in the repository.

Sampled arrays keep some of their values, evenly spread, and their mean and deviation over all.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

POINTS = 256


def thinned(
    arrays: Mapping[str, np.ndarray], points: int = POINTS, leave_out: str | None = None
) -> dict[str, np.ndarray]:
    """The same arrays with at most `points` of each sampled one, without those whose name begins so."""
    kept: dict[str, np.ndarray] = {}
    for key, value in arrays.items():
        if leave_out and re.match(leave_out, key):
            continue
        if key.endswith(("__idx", "__val")) and len(value) > points:
            value = value[np.linspace(0, len(value) - 1, points).round().astype(int)]
        kept[key] = value
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.parity.compact", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--points", type=int, default=POINTS, help="values kept of each sampled array")
    parser.add_argument(
        "--leave-out", metavar="REGEX", help="arrays to leave out, by the beginning of their name"
    )
    given = parser.parse_args()
    with np.load(given.file, allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    np.savez_compressed(given.out, **thinned(arrays, given.points, given.leave_out))


if __name__ == "__main__":
    main()
