"""A preparer that any process can create; it records its work next to the videos."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

from media.errors import WeightsMissing
from training.dataset.items import ItemFacts
from training.prepare.preparer import Rejected

LOG, PID, GATE, OPEN = "log", "pid", "gate", "open"
"""What was prepared; pipes that tell a process's id and hold it up; a file that says not to."""


class StubPreparer:
    """Copies the video. One whose name is `held` waits at the gate; one named `refused` is refused."""

    kind: ClassVar[str] = "joyhallo"

    def __init__(self) -> None:
        self._loaded = False

    def load(self, device: str) -> None:
        self._loaded = True

    def prepare(self, video: Path, out: Path) -> ItemFacts:
        assert self._loaded
        trace(video.parent, f"prepare {video.stem}")
        (out / "half").write_bytes(b"")
        if video.stem == "refused":
            raise Rejected("no_face", "Frame 3 shows no face.")
        if video.stem == "broken":
            raise ValueError("on purpose")
        if video.stem == "held" and not (video.parent / OPEN).exists():
            (video.parent / PID).write_text(str(os.getpid()))
            (video.parent / GATE).read_text()
        (out / "copy").write_bytes(video.read_bytes())
        return ItemFacts(30, 4, 2)

    def finish(self, root: Path, names: Collection[str]) -> Collection[str]:
        return ()

    def facts(self) -> Mapping[str, Any]:
        return {}


class NoWeightsStub(StubPreparer):
    """One whose networks are not there."""

    def load(self, device: str) -> None:
        raise WeightsMissing("The stub's network is missing.")


class StagedStub(StubPreparer):
    """The same in two halves."""

    def read(self, video: Path, out: Path) -> None:
        assert not self._loaded
        trace(video.parent, f"read {video.stem}")
        (out / "read").write_bytes(b"")

    def prepare(self, video: Path, out: Path) -> ItemFacts:
        assert (out / "read").exists()
        return super().prepare(video, out)


def trace(folder: Path, text: str) -> None:
    with (folder / LOG).open("a") as file:
        file.write(text + "\n")
