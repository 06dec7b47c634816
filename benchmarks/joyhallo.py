"""Compares JoyHallo with its plain networks in speed and memory: python -m benchmarks.joyhallo

Plain and fast networks run by turns in one process, so that a busy machine slows both down; the fastest round
of each counts. Weights are random: they do not change the work.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from benchmarks import (
    joyhallo_approximations,
    joyhallo_flops,
    joyhallo_gpu,
    joyhallo_memory,
    joyhallo_step,
)
from benchmarks.figures import Figure, parser, report

Part = Callable[[], Iterator[Figure]]


def parts(*, rounds: int, threads: int, short: bool, root: Path | None) -> dict[str, Part]:
    """Every part by name, in the order in which they run."""
    return {
        "flops": joyhallo_flops.figures,
        "tiny": partial(joyhallo_step.figures, "tiny", rounds=rounds, threads=threads),
        "full": partial(joyhallo_step.figures, "full", rounds=rounds, threads=threads),
        "approximations": partial(joyhallo_approximations.figures, threads=threads),
        "length": partial(joyhallo_memory.length, threads=threads, short=short),
        "memory": partial(joyhallo_memory.figures, threads=threads, root=root),
        "gpu": partial(joyhallo_gpu.figures, rounds=rounds, threads=threads, root=root),
    }


QUICK = ("flops", "tiny", "approximations", "length")
"""Parts of a few minutes together, which need little memory."""


def main() -> int:
    arguments = parser(__doc__ or "")
    names = list(parts(rounds=1, threads=1, short=True, root=None))
    arguments.add_argument("--part", choices=names, action="append", help="only this; repeatable")
    arguments.add_argument("--rounds", type=int, default=2, help="rounds of which the fastest counts")
    arguments.add_argument("--threads", type=int, default=2, help="processor cores to use (default 2)")
    arguments.add_argument(
        "--short", action="store_true", help="leave out networks of full size, and ten minutes of voice"
    )
    arguments.add_argument(
        "--root", type=Path, help="weights of full size; without it, random weights are generated"
    )
    chosen = arguments.parse_args()
    known = parts(rounds=chosen.rounds, threads=chosen.threads, short=chosen.short, root=chosen.root)
    wanted = chosen.part or (QUICK if chosen.short else names)
    return report(chain.from_iterable(known[part]() for part in wanted), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
