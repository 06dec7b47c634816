"""`weights`: list, fetch, check, convert and make up the networks' files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from media.errors import EngineError, OptionError

if TYPE_CHECKING:
    from engines.weights.catalogue import WeightFile, WeightFolder

weights = typer.Typer(
    help="List, fetch, check, convert and make up the networks' files.", rich_markup_mode=None
)

ENGINES = ("joyvasa",)
SIZES = ("tiny", "full")

Engine = Annotated[str, typer.Argument(metavar="ENGINE", help=f"The engine: {', '.join(ENGINES)}.")]
Root = Annotated[
    str | None,
    typer.Option(
        "--root", metavar="FOLDER", help="Folder of all weights, or a checkout of the original program."
    ),
]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="GROUP", help="A group of files; can be given again.")
]


@weights.command("list")
def list_files(
    engine: Engine = "joyvasa",
    root: Root = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> None:
    """List every file with its size, licence and place."""
    from engines.joyvasa.weights import FILES, GROUPS

    folder = _folder(engine, root, torch=False)
    rows = [(file, folder.find(file)) for file in FILES]
    if as_json:
        print(json.dumps([_as_dict(file, path) for file, path in rows]))
        return
    for group, meaning in GROUPS.items():
        print(f"{group}: {meaning}")
        for file, path in rows:
            if group == file.groups[0]:
                print(f"  {'here' if path else '-':<4} {file.path}  ({file.size})")
                also = f"also for {', '.join(file.groups[1:])}; " if file.groups[1:] else ""
                print(f"       {file.purpose}; {also}{file.address}; {file.licence}")


@weights.command("download")
def download_files(engine: Engine = "joyvasa", only: Only = None, root: Root = None) -> None:
    """Fetch what is missing for human mode, or for the groups given with --only.

    Groups: human and landmarks (both fetched by default), animal, words, insightface, training. What is
    interrupted goes on where it stopped.
    """
    from engines.joyvasa.inspection import is_made_up
    from engines.joyvasa.text_codes import make_text_codes
    from engines.joyvasa.weights import ANIMAL, FILES, GROUPS, TEXT_CODES, USUAL_GROUPS, WORDS
    from engines.weights.catalogue import in_groups
    from engines.weights.download import download

    folder = _folder(engine, root)
    groups = _groups(only, GROUPS) or USUAL_GROUPS
    codes = folder.find(TEXT_CODES)
    words = ANIMAL in groups and (codes is None or is_made_up(TEXT_CODES, codes))
    wanted = list(in_groups(FILES, (*groups, WORDS) if words else groups))
    limited = sorted({file.licence for file in wanted if not file.commercial})
    for licence in limited:
        print(f"note: {licence}")
    for file, path in download(wanted, folder, replaceable=is_made_up):
        print(f"{file.path}: {path}")
    if words:
        print(f"{TEXT_CODES.path}: {make_text_codes(folder)}")


@weights.command("check")
def check_files(engine: Engine = "joyvasa", only: Only = None, root: Root = None) -> None:
    """Compare every tensor's name and shape with what the networks need; exits 1 when something is wrong.

    A missing file counts when human mode needs it, when animal mode needs it and others of animal mode are
    there, and when --only names its group.
    """
    from engines.joyvasa import inspection
    from engines.joyvasa.weights import GROUPS

    folder = _folder(engine, root)
    groups = _groups(only, GROUPS)
    counted = set(groups or inspection.needed(folder))
    faults = 0
    for report in inspection.check_files(folder, groups or GROUPS):
        fault = report.state == "wrong" or (report.state == "missing" and counted & set(report.file.groups))
        faults += bool(fault)
        note = f"  {report.note}" if report.note else ""
        print(f"{report.state.upper() if fault else report.state:<8} {report.file.path}{note}")
    print(f"{faults} at fault" if faults else "Nothing is at fault.")
    if faults:
        raise typer.Exit(1)


@weights.command("convert")
def convert_files(engine: Engine = "joyvasa", root: Root = None) -> None:
    """Write every checkpoint as safetensors beside the original; these load faster and hold no program.

    The originals are not needed any more then, but are left where they are.
    """
    from engines.joyvasa.inspection import convert_files

    count = 0
    for old, new in convert_files(_folder(engine, root)):
        print(f"{old} -> {new.name}")
        count += 1
    if not count:
        print("There is nothing to convert.")


@weights.command("synthesize")
def synthesize_files(
    engine: Engine = "joyvasa",
    size: Annotated[
        str,
        typer.Option(
            "--size", metavar="tiny|full", help="tiny: small networks; full: the real shapes, 2 GB."
        ),
    ] = "tiny",
    salt: Annotated[str, typer.Option("--salt", metavar="TEXT", help="Other text, other weights.")] = "v1:",
    root: Root = None,
) -> None:
    """Make up a set of weights to try things with; videos made with them say so and show no face."""
    from engines.joyvasa.made_up import synthesize

    folder = _folder(engine, root)
    if size == "tiny":
        paths = synthesize(folder, "tiny", salt)
    elif size == "full":
        paths = synthesize(folder, "full", salt)
    else:
        raise OptionError(f"--size is {' or '.join(SIZES)}, not {size!r}.")
    for path in paths:
        print(path)


def _folder(engine: str, root: str | None, *, torch: bool = True) -> WeightFolder:
    """torch: whether PyTorch is needed for what is to be done."""
    if engine not in ENGINES:
        raise OptionError(f"{engine!r} has no weights to fetch; {', '.join(ENGINES)} has.")
    from engines.joyvasa.weights import folder
    from studio.settings import Settings

    if torch and find_spec("torch") is None:
        raise EngineError("This needs PyTorch. Install it with: pip install -r requirements-neural.txt")

    return folder(Path(root).expanduser() if root else Settings().weights)


def _groups(given: Iterable[str] | None, known: Iterable[str]) -> tuple[str, ...]:
    groups, names = tuple(given or ()), tuple(known)
    strange = [group for group in groups if group not in names]
    if strange:
        raise OptionError(f"There is no group {strange[0]!r}; there is {', '.join(names)}.")
    return groups


def _as_dict(file: WeightFile, path: Path | None) -> dict[str, object]:
    return asdict(file) | {"path": file.path, "address": file.address, "found": str(path) if path else None}
