"""`python -m tests.parity DIR`: our networks against the numbers of the original ones."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from engines.weights.synthesis import SALT
from tests.parity.context import BANKS, Context
from tests.parity.parts import checks, engine_of, slow
from tests.parity.runner import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per golden file and a last one with the counts; 1 when any failed or none was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of golden_*.npz files")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="only this file; repeatable"
    )
    parser.add_argument("--salt", default=SALT, help="salt of the random numbers (default %(default)s)")
    parser.add_argument("--fast", action="store_true", help="check the optimised modules")
    parser.add_argument(
        "--bank",
        choices=BANKS,
        help="JoyHallo: only the variant with reference features rounded to fp16 (bank16), or not (bank32)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="leave out what needs networks of real size, 6 GB and minutes"
    )
    parser.add_argument("--verbose", action="store_true", help="print every array, and tracebacks")
    given = parser.parse_args(arguments)

    passed = failed = 0
    banks = (given.bank,) if given.bank else BANKS
    context = Context(given.folder, given.salt, given.fast, banks)
    known = checks(engine_of(given.folder))
    left_out = slow() if given.quick else frozenset()
    for outcome in run(context, known, tuple(given.only), left_out, trace=given.verbose):
        print(outcome.line(), flush=True)
        if given.verbose:
            for c in outcome.comparisons:
                mark = "ok" if c.ok else "FAIL"
                numbers = f"{c.worst_abs:9.2e} {c.worst_rel:9.2e} {c.tolerance:9.0e} {mark}"
                print(f"    {c.name:<40} {numbers} {c.note}")
        passed += outcome.ok
        failed += not outcome.ok
    if not passed + failed:
        print(f"There is no golden_*.npz in {given.folder}.", file=sys.stderr)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
