"""Checks the folder of videos and the folder of the dataset before work begins."""

from __future__ import annotations

from pathlib import Path

from media.errors import InputError, OptionError, OutputError
from training.dataset.index import DESCRIPTION, read_description, write_description
from training.dataset.items import ITEMS, failures
from training.dataset.names import item_name
from training.prepare.kinds import make_preparer
from training.prepare.work import Task

VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".flv", ".3gp"})


def find_tasks(videos: Path, root: Path) -> list[Task]:
    """Every video below a folder, by its path. Raises InputError if there is none."""
    if not videos.is_dir():
        raise InputError('There is no folder of videos at "{videos}"; check the path.', videos=videos)
    hidden = root.resolve() if videos.resolve() in root.resolve().parents else None
    found = []
    for path in sorted(videos.rglob("*")):
        source = path.relative_to(videos)
        if any(name.startswith(".") for name in source.parts) or path.suffix.lower() not in VIDEOS:
            continue
        if path.is_file() and hidden not in path.resolve().parents:
            found.append(Task(path.absolute(), source.as_posix(), item_name(source)))
    if not found:
        raise InputError(
            'There is no video in "{videos}" (supported: {endings}).',
            videos=videos,
            endings=", ".join(sorted(VIDEOS)),
        )
    return found


def claim(root: Path, kind: str, videos: Path, place: str, *, resume: bool) -> None:
    """Make a folder the dataset of some videos, or check that it already is. Raises OptionError if it is
    another's.
    """
    if not (root / DESCRIPTION).is_file():
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise OptionError(
                '"{root}" exists and is not a dataset; name a new or empty folder with -o.', root=root
            )
        facts = make_preparer(place).facts()
        try:
            write_description(root, kind, **facts, videos=str(videos.resolve()))
        except OSError as error:
            raise OutputError(
                'The folder "{root}" cannot be created ({reason}); name another one with -o.',
                root=root,
                reason=error.strerror,
            ) from None
        return
    known = read_description(root)
    if known["kind"] != kind:
        raise OptionError(
            '"{root}" was started for {found}, not for {kind}; name another folder with -o.',
            root=root,
            found=known["kind"],
            kind=kind,
        )
    count = sum(1 for _ in Path(root, ITEMS).glob("[!.]*"))
    if not resume and (count or any(failures(root))):
        raise OptionError(
            '"{root}" contains a dataset with {count} items; continue it with --resume, or name another '
            "folder with -o.",
            root=root,
            count=count,
        )
    before = Path(str(known.get("videos", videos)))
    if before != videos.resolve() and before.exists():
        raise OptionError(
            '"{root}" was made from "{before}", not from "{videos}"; name another folder with -o.',
            root=root,
            before=before,
            videos=videos,
        )


def unchanged_refusals(root: Path) -> dict[str, dict[str, int]]:
    """The videos that rules have refused, with the state of their files. Videos that failed for another
    reason are not included, so they are tried again.
    """
    again = ("error", "crash")
    return {
        facts["name"]: {"bytes": facts["bytes"], "modified": facts["modified"]}
        for facts in failures(root)
        if facts["code"] not in again and "modified" in facts
    }
