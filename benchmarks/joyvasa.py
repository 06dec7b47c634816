"""How fast JoyVASA is against its plain networks: python -m benchmarks.joyvasa

Plain and rearranged networks run by turns in one process, so that a busy machine slows both down; the
fastest round of each counts. Weights are made up: they do not change the work.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain

from benchmarks import joyvasa_rendering
from benchmarks.figures import Figure, parser, report

PARTS = {"rendering": joyvasa_rendering}


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--part", choices=list(PARTS), action="append", help="only this; repeatable")
    arguments.add_argument("--rounds", type=int, default=3, help="rounds of which the fastest counts")
    arguments.add_argument("--threads", type=int, default=2, help="processor cores to use (default 2)")
    chosen = arguments.parse_args()
    parts = chosen.part or list(PARTS)
    measured: Iterator[Figure] = chain.from_iterable(
        PARTS[part].figures(rounds=chosen.rounds, threads=chosen.threads) for part in parts
    )
    return report(measured, as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
