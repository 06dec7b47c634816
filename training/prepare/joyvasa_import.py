"""Makes a dataset from a training folder of the public JoyVASA program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from engines.joyvasa.face.crop import NETWORK_SIDE
from engines.joyvasa.motion.windows import FPS
from engines.weights.catalogue import RANDOM_MARK
from media.documents.bounds import RECORD
from media.documents.json_text import read_json
from media.documents.paths import is_file
from media.errors import DatasetError, DocumentError, VoiceError
from media.voice import open_voice
from training.dataset.arrays import write_arrays
from training.dataset.index import REFUSED, Split, write_index
from training.dataset.items import ItemFacts, write_failure, write_item
from training.dataset.names import item_name
from training.dataset.sound import write_voice
from training.prepare.folders import claim
from training.prepare.joyvasa_layout import MOTIONS, TEMPLATE, TRAINING_TEMPLATE
from training.prepare.kinds import PREPARERS
from training.prepare.motion_item import MOTION, VOICE, check_frames, fitted_voice
from training.prepare.motion_template import template_over
from training.prepare.pickled import read_numbers
from training.prepare.preparer import Rejected
from training.prepare.public_motion import from_public

SPLITS: tuple[Split, ...] = ("train", "test")
LABELS = ("audio_name", "motion_name")


@dataclass
class _Clips:
    """The clips' motions: from a file each, or from one file for all, which is read if a clip's
    file is missing.
    """

    folder: Path
    _all: Mapping[str, Any] | None = field(default=None, repr=False)

    def motion(self, label: Mapping[str, str]) -> Any:
        path = _found(self.folder, label.get("motion_name", ""))
        if path is not None:
            return read_numbers(path)
        if self._all is None:
            content = read_numbers(self.folder / MOTIONS)
            if not isinstance(content, dict):
                raise DatasetError(
                    "{folder} contains no named motions; merge them again.", folder=self.folder / MOTIONS
                )
            self._all = content
        if label["audio_name"] not in self._all:
            raise DatasetError(
                "{file} has no motion of this voice, and it has no file of its own.", file=MOTIONS
            )
        return self._all[label["audio_name"]]


def read_public_layout(folder: Path, root: Path) -> dict[str, int]:
    """Make the dataset `root` from train.json and test.json, motions and voices in `folder`.

    The split is kept; the template is computed from the motions again. Clips that cannot be used are listed
    with their reasons. Returns the counts of `write_index`. Raises DatasetError for a folder without labels,
    or if no clip for training can be used; OptionError for another dataset in `root`.
    """
    labels = {split: read_labels(folder / f"{split}.json") for split in SPLITS}
    claim(root, "joyvasa", folder, PREPARERS["joyvasa"], resume=True)
    clips, random_weights = _Clips(folder), _random_weights(folder)
    names: dict[Split, set[str]] = {"train": set(), "test": set()}
    for split, label in ((part, one) for part in SPLITS for one in labels[part]):
        name, source = item_name(label["audio_name"]), label["audio_name"]
        try:
            write_item(root, name, source, partial(_fill, clips, label, random_weights))
        except Rejected as refusal:
            write_failure(root, name, source, refusal.code, refusal.reason)
        else:
            names[split].add(name)
    counts = write_index(root, names["test"])
    if not names["train"]:
        raise DatasetError(
            '0 of the {count} clips in "{labels}" can be used; "{refused}" says why.',
            count=len(labels["train"]),
            labels=folder / "train.json",
            refused=root / REFUSED,
        )
    template_over(root, names["train"])
    return dict(counts)


def _fill(clips: _Clips, label: Mapping[str, str], random_weights: bool, out: Path) -> ItemFacts:
    try:
        motion = from_public(clips.motion(label), label["audio_name"])
    except DatasetError as error:
        raise Rejected("bad_motion", str(error)) from None
    frames = len(motion["exp"])
    check_frames(frames)
    voice = _found(clips.folder, label["audio_name"])
    if voice is None:
        raise Rejected("no_audio", f'The voice "{label["audio_name"]}" is not there.')
    try:
        samples = open_voice(voice, max_seconds=frames / FPS + 3600).samples
    except VoiceError as error:
        raise Rejected("bad_audio", str(error)) from None
    write_voice(out / VOICE, fitted_voice(samples, frames, longer=True))
    write_arrays(out / MOTION, motion)
    return ItemFacts(frames, NETWORK_SIDE, NETWORK_SIDE, random_weights)


def read_labels(path: Path) -> list[dict[str, str]]:
    """The clips that a list of the public program names. Raises DatasetError."""
    if not path.is_file():
        raise DatasetError(
            '"{path}" is missing; a folder of the public program has train.json and test.json.', path=path
        )
    try:
        content = read_json(path, RECORD)
    except DocumentError as error:
        raise DatasetError(
            "{path} is damaged ({reason}); make the labels again.", path=path, reason=error
        ) from None
    fine = isinstance(content, list) and all(
        isinstance(one, dict) and isinstance(one.get("audio_name"), str) for one in content
    )
    if not fine:
        raise DatasetError(
            "{path} is not a list of clips with an `audio_name` each; make the labels again.", path=path
        )
    return [{key: one[key] for key in LABELS if isinstance(one.get(key), str)} for one in content]


def _random_weights(folder: Path) -> bool:
    """Whether the folder's template says that the motions come from random weights."""
    paths = [path for name in (TRAINING_TEMPLATE, TEMPLATE) if (path := folder / name).is_file()]
    return any(RANDOM_MARK in content for path in paths if isinstance(content := read_numbers(path), dict))


def _found(folder: Path, name: str) -> Path | None:
    """A file by the path in the labels, or by its name below the folder, which may have been moved."""
    if not name:
        return None
    # The labels may come from another operating system with other path separators.
    last = name.replace("\\", "/").rpartition("/")[2]
    places = (folder, folder / "motions", folder / "videos")
    paths = (Path(name), folder / name, *(place / last for place in places))
    return next((path for path in paths if is_file(path)), None)
