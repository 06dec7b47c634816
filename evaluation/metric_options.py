"""The forms of published metrics; values of different forms cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from media.errors import OptionError

Mode = Literal["pipeline", "demo"]
VSHIFT = 15
"""Frames; as in every script of SyncNet's authors, although their function's default is 10."""
MOST_VSHIFT = 50
"""Two seconds either way; beyond that, speech begins to resemble itself again."""


@dataclass(frozen=True)
class SyncOptions:
    """How Sync is measured.

    mode: "pipeline" follows the face and cuts it out, as the original's run_pipeline; "demo" takes the whole
        frame squeezed to 224 x 224, for files that are face crops already.
    vshift: frames that the sound is moved either way, 1 to 50.
    reference_conversion: convert to AVI with MP3 first, as the original does, with the delay it brings.
    detector: "auto" is S3FD when its weights are there, and MediaPipe otherwise.
    """

    mode: Mode = "pipeline"
    vshift: int = VSHIFT
    reference_conversion: bool = False
    detector: Literal["auto", "s3fd", "mediapipe"] = "auto"


USUAL_SYNC = SyncOptions()


@dataclass(frozen=True)
class MetricOptions:
    """The form of all metrics.

    half: round Background's features and likenesses to float16, as the original does on a GPU.
    """

    sync: SyncOptions = USUAL_SYNC
    half: bool = False


USUAL = MetricOptions()


def form_of(mode: str, vshift: int, conversion: bool, half: bool) -> MetricOptions:
    """The form of some settings. Raises OptionError."""
    modes: dict[str, Mode] = {name: name for name in get_args(Mode)}
    if mode not in modes:
        raise OptionError(
            "There is no mode {mode!r} of Sync. Available: {modes}.", mode=mode, modes=" and ".join(modes)
        )
    if not 1 <= vshift <= MOST_VSHIFT:
        raise OptionError(
            "The shift of the sound must be 1 to {most} frames, not {shift}.",
            most=MOST_VSHIFT,
            shift=vshift,
        )
    return MetricOptions(SyncOptions(modes[mode], vshift, conversion), half)
