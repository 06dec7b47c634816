"""What a running job tells its readers: Progress, Started, Chunk and Progress in turn, Finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from media.messages import packed, unpacked
from studio.random_weights import KEY, says_random

if TYPE_CHECKING:
    import numpy as np

    from studio.provenance.origin import Origin

MESSAGES = "messages"
"""Under which a stored result keeps the templates of its notes."""

Stage = Literal["opening", "loading", "sampling", "rendering", "finishing"]
"""opening: portrait and voice are read. loading: the engine's networks are. sampling: diffusion steps, which
give no frame yet."""


@dataclass(frozen=True)
class Started:
    """The inputs are accepted: so many frames of this size (width, height) are coming."""

    job_id: str
    frames: int
    fps: int
    size: tuple[int, int]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """How far the job is: fraction 0..1 of the work; seconds_left is None until it is known.

    stage_fraction: of a stage that comes before the work, how much of it is done: 0..1.
    """

    stage: Stage
    fraction: float
    seconds_left: float | None
    stage_fraction: float | None = None

    @property
    def shown(self) -> float:
        """What a bar for one job shows: the stage's own fraction before the work, then that of the work."""
        return self.fraction if self.stage_fraction is None else self.stage_fraction


@dataclass(frozen=True, eq=False)
class Chunk:
    """Finished frames, (n, H, W, 3) uint8 RGB; `start` is the number of the first. Read only."""

    frames: np.ndarray
    start: int


@dataclass(frozen=True)
class Result:
    """A finished video and how it came to be.

    duration is the voice's, in seconds; seconds is wall time of the whole job; first_chunk_seconds is
    when the first frames left; realtime_factor is seconds / duration. motion is the file that keeps the
    motion, for engines that can render it again. signed: the video carries a signed manifest. device: where
    networks ran, as `JOYSTUDIO_DEVICE` names it. incomplete: what belongs to the video and could not be
    written, such as on a full disk: "signature", "motion"; a note says why. generated_voice: what spoke, if
    the voice was generated from a text.
    """

    job_id: str
    path: Path
    frames: int
    fps: int
    size: tuple[int, int]
    duration: float
    seconds: float
    first_chunk_seconds: float
    realtime_factor: float
    engine: str
    preset: str | None
    options: dict[str, Any]
    seed: int
    portrait: str
    speech: str
    portrait_sha256: str
    speech_sha256: str
    random_weights: bool
    notes: tuple[str, ...]
    motion: Path | None = None
    signed: bool = False
    device: str = ""
    incomplete: tuple[str, ...] = ()
    generated_voice: dict[str, Any] | None = None

    @classmethod
    def of(cls, origin: Origin, **how: Any) -> Result:
        """A result with the part of its origin that results repeat. how: every other field."""
        return cls(**origin.shared(), **how)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Result:
        """What `as_json` gave, also in an earlier version. Raises LookupError, TypeError, ValueError,
        AttributeError or OverflowError for anything else.
        """
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in document.items() if name in known}
        width, height = values["size"]
        return cls(
            **values
            | {
                "path": Path(values["path"]),
                "size": (int(width), int(height)),
                "notes": _notes(document),
                "motion": Path(values["motion"]) if values.get("motion") else None,
                "incomplete": tuple(map(str, values.get("incomplete", ()))),
                KEY: says_random(document),
            }
        )

    def messages(self) -> dict[str, Any]:
        """What to store beside `as_json` so that the notes keep their templates; empty where none has one."""
        kept = [packed(note) for note in self.notes]
        return {MESSAGES: kept} if any(isinstance(one, list) for one in kept) else {}

    def as_json(self) -> dict[str, Any]:
        """The result in values that `json.dumps` takes."""
        return asdict(self) | {
            "path": str(self.path),
            "size": list(self.size),
            "notes": list(self.notes),
            "incomplete": list(self.incomplete),
            "motion": str(self.motion) if self.motion else None,
        }


def _notes(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The notes of a stored result, with their templates where it was stored with them."""
    notes = tuple(map(str, document["notes"]))
    kept = document.get(MESSAGES)
    if not isinstance(kept, list) or len(kept) != len(notes):
        return notes
    return tuple(starmap(_message, zip(notes, kept, strict=True)))


def _message(note: str, kept: object) -> str:
    try:
        found = unpacked(kept, len(note))
    except ValueError:
        return note
    return found if found == note else note


@dataclass(frozen=True)
class Finished:
    """The video is complete under its final name."""

    result: Result


Event = Started | Progress | Chunk | Finished
