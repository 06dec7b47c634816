"""Estimates how long a video takes on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from engines import registry
from engines.base import EngineOptions
from media.errors import JoyStudioError
from studio.decoding import decoding_for
from studio.events import Result
from studio.gallery.history import History
from studio.hosting.gpu_time import TRAINED_SIDE, gpu_work
from studio.processor import processor_speed
from studio.settings import Settings
from studio.weights_report import report_weights

COSTING = ("inference_steps", "resolution", "fps")
"""The options that decide the amount of work."""
LOOKED_AT = 40
"""Number of recent videos that an estimate uses."""
USUAL_PIXELS = TRAINED_SIDE**2
PRACTICAL = 1800.0
"""Seconds of work that start without a question."""


@dataclass(frozen=True)
class Estimate:
    """seconds: of the whole job. measured: whether it comes from earlier videos on this device rather than
    from the number of operations. device: where the networks run. networks: whether there are any.
    """

    seconds: float
    measured: bool
    device: str = "cpu"
    networks: bool = True

    @property
    def practical(self) -> bool:
        """Whether a user can be expected to wait for it."""
        return self.seconds <= PRACTICAL


NETWORK_SHARE = 0.6
"""Fraction of a large matrix product's speed that the networks reach."""
_WARP = 0.008
"""Seconds for a 512x512 frame that no network renders, on one ordinary core: the preview engine's."""


def estimate(
    engine: str,
    options: EngineOptions,
    voice: float,
    *,
    portrait: Path | str | None = None,
    settings: Settings | None = None,
    sampled: bool = True,
    loaded: bool = False,
) -> Estimate:
    """The time that a job will take. voice: seconds. portrait: the image, for its size.

    sampled: False if a saved motion is rendered again. loaded: whether a GPU has the networks already; their
    start takes longer than a short job.

    If the device has made videos with this engine and the same kind of weights, random or real, their times
    are scaled to the work of this job. Otherwise the number of operations is divided by the speed of the
    machine's processor. Small random weights count as little work.
    """
    settings = settings or Settings()
    pixels = _pixels(portrait, settings)
    report = report_weights(engine)
    random_weights = report is not None and report.random_weights
    tiny = report is not None and report.tiny
    work = _work(
        engine, options.model_dump(), voice, pixels, settings.device, tiny, sampled=sampled, loaded=loaded
    )
    # On a GPU, some earlier videos began with the start, and their entries do not say which.
    mixed = loaded and settings.device.startswith("cuda")
    rates = [
        result.seconds / _work(engine, result.options, result.duration, _area(result), settings.device, tiny)
        for result in ([] if mixed else earlier_videos(settings))
        if (result.engine, result.device, result.random_weights) == (engine, settings.device, random_weights)
    ]
    networks = registry.spec_of(engine).cost is not None
    return Estimate(work * (median(rates) if rates else 1.0), bool(rates), settings.device, networks)


def _area(result: Result) -> int:
    return result.size[0] * result.size[1]


def earlier_videos(settings: Settings, *, dubs: bool = False) -> list[Result]:
    """Recent videos of portraits, or the dubs among recent videos, which take other work."""
    if not settings.history.is_file():
        return []
    try:
        found = [entry.result for entry in History(settings.history).list(LOOKED_AT)]
        return [result for result in found if (result.dub is not None) == dubs]
    except JoyStudioError:  # an unreadable history contributes nothing
        return []


def _work(
    engine: str,
    options: Mapping[str, Any],
    voice: float,
    pixels: int,
    device: str,
    tiny: bool,
    *,
    sampled: bool = True,
    loaded: bool = False,
) -> float:
    """Seconds that the job should take; once there are earlier videos, only proportions matter."""
    frames = max(1, round(voice * options.get("fps", 25)))
    cost = registry.spec_of(engine).cost
    pasting = _WARP * frames * pixels / USUAL_PIXELS
    if cost is None:
        return 0.4 + pasting
    if device.startswith("cuda"):
        from studio.options import make_options

        known = {name: options[name] for name in COSTING if name in options}
        return gpu_work(engine, make_options(engine, known), voice, sampled=sampled, loaded=loaded)
    steps = options.get("inference_steps") or cost.steps
    share = (options.get("resolution", TRAINED_SIDE) / TRAINED_SIDE) ** 2
    step, frame = (cost.tiny if tiny else None) or (cost.step_gflop, cost.frame_gflop)
    stretches = max(1, -(-voice // cost.stretch)) if sampled else 0
    operations = share * (step * steps * stretches + frame * frames)
    return 1.0 + pasting + operations / (NETWORK_SHARE * processor_speed())


def _pixels(portrait: Path | str | None, settings: Settings) -> int:
    """Number of pixels of the video for a portrait; a typical number if it cannot be read."""
    if portrait is None:
        return USUAL_PIXELS
    try:
        width, height = decoding_for(settings).picture_size(portrait)
    except JoyStudioError:  # the hint below the image gives the reason
        return USUAL_PIXELS
    scale = min(1.0, settings.max_side / max(width, height, 1))
    return max(1, round(width * scale) * round(height * scale))
