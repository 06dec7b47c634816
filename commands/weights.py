"""`weights`: lists, downloads, checks, converts and generates the networks' files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engines import registry
from engines.spec import WeightsSpec
from media.documents.paths import given_path
from media.errors import EngineError, OptionError
from speech import registry as speakers
from studio.weight_sets import weight_set_of

if TYPE_CHECKING:
    from engines.weights.catalogue import WeightFile, WeightFolder
    from engines.weights.weight_set import WeightSet

weights = typer.Typer(
    help="List, download, check, convert and generate the networks' files.", rich_markup_mode=None
)

SIZES = ("tiny", "full")
OTHERS = {
    "metrics": WeightsSpec(
        "evaluation.weights.inspection:MetricWeights", usual="all except Q-Align", full_size="0.8 GB"
    )
}
"""Weight files that do not belong to an engine."""
SPEAKERS = {spec.name: spec.weights for spec in speakers.specs() if spec.weights}
"""The speech engines that have weight files."""
SETS = {spec.name: spec.weights for spec in registry.specs() if spec.weights} | SPEAKERS | OTHERS
USUAL = "; ".join(f"{name}: {known.usual}" for name, known in SETS.items() if known.usual)
FULL_SIZES = ", ".join(f"{name} {known.full_size}" for name, known in SETS.items() if known.full_size)
DEFAULT = next(iter(SETS))
"""The default engine."""

Engine = Annotated[
    str,
    typer.Argument(
        metavar="ENGINE",
        help=f"The engine: {', '.join(registry.with_weights())}; {', '.join(SPEAKERS)}, to speak texts; or "
        f"{', '.join(OTHERS)}, to score videos.",
    ),
]
Root = Annotated[
    str | None,
    typer.Option(
        "--root", metavar="FOLDER", help="The folder of all weights, or a checkout of the original program."
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="GROUP", help="A group of files from `weights list`; can be repeated."),
]


@weights.command("list")
def list_files(
    engine: Engine = DEFAULT,
    root: Root = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> None:
    """List every file with its size, licence and source."""
    known = _set_of(engine)
    folder = _folder(known, root)
    rows = [(file, folder.find(file)) for file in known.catalogue.files]
    if as_json:
        print(json.dumps([_as_dict(file, path) for file, path in rows]))
        return
    for group, meaning in known.catalogue.groups.items():
        print(f"{group}: {meaning}")
        for file, path in rows:
            if group == file.groups[0]:
                print(f"  {'installed' if path else '-':<9} {file.path}  ({file.size})")
                also = f"also for {', '.join(file.groups[1:])}; " if file.groups[1:] else ""
                print(f"            {file.purpose}; {also}{file.address}; {file.licence}")


@weights.command(
    "download",
    help=f"""Download the files that an engine usually needs, or the groups given with --only.

    {USUAL}. An interrupted download resumes.
    """,
)
def download_files(
    engine: Engine = DEFAULT,
    only: Only = None,
    root: Root = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="FOLDER", help="Take files that lie in this folder instead of downloading them."
        ),
    ] = None,
) -> None:
    """Download the files that an engine usually needs, or the groups given with --only."""
    from engines.weights.download import Fetch, download, fetch
    from engines.weights.local_files import fetch_from
    from studio.settings import Settings

    known = _with_torch(engine)
    folder = _folder(known, root)
    groups = _groups(only, known.catalogue.groups) or known.catalogue.usual_groups
    wanted = known.wanted(folder, groups)
    limited = sorted({file.licence for file in wanted if not file.commercial})
    for licence in limited:
        print(f"note: {licence}")
    catalogue = known.catalogue
    Settings()  # raises for a wrong JOYSTUDIO_WEIGHTS_HUB

    def check(file: WeightFile, path: Path) -> str:
        return str(known.fault_of(folder, file, path))

    get: Fetch = partial(fetch, check=check)
    if source is not None:
        get = fetch_from(
            given_path(source),
            catalogue.files,
            catalogue.top,
            get,
            check,
        )
    for file, path in download(wanted, folder, get, replaceable=known.is_random):
        print(f"{file.path}: {path}")
    for file, path in known.make(folder, groups):
        print(f"{file.path}: {path}")


@weights.command("check")
def check_files(engine: Engine = DEFAULT, only: Only = None, root: Root = None) -> None:
    """Compare every tensor's name and shape with what the networks need; exit with 1 if something is wrong.

    The command reports a missing file if the engine cannot work without it, or if --only names its group. For
    an optional group, such as animal mode, it reports missing files if another file of the group exists.
    """
    known = _with_torch(engine)
    folder = _folder(known, root)
    groups = _groups(only, known.catalogue.groups)
    counted = set(groups or known.needed(folder))
    faults = 0
    for report in known.check_files(folder, groups or None):
        fault = report.state == "wrong" or (report.state == "missing" and counted & set(report.file.groups))
        faults += bool(fault)
        note = f"  {report.note}" if report.note else ""
        print(f"{report.state.upper() if fault else report.state:<8} {report.file.path}{note}")
    print(f"{faults} with problems" if faults else "No problems found.")
    if faults:
        raise typer.Exit(1)


@weights.command("convert")
def convert_files(engine: Engine = DEFAULT, root: Root = None) -> None:
    """Write every checkpoint as safetensors next to the original; these load faster and contain no program.

    The originals are then no longer needed, but they stay where they are.
    """
    known = _with_torch(engine)
    count = 0
    for old, new in known.convert_files(_folder(known, root)):
        print(f"{old} -> {new.name}")
        count += 1
    if not count:
        print("No files to convert.")


@weights.command("synthesize")
def synthesize_files(
    engine: Engine = DEFAULT,
    size: Annotated[
        str,
        typer.Option(
            "--size",
            metavar="tiny|full",
            help=f"tiny: small networks; full: the real shapes ({FULL_SIZES}).",
        ),
    ] = "tiny",
    salt: Annotated[
        str, typer.Option("--salt", metavar="TEXT", help="Another text gives other weights.")
    ] = "v1:",
    root: Root = None,
) -> None:
    """Generate random weights for tests; videos made with them say so and show no face."""
    known = _with_torch(engine)
    folder = _folder(known, root)
    if size == "tiny":
        paths = known.synthesize(folder, "tiny", salt)
    elif size == "full":
        paths = known.synthesize(folder, "full", salt)
    else:
        raise OptionError("--size is {sizes}, not {size!r}.", sizes=" or ".join(SIZES), size=size)
    for path in paths:
        print(path)


def _set_of(name: str) -> WeightSet:
    if name not in OTHERS:
        known: WeightSet = weight_set_of(name)
        return known
    module, _, attribute = OTHERS[name].catalogue.partition(":")
    return getattr(import_module(module), attribute)()


def _with_torch(engine: str) -> WeightSet:
    known = _set_of(engine)
    if find_spec("torch") is None:
        raise EngineError("This needs PyTorch. Install it with: pip install -r requirements.txt")
    return known


def _folder(known: WeightSet, root: str | None) -> WeightFolder:
    from studio.settings import Settings

    return known.catalogue.folder(given_path(root) if root else Settings().weights)


def _groups(given: Iterable[str] | None, known: Iterable[str]) -> tuple[str, ...]:
    groups, names = tuple(given or ()), tuple(known)
    strange = [group for group in groups if group not in names]
    if strange:
        raise OptionError(
            "There is no group {strange!r}. Available: {names}.", strange=strange[0], names=", ".join(names)
        )
    return groups


def _as_dict(file: WeightFile, path: Path | None) -> dict[str, object]:
    return asdict(file) | {"path": file.path, "address": file.address, "found": str(path) if path else None}
