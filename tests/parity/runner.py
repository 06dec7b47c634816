"""Runs the golden files of a folder, one line each."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.parity.context import BANKS, Context
from tests.parity.golden import Comparison, Golden
from tests.parity.parts import Check

SHOWN = 3


@dataclass(frozen=True)
class Outcome:
    """The outcome of one golden file. problem: why it failed other than by a comparison."""

    name: str
    comparisons: tuple[Comparison, ...] = ()
    problem: str = ""

    @property
    def ok(self) -> bool:
        return not self.problem and bool(self.comparisons) and all(c.ok for c in self.comparisons)

    def line(self) -> str:
        """Name, absolute and relative error, tolerance, and ok or FAIL with what failed.

        The numbers are those of one array, the one that comes nearest to its own tolerance or exceeds it by
        most: arrays are judged differently, so the largest error of all says nothing beside one tolerance.
        """
        if not self.comparisons:
            return (
                f"{self.name:<32} {'-':>9} {'-':>9} {'-':>9}  FAIL  {self.problem or 'nothing was compared'}"
            )
        decisive = max(self.comparisons, key=lambda c: (not c.ok, c.strain))
        unit = "rel" if decisive.relative else "abs"
        numbers = f"{decisive.worst_abs:9.2e} {decisive.worst_rel:9.2e} {decisive.tolerance:9.0e} {unit}"
        verdict = "ok" if self.ok else f"FAIL  {self._reasons()}"
        return f"{self.name:<32} {numbers}  {verdict}"

    def _reasons(self) -> str:
        failed = [_reason(c) for c in self.comparisons if not c.ok]
        more = [f"and {len(failed) - SHOWN} more"] if len(failed) > SHOWN else []
        return "; ".join([*([self.problem] if self.problem else []), *failed[:SHOWN], *more])


def run(
    context: Context,
    checks: Mapping[str, Check],
    only: tuple[str, ...] = (),
    left_out: Collection[str] = (),
    *,
    trace: bool = False,
) -> Iterator[Outcome]:
    """Check every golden_*.npz of the folder, or those named in `only`, in the order of their names.

    left_out: names that are not run unless `only` has them. trace: print tracebacks of broken checks.
    """
    wanted = {name.removeprefix("golden_").removesuffix(".npz") for name in only}
    present = {
        path.stem.removeprefix("golden_"): path for path in sorted(context.folder.glob("golden_*.npz"))
    }
    for name in sorted(wanted - present.keys()):
        yield Outcome(name, problem=f"there is no golden_{name}.npz in {context.folder}")
    for name, path in present.items():
        if name in wanted or not (wanted or name in left_out):
            yield _check(path, context, checks.get(name), trace)


def _check(path: Path, context: Context, check: Check | None, trace: bool) -> Outcome:
    name = path.stem.removeprefix("golden_")
    if check is None:
        return Outcome(name, problem="no check knows this file")
    done: list[Comparison] = []
    try:
        golden = Golden(path)
        for bank in set(BANKS) - set(context.banks):
            golden.pass_over(bank)
        for comparison in check(golden, context):
            done.append(comparison)
    except Exception as error:  # one broken check must not hide the others
        if trace:
            traceback.print_exc()
        return Outcome(name, tuple(done), f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
    unknown = golden.unused()
    problem = f"unknown keys: {', '.join(unknown[:SHOWN])} ({len(unknown)})" if unknown else ""
    return Outcome(name, tuple(done), problem)


def _reason(comparison: Comparison) -> str:
    error = comparison.worst_rel if comparison.relative else comparison.worst_abs
    return f"{comparison.name} {comparison.note or f'{error:.2e} > {comparison.tolerance:.0e}'}"
