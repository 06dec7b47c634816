"""Reads and writes a dataset's index: the list of items and their facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from media.documents.quoting import reason_of, shown
from media.errors import DatasetError
from training.dataset.items import ITEMS, done_items, failures, is_done
from training.dataset.lines import read_document, read_lines, write_document, write_lines
from training.dataset.names import is_item_name

Kind = Literal["joyhallo", "joyvasa"]
Split = Literal["train", "test"]
VERSION = 1
FPS = 25
DESCRIPTION, INDEX, REFUSED = "dataset.json", "index.jsonl", "failed.jsonl"
_OWN = ("name", "frames", "width", "height", "split")


@dataclass(frozen=True)
class Item:
    """One prepared video.

    folder: where its files are. frames: number of frames, at 25 per second. size: (width, height) in pixels.
    facts: everything else the index says, such as `source`, the path below the folder of videos.
    """

    name: str
    folder: Path
    frames: int
    size: tuple[int, int]
    split: Split
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """Prepared videos of one kind.

    random_weights: whether a network with random weights processed any of them.
    """

    root: Path
    kind: Kind
    random_weights: bool
    items: tuple[Item, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)


def read_dataset(path: Path | str, kind: str, split: Split | None = None) -> Dataset:
    """The dataset in a folder. split: only the items for training, or for testing.

    Raises DatasetError if it does not exist, is unfinished, is of another kind or version, or has no item.
    """
    root = Path(path)
    facts = read_description(root)
    if facts["kind"] != kind:
        raise DatasetError(
            '"{root}" was prepared for {found}, not for {kind}; prepare the videos again with --for {kind}.',
            root=root,
            found=facts["kind"],
            kind=kind,
        )
    try:
        lines = read_lines(root / INDEX)
    except FileNotFoundError:
        raise DatasetError(
            '"{root}" is unfinished: it has no {index}; run prepare again with --resume.',
            root=root,
            index=INDEX,
        ) from None
    items = tuple(_item(root, line) for line in lines if split is None or line.get("split") == split)
    if not items:
        which = f" for split {split!r}" if split else ""
        raise DatasetError(
            '"{root}" has 0 videos{which} of {count}; {refused} there says why videos were refused.',
            root=root,
            which=which,
            count=len(lines),
            refused=REFUSED,
        )
    if gone := [item.name for item in items if not is_done(root, item.name)]:
        raise DatasetError(
            '"{root}" lacks {missing} of the {count} items that it lists ({first}); run prepare again with '
            "--resume.",
            root=root,
            missing=len(gone),
            count=len(items),
            first=gone[0],
        )
    rest = {name: value for name, value in facts.items() if name not in ("kind", "made_up_weights")}
    return Dataset(root, facts["kind"], bool(facts.get("made_up_weights")), items, rest)


def read_description(root: Path) -> dict[str, Any]:
    """The content of `dataset.json`. Raises DatasetError if it is missing, unknown or of another version."""
    try:
        facts = read_document(root / DESCRIPTION)
    except (FileNotFoundError, NotADirectoryError):
        raise DatasetError(
            'There is no dataset in "{root}" (no {description}); make one with `python cli.py prepare`.',
            root=root,
            description=DESCRIPTION,
        ) from None
    if str(facts.get("kind")) not in get_args(Kind) or facts.get("version") != VERSION:
        kind, version = shown(facts.get("kind")), shown(facts.get("version"))
        raise DatasetError(
            '"{root}" contains a dataset of kind {kind}, version {version}; version {supported} of {kinds} '
            "is supported. Prepare the videos again.",
            root=root,
            kind=kind,
            version=version,
            supported=VERSION,
            kinds=" or ".join(get_args(Kind)),
        )
    return facts


def write_description(root: Path, kind: str, **facts: Any) -> None:
    """Write the dataset's description; `read_dataset` also needs the index."""
    root.mkdir(parents=True, exist_ok=True)
    description = {"kind": kind, "version": VERSION, "fps": FPS, "made_up_weights": False, **facts}
    write_document(root / DESCRIPTION, description)


def write_index(root: Path, test: Collection[str] = ()) -> Counter[str]:
    """Write both lists again from the folders.

    test: names of the items that are not trained on. Returns how many items there are ("done") and how many
    videos each rule refused, by its code.
    """
    counts: Counter[str] = Counter()
    lines, random_weights = [], False
    for facts in done_items(root):
        random_weights |= bool(facts.pop("made_up_weights", False))
        rest = {name: value for name, value in facts.items() if name not in ("seconds", "finished")}
        lines.append({**rest, "split": "test" if facts["name"] in test else "train"})
    refused = [{k: v for k, v in facts.items() if k != "finished"} for facts in failures(root)]
    write_lines(root / INDEX, lines)
    write_lines(root / REFUSED, refused)
    description = read_description(root)
    if description.get("made_up_weights") != random_weights:
        write_document(root / DESCRIPTION, {**description, "made_up_weights": random_weights})
    counts.update({"done": len(lines)})
    counts.update(facts["code"] for facts in refused)
    return counts


def _item(root: Path, line: Mapping[str, Any]) -> Item:
    try:
        name, split = str(line["name"]), line["split"]
        size = int(line["width"]), int(line["height"])
        frames = int(line["frames"])
        if not is_item_name(name):
            raise ValueError(f"name {shown(name)}")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise DatasetError(
            "{root} has a line without a usable {reason}; run prepare again with --resume.",
            root=root / INDEX,
            reason=reason_of(error),
        ) from None
    facts = {key: value for key, value in line.items() if key not in _OWN}
    return Item(name, root / ITEMS / name, frames, size, "test" if split == "test" else "train", facts)
