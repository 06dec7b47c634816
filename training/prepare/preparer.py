"""The interface that a training implements so that `prepare` can make datasets for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from training.dataset.items import ItemFacts


class Rejected(Exception):
    """A video cannot be used; the others can.

    code: a word for the rule that refused it, one of `CODES` or a training's own, counted in the summary.
    reason: one sentence with the number that decided.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)  # both, so that it survives the way from another process
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


CODES: Mapping[str, str] = {
    "corrupt": "cannot be read, or breaks off",
    "no_audio": "has no sound",
    "bad_audio": "sound is silent, damaged or too short",
    "too_long": "lasts longer than an hour",
    "length_mismatch": "video and sound differ by more than 3 frames",
    "too_short": "has too few frames",
    "no_face": "a frame without a face",
    "many_faces": "a frame with more than one face",
    "missing": "a file of the public layout is missing",
    "no_identity": "no face was found by the public program",
    "bad_features": "features of the public layout that cannot be used",
    "bad_motion": "a motion of the public layout that cannot be used",
    "error": "something unexpected happened",
    "crash": "ended the process that worked on it, twice",
}
"""The rules that refuse videos, in the summary's words."""


class Preparer(Protocol):
    """Makes items of one kind.

    Every worker process makes its own; it keeps networks and nothing about a video. `training.prepare.kinds`
    finds it by name. Its constructor receives what it needs to know about the run.
    """

    kind: ClassVar[str]

    def load(self, device: str) -> None:
        """Read the networks, once per process. Raises WeightsMissing or WeightsError."""
        ...

    def prepare(self, video: Path, out: Path) -> ItemFacts:
        """Fill the empty folder `out` with the data of a video.

        Raises Rejected for a video that a rule refuses. The caller owns the folder: it renames the folder
        afterwards, or removes it if this raises.
        """
        ...

    def finish(self, root: Path, names: Collection[str]) -> Collection[str]:
        """Write the files over all items when all are done.

        Returns the names for testing. Called without `load`, in one process. names: of all items, sorted;
        their folders are in `root/items`.
        """
        ...

    def facts(self) -> Mapping[str, Any]:
        """Further entries for `dataset.json`, such as the networks' names, as JSON values. Called without
        `load`.
        """
        ...


@runtime_checkable
class StagedPreparer(Preparer, Protocol):
    """A preparer whose first half needs no networks and may run on other cores and machines."""

    def read(self, video: Path, out: Path) -> None:
        """The first half: decode and look for faces. Called without `load`; raises Rejected.

        `prepare` continues from the files in `out`, and does this half itself if there are none.
        """
        ...
