"""`python -m tests.parity.compact FILE OUT`: a golden file with fewer numbers, to be kept in the repository.

Sampled arrays keep some of their values, evenly spread, and their mean and deviation over all. Outputs that
are stored whole may be sampled, too; inputs may not.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

POINTS = 256


def thinned(
    arrays: Mapping[str, np.ndarray],
    points: int = POINTS,
    leave_out: str | None = None,
    sample: str | None = None,
) -> dict[str, np.ndarray]:
    """The same arrays with at most `points` of each sampled one, without those whose name begins with
    `leave_out`; of whole arrays with decimals those are sampled whose name begins with `sample`.
    """
    kept: dict[str, np.ndarray] = {}
    for key, value in arrays.items():
        if leave_out and re.match(leave_out, key):
            continue
        whole = value.size > points and value.dtype.kind == "f" and not key.endswith("__val")
        if sample and whole and re.match(sample, key):
            kept |= _sampled(key, value, points)
            continue
        if key.endswith(("__idx", "__val")) and len(value) > points:
            value = value[np.linspace(0, len(value) - 1, points).round().astype(int)]
        kept[key] = value
    return kept


def _sampled(key: str, value: np.ndarray, points: int) -> dict[str, np.ndarray]:
    index = np.linspace(0, value.size - 1, points).round().astype(int)
    return {
        f"{key}__idx": index,
        f"{key}__val": value.reshape(-1)[index],
        f"{key}__shape": np.array(value.shape),
        f"{key}__mean": value.mean(dtype=np.float64),
        f"{key}__std": value.std(dtype=np.float64),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.parity.compact", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--points", type=int, default=POINTS, help="values kept of each sampled array")
    parser.add_argument(
        "--leave-out", metavar="REGEX", help="arrays to leave out, by the beginning of their name"
    )
    parser.add_argument(
        "--sample", metavar="REGEX", help="whole outputs to sample, by the beginning of their name"
    )
    given = parser.parse_args()
    with np.load(given.file, allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    np.savez_compressed(given.out, **thinned(arrays, given.points, given.leave_out, given.sample))


if __name__ == "__main__":
    main()
