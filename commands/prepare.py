"""`prepare`: turns a folder of videos into a dataset for training."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.progress_line import ProgressLine, clock
from media.documents.paths import given_path
from media.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from training.prepare.run import Event, PreparationBegan, PreparationEnded

LAYOUTS, SOURCES = ("ours", "public"), ("videos", "public")
BESIDE = ".joystudio-dataset"
"""The folder, next to the public layout, of the dataset that it is written from."""


def prepare(
    videos: Annotated[
        str | None,
        typer.Argument(metavar="VIDEOS_DIR", help="A folder of videos.", show_default=False),
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            "--for", metavar="joyhallo|joyvasa", help=("The training for which to prepare the videos.")
        ),
    ] = "joyhallo",
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="DATASET", help="The folder to create.", show_default=False),
    ] = None,
    input_: Annotated[
        str | None, typer.Option("--input", "-i", metavar="DIR", help="The same as VIDEOS_DIR.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", min=1, metavar="N", help="Number of parallel workers.")
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option("--ray", metavar="ADDRESS", help="Use a Ray cluster: host:6379, or auto."),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            "--device",
            metavar="NAME",
            help=("The device for the networks: cpu, cuda, ... Default: JOYSTUDIO_DEVICE."),
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Resume a dataset; finished videos stay.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only print the progress of a dataset.")] = False,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="videos|public",
            help=("The content of VIDEOS_DIR; public: data prepared by the public program."),
        ),
    ] = "videos",
    layout: Annotated[
        str,
        typer.Option("--layout", metavar="ours|public", help="The layout of the result on the disk."),
    ] = "ours",
    step: Annotated[
        int | None,
        typer.Option(
            "--step",
            "-s",
            min=1,
            max=2,
            metavar="1|2",
            help=("The public program's flag; one pass does both steps."),
        ),
    ] = None,
    parts: Annotated[
        int, typer.Option("-p", min=1, metavar="PARTS", help="Divide the videos among this number of runs.")
    ] = 1,
    rank: Annotated[
        int, typer.Option("-r", min=0, metavar="PART", help="The part for this run, from 0.")
    ] = 0,
) -> None:
    """Prepare videos for training: frames, voices, faces and the networks' outputs for them.

    Resume a stopped run with --resume. The command lists each refused video with the reason.
    """
    _check(layout, LAYOUTS, "--layout")
    _check(source, SOURCES, "--from")
    if rank >= parts:
        raise OptionError(
            "-r is {rank}; with -p {parts} it is 0 to {last}.", rank=rank, parts=parts, last=parts - 1
        )
    folder = _folder(videos, input_)
    if status:
        _tell_status(_place(output) or folder)
        return
    if folder is None:
        raise OptionError("Name the folder of videos: python cli.py prepare VIDEOS_DIR -o DATASET.")
    public = layout == "public" or step is not None
    out = _place(output) or (folder.absolute().parent if public else None)
    if out is None:
        raise OptionError("Name the folder to make with -o DATASET.")
    if public and (folder / "dataset.json").is_file():
        _write_public(folder, kind, out)
        return
    root = out / BESIDE if public else out
    if source == "public":
        raise typer.Exit(_import(kind, folder, root))
    from studio.settings import Settings
    from training.prepare.run import PreparationPool, prepare_videos

    pool = PreparationPool(workers, ray, device or Settings().device)
    part = (parts, rank) if parts > 1 else None
    ended = _show(prepare_videos(folder, root, kind, pool, resume=resume or public, part=part))
    if public and ended.items:
        _write_public(root, kind, out)
    raise typer.Exit(0 if ended.items else 2)


def _folder(videos: str | None, input_: str | None) -> Path | None:
    if videos is not None and input_ is not None:
        raise OptionError("The folder of videos is named twice; leave out VIDEOS_DIR or -i.")
    return _place(videos if input_ is None else input_)


def _place(given: str | None) -> Path | None:
    return None if given is None else given_path(given)


def _check(value: str, known: tuple[str, ...], flag: str) -> None:
    if value not in known:
        raise OptionError(
            "{flag} is {known}, not {value!r}.", flag=flag, known=" or ".join(known), value=value
        )


def _show(events: Generator[Event]) -> PreparationEnded:
    """Show progress on one line, print every refusal, and return the summary."""
    from training.prepare.run import PreparationBegan, PreparationProgress

    line = ProgressLine(sys.stderr)
    ended: PreparationEnded | None = None
    try:
        with closing(events):
            for event in events:
                if isinstance(event, PreparationBegan):
                    print(began(event), flush=True)
                elif isinstance(event, PreparationProgress):
                    if event.outcome.code:
                        line.clear()
                        print(f"refused: {event.outcome.source}: {event.outcome.reason}", flush=True)
                    rate = f"preparing {event.done + event.failed}/{event.total}, {event.per_minute:.1f}/min"
                    line.show_text(rate, (event.done + event.failed) / event.total, event.seconds_left)
                else:
                    ended = event
    finally:
        line.clear()
    assert ended is not None
    for text in summary(ended):
        print(text)
    return ended


def began(event: PreparationBegan) -> str:
    """The work to do, in one line."""
    known = [
        f"{count} {what}"
        for count, what in ((event.done, "done already"), (event.refused, "refused before and unchanged"))
        if count
    ]
    return f"{event.total} video(s) to prepare" + (f"; {', '.join(known)}" if known else "")


def summary(ended: PreparationEnded) -> list[str]:
    """The table at the end: the usable videos, and how many each rule refused."""
    lines = [f"{ended.items:6}  can be used", *_refusals(ended.refused)]
    lines += [f"note ({count} of {ended.items}): {note}" for note, count in ended.notes.items()]
    if ended.refused:
        lines.append(f"Reasons: {ended.root / 'failed.jsonl'}")
    return [*lines, f"{ended.root} ({clock(ended.seconds)})"]


def _refusals(refused: Mapping[str, int]) -> list[str]:
    from training.prepare.preparer import CODES

    return [f"{count:6}  {code}: {CODES.get(code, 'refused')}" for code, count in refused.items()]


def _tell_status(root: Path | None) -> None:
    if root is None:
        raise OptionError("Name the dataset: python cli.py prepare --status -o DATASET.")
    from training.prepare.status import read_status

    progress = read_status(root / BESIDE if (root / BESIDE).is_dir() else root)
    left = "unknown" if progress.left is None else str(progress.left)
    print(f"{progress.kind}: {progress.done} done, {sum(progress.refused.values())} refused, {left} left")
    for text in _refusals(progress.refused):
        print(text)
    if progress.per_minute:
        rest = "" if not progress.seconds_left else f", {clock(progress.seconds_left)} left at this rate"
        print(f"{progress.per_minute:.1f} videos per minute in the last run{rest}")


def _import(kind: str, folder: Path, root: Path) -> int:
    """A dataset from the public layout; the exit code."""
    from training.prepare.kinds import read_public_layout

    counts = dict(read_public_layout(kind, folder, root))
    items = counts.pop("done", 0)
    print(f"{items:6}  can be used")
    for text in _refusals(counts):
        print(text)
    print(root)
    return 0 if items else 2


def _write_public(root: Path, kind: str, out: Path) -> None:
    from training.dataset.index import read_dataset
    from training.prepare.kinds import write_public_layout

    for path in write_public_layout(read_dataset(root, kind), out):
        print(path)
