"""Tests readers with strange documents: python -m benchmarks.robustness

Real documents of every kind are changed at random, the same for the same seed, and read. Clean is a value,
or a JoyStudioError whose message is printable and has at most 600 characters. Everything else is not: another
error, a death of the process, more than a gigabyte, or more than ten seconds of processor time. Each part
runs in a process whose memory is limited. No input is stored; `--kind NAME --only N` makes one again.
"""

from __future__ import annotations

import contextlib
import json
import logging
import multiprocessing
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, parser
from benchmarks.mutations import Mutator
from benchmarks.strange_documents import DocumentKind
from media.errors import JoyStudioError

PARTS = {
    "benchmarks.strange_documents": 0.82,
    "benchmarks.strange_weights": 0.14,
    "benchmarks.strange_media": 0.04,
}
"""The modules that have the kinds, and their shares of all inputs."""
MEDIA = "benchmarks.strange_media"
INPUTS, SHORT = 200_000, 20_000
LONGEST_MESSAGE = 600
MOST_SECONDS = 10.0
MOST_MEMORY = 1_000_000_000
SHOWN = 10


@dataclass
class InputOutcomes:
    """The outcomes of the inputs of one kind. faults: number and reason of the first unclean ones."""

    kind: str
    inputs: int = 0
    values: int = 0
    refusals: int = 0
    not_clean: int = 0
    slowest_ms: float = 0.0
    largest_mb: float = 0.0
    faults: list[tuple[int, str]] = field(default_factory=list)

    def fault(self, number: int, reason: str) -> None:
        """Count an input that is not clean."""
        self.not_clean += 1
        if len(self.faults) < SHOWN:
            self.faults.append((number, reason))


def kinds_of(part: str) -> list[DocumentKind]:
    """The kinds of a module."""
    return list(import_module(part).kinds())


def tasks_of(part: str, inputs: int) -> list[Task]:
    """All kinds of a part, with about `inputs` inputs in all."""
    names = [kind.name for kind in kinds_of(part)]
    return [(name, range(-(-inputs // len(names)))) for name in names]


def strange_input(kind: DocumentKind, documents: list[Any], seed: int, number: int) -> Any:
    """The input of this number, always the same."""
    mutator = Mutator(f"{seed} {kind.name} {number}")
    if kind.form == "bytes":
        return mutator.changed(documents)
    return mutator.json(documents) if kind.form == "json" else mutator.value(documents)


def outcome(read: Callable[[], Any]) -> tuple[str, str]:
    """("value" | "refusal" | "fault", the reason)."""
    try:
        read()
    except JoyStudioError as error:
        message = str(error)
        if len(message) > LONGEST_MESSAGE:
            return "fault", f"a message of {len(message)} characters: {message[:200]}"
        if any(not sign.isprintable() for sign in message.replace("\n", "").replace("\u3000", "")):
            return "fault", f"a message that cannot be printed: {message!a}"
        return "refusal", message
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        return "fault", f"{type(error).__name__} at {where}: {str(error)[:200]!a}"
    return "value", ""


def run_kind(
    kind: DocumentKind,
    folder: Path,
    seed: int,
    numbers: range,
    row: InputOutcomes,
    before_each: Callable[[int], None],
) -> None:
    """Read the inputs of these numbers. before_each: is called with each number before its input is read."""
    with tempfile.TemporaryDirectory() as made:
        documents = kind.make(Path(made))
    outcome(lambda: kind.read(folder, documents[0]))  # what is imported at first does not count
    before = _forget_peak()
    for number in numbers:
        given = strange_input(kind, documents, seed, number)
        before_each(number)
        began = time.process_time()
        how, reason = outcome(lambda: kind.read(folder, given))  # noqa: B023 - called at once
        seconds = time.process_time() - began
        row.inputs += 1
        row.slowest_ms = max(row.slowest_ms, 1000 * seconds)
        if how == "fault" or seconds > MOST_SECONDS:
            row.fault(number, reason if how == "fault" else f"{seconds:.0f} s of processor time")
        elif how == "value":
            row.values += 1
        else:
            row.refusals += 1
    row.largest_mb = max(row.largest_mb, (_peak() - before) / 1e6)
    if row.largest_mb * 1e6 > MOST_MEMORY:
        row.fault(numbers[-1], f"{row.largest_mb:.0f} MB at most")


Task = tuple[str, range]
"""A kind by its name, and the numbers of its inputs."""


def run_tasks(part: str, seed: int, tasks: list[Task]) -> Iterator[InputOutcomes]:
    """A row for every task. All run in one child; if it dies at an input, another continues after it."""
    waiting, died = list(tasks), dict[str, InputOutcomes]()
    while waiting:
        ours, theirs = _CONTEXT.Pipe(duplex=False)
        child = _CONTEXT.Process(target=_work, args=(part, seed, waiting, theirs))
        child.start()
        theirs.close()
        name, numbers = waiting[0]
        last = numbers.start - 1
        with contextlib.suppress(EOFError):
            while waiting:
                said = ours.recv()
                if isinstance(said, InputOutcomes):
                    _add(died.setdefault(said.kind, InputOutcomes(said.kind)), said)
                    yield died.pop(said.kind)
                    waiting.pop(0)
                    (name, numbers), last = waiting[0] if waiting else (name, numbers), -1
                else:
                    last = said
        child.join()
        if waiting:  # the outcomes of earlier inputs were lost with the child
            row = died.setdefault(name, InputOutcomes(name))
            row.inputs += last + 1 - numbers.start
            row.fault(last, f"the process ended with code {child.exitcode}")
            waiting[0] = (name, range(last + 1, numbers.stop))


_CONTEXT = multiprocessing.get_context("spawn")


def _work(part: str, seed: int, tasks: list[Task], pipe: Connection) -> None:
    """The child's side: sends each number before its input is read, and each row."""
    logging.disable()
    warnings.simplefilter("ignore")
    chosen = {kind.name: kind for kind in kinds_of(part)}
    if part != MEDIA:  # decoders have limits of their own
        _limit_memory()
    for name, numbers in tasks:
        row = InputOutcomes(name)
        with tempfile.TemporaryDirectory() as folder:
            run_kind(chosen[name], Path(folder), seed, numbers, row, pipe.send)
        pipe.send(row)


def _add(total: InputOutcomes, row: InputOutcomes) -> None:
    for name in ("inputs", "values", "refusals", "not_clean"):
        setattr(total, name, getattr(total, name) + getattr(row, name))
    total.slowest_ms = max(total.slowest_ms, row.slowest_ms)
    total.largest_mb = max(total.largest_mb, row.largest_mb)
    total.faults = [*total.faults, *row.faults][:SHOWN]


def _limit_memory() -> None:
    """What the process has now and two gigabytes; where the system knows of limits."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + 2 * MOST_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _forget_peak() -> int:
    """Bytes in memory now; the peak that the system remembers starts from here, where it can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM")


def _status(name: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0


TITLES = ("inputs", "values", "refused", "not clean", "ms", "MB")


def line(row: InputOutcomes) -> str:
    """A row of the table; milliseconds and megabytes are those of the slowest and the largest."""
    numbers = (
        row.inputs,
        row.values,
        row.refusals,
        row.not_clean,
        round(row.slowest_ms),
        round(row.largest_mb),
    )
    return f"{row.kind:<28}" + "".join(f"{number:>10,}" for number in numbers)


def main() -> int:
    """Print the table; 1 when anything is not clean."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--short", action="store_true", help=f"{SHORT:,} inputs in place of {INPUTS:,}")
    arguments.add_argument("--inputs", type=int, help="how many")
    arguments.add_argument("--seed", type=int, default=0, help="which")
    arguments.add_argument("--part", choices=[*PARTS], help="only the kinds of this module")
    arguments.add_argument("--kind", help="only this kind")
    arguments.add_argument(
        "--only", type=int, help="with --kind: read the input of this number here, and say all"
    )
    given = arguments.parse_args()
    inputs = given.inputs or (SHORT if given.short else INPUTS)
    rows = []
    if not given.json:
        print(f"{'kind':<28}" + "".join(f"{title:>10}" for title in TITLES))
    for part, share in PARTS.items():
        tasks = tasks_of(part, round(inputs * share))
        if given.only is not None:
            tasks = [(name, range(given.only, given.only + 1)) for name, _ in tasks]
        tasks = [task for task in tasks if given.part in (None, part) and given.kind in (None, task[0])]
        for row in run_tasks(part, given.seed, tasks):
            rows.append(row)
            if not given.json:
                print(
                    line(row),
                    *(f"    {number}: {reason}" for number, reason in row.faults),
                    sep="\n",
                    flush=True,
                )
    faults = Figure("not clean", sum(row.not_clean for row in rows), "", 0, at_least=False)
    if given.json:
        json.dump([asdict(row) for row in rows], sys.stdout, indent=2)
        print()
    else:
        print(f"{sum(row.inputs for row in rows):,} inputs", faults, sep="\n")
    return 0 if faults.ok else 1


if __name__ == "__main__":
    sys.exit(main())
