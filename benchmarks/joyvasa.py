"""Compares JoyVASA with its plain networks in speed: python -m benchmarks.joyvasa

Plain and rearranged networks run by turns in one process, so that a busy machine slows both down; the
fastest round of each counts. Weights are random: they do not change the work.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

from benchmarks import (
    joyvasa_first,
    joyvasa_gpu,
    joyvasa_live,
    joyvasa_memory,
    joyvasa_rates,
    joyvasa_rendering,
    joyvasa_window,
)
from benchmarks.figures import Figure, parser, report

PARTS: dict[str, Callable[..., Iterator[Figure]]] = {
    "window": joyvasa_window.figures,
    "rendering": joyvasa_rendering.figures,
    "rates": joyvasa_rates.figures,
    "first": joyvasa_first.figures,
    "memory": joyvasa_memory.figures,
    "gpu": joyvasa_gpu.figures,
    "live": joyvasa_live.figures,
}


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--part", choices=list(PARTS), action="append", help="only this; repeatable")
    arguments.add_argument("--rounds", type=int, default=3, help="rounds of which the fastest counts")
    arguments.add_argument("--threads", type=int, default=2, help="processor cores to use (default 2)")
    arguments.add_argument("--short", action="store_true", help="leave out the ten minutes of voice")
    chosen = arguments.parse_args()
    parts = dict(PARTS)
    parts["memory"] = partial(joyvasa_memory.figures, short=chosen.short)
    measured: Iterator[Figure] = chain.from_iterable(
        parts[part](rounds=chosen.rounds, threads=chosen.threads) for part in chosen.part or parts
    )
    return report(measured, as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
