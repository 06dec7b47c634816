"""The events of a running job: Progress, Started, Chunk and Progress in turn, Finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from media.messages import packed, unpacked
from studio.given_performance import KEY as PERFORMANCE
from studio.given_performance import performance_facts
from studio.random_weights import KEY, says_random
from studio.second_voice import KEY as SECOND
from studio.second_voice import read_second

if TYPE_CHECKING:
    import numpy as np

    from media.partial_frames import PartialFrames
    from studio.provenance.origin import Origin

MESSAGES = "messages"
"""The key under which a stored result keeps the templates of its notes."""

Stage = Literal["opening", "loading", "following", "sampling", "rendering", "finishing"]
"""opening: reading portrait and voice. loading: loading the engine's networks. sampling: diffusion steps,
which give no frames yet. following: finding the faces of a video that is dubbed.
"""


@dataclass(frozen=True)
class Started:
    """The inputs are accepted; gives the number of frames and their size as (width, height)."""

    job_id: str
    frames: int
    fps: int
    size: tuple[int, int]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """Progress of the job: `fraction` 0..1 of the work; seconds_left is None until it is known.

    stage_fraction: progress of a stage that comes before the work, 0..1.
    """

    stage: Stage
    fraction: float
    seconds_left: float | None
    stage_fraction: float | None = None

    @property
    def shown(self) -> float:
        """The fraction for a progress bar: the stage's own before the work, then that of the work."""
        return self.fraction if self.stage_fraction is None else self.stage_fraction


@dataclass(frozen=True, eq=False)
class Chunk:
    """Finished frames, read-only; `start` is the number of the first.

    work: as the engine gave them, perhaps only the rectangle that changes.
    """

    work: np.ndarray | PartialFrames
    start: int

    @cached_property
    def frames(self) -> np.ndarray:
        """The frames in full, (n, H, W, 3) uint8 RGB."""
        import numpy as np  # late: the command line reads events without waiting for it

        return np.asarray(self.work)

    def __len__(self) -> int:
        """The number of frames."""
        return len(self.work)


@dataclass(frozen=True)
class Result:
    """A finished video and how it was made.

    duration: of the voice, in seconds. seconds: wall time of the whole job. first_chunk_seconds: until the
    first frames. realtime_factor: seconds / duration. motion: the file with the motion, from engines that can
    render it again. signed: the video carries a signed manifest. device: where the networks ran, as in
    `JOYSTUDIO_DEVICE`. incomplete: what belongs to the video and could not be written, for example because
    the disk is full: "signature", "motion"; a note gives the reason. generated_voice: the speech engine and
    voice, if the voice was generated from a text. portrait_edit: what was changed about the portrait first.
    second_voice: of a video in which two faces speak, as in `studio.second_voice`. performance: of one that a
    recorded performance drove, as in `studio.given_performance`. dub: of a video that was
    dubbed, as in `studio.dubbing.recorded`; `portrait` and `portrait_sha256` are those of its source then.
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
    portrait_edit: dict[str, Any] | None = None
    second_voice: dict[str, Any] | None = None
    performance: dict[str, Any] | None = None
    dub: dict[str, Any] | None = None

    @classmethod
    def of(cls, origin: Origin, **how: Any) -> Result:
        """A result with the fields that it shares with its origin. how: every other field."""
        return cls(**origin.shared(), **how)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Result:
        """A result from `as_json`, also of an earlier version. Raises LookupError, TypeError, ValueError,
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
                SECOND: read_second(values.get(SECOND)),
                PERFORMANCE: performance_facts(values.get(PERFORMANCE)),
                "incomplete": tuple(map(str, values.get("incomplete", ()))),
                KEY: says_random(document),
                "dub": dict(values["dub"]) if values.get("dub") else None,
            }
        )

    def messages(self) -> dict[str, Any]:
        """What to store with `as_json` so that the notes keep their templates; empty if none has one."""
        kept = [packed(note) for note in self.notes]
        return {MESSAGES: kept} if any(isinstance(one, list) for one in kept) else {}

    def as_json(self) -> dict[str, Any]:
        """The result as values for `json.dumps`."""
        return asdict(self) | {
            "path": str(self.path),
            "size": list(self.size),
            "notes": list(self.notes),
            "incomplete": list(self.incomplete),
            "motion": str(self.motion) if self.motion else None,
        }


def _notes(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The notes of a stored result, with their templates if they were stored."""
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
