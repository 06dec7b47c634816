"""The events of a running edit: progress, then the finished file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

ClipStage = Literal["opening", "searching", "writing", "finishing"]
"""searching: for the face in every second of the video. writing: frames and sound."""


@dataclass(frozen=True)
class ClipProgress:
    """fraction: 0..1 of the whole edit. seconds_left: None until it can be estimated."""

    stage: ClipStage
    fraction: float
    seconds_left: float | None


@dataclass(frozen=True)
class Edited:
    """A finished edit.

    size: (width, height) in pixels. duration: seconds of video. bytes: size of the file. signed: the file
    carries a signed manifest. incomplete: "signature" if one was requested and could not be written.
    """

    path: Path
    size: tuple[int, int]
    fps: float
    frames: int
    duration: float
    bytes: int
    notes: tuple[str, ...] = ()
    signed: bool = False
    incomplete: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The edit as values for `json.dumps`."""
        return asdict(self) | {
            "path": str(self.path),
            "size": list(self.size),
            "notes": list(self.notes),
            "incomplete": list(self.incomplete),
        }


ClipEvent = ClipProgress | Edited
