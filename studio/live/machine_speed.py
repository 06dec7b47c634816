"""Whether a machine is fast enough for live sessions of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engines import registry
from media.errors import LiveSpeedError
from studio.estimate import NETWORK_SHARE
from studio.hosting.spaces import on_zero_gpu
from studio.processor import processor_speed
from studio.weights_report import report_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from engines.base import EngineOptions
    from engines.live import LiveFace

SURE = 2.0
"""An estimate beyond it decides; one below may be wrong, so the face is measured."""


def offered(engine: str, device: str) -> bool:
    """Whether a page offers live sessions of an engine.

    An engine that paints with networks needs a GPU of its own; those that are lent job by job do not count.
    """
    spec = registry.spec_of(engine)
    return spec.live and (spec.cost is None or (device != "cpu" and not on_zero_gpu()))


def check_estimate(
    engine: str, options: EngineOptions, device: str, speed: Callable[[], float] = processor_speed
) -> None:
    """Refuse a processor that is clearly too slow, before anything is read.

    speed: GFLOP per second of the machine. Raises LiveSpeedError, with the number.
    """
    load = estimated_load(engine, options, device, speed)
    if load is not None and load > SURE:
        raise too_slow(engine, load, device)


def check_measured(engine: str, face: LiveFace, device: str) -> None:
    """Measure a face and refuse it if it cannot keep time. Raises LiveSpeedError, with the number."""
    load = face.measured_load()
    if load is not None and load > 1:
        raise too_slow(engine, load, device)


def estimated_load(
    engine: str, options: EngineOptions, device: str, speed: Callable[[], float] = processor_speed
) -> float | None:
    """Seconds of work per second of voice on a processor, from the engine's cost model; None without one."""
    cost = registry.spec_of(engine).cost
    if cost is None or cost.live_stretch is None or device != "cpu":
        return None
    report = report_weights(engine)
    tiny = cost.tiny if report is not None and report.tiny else None
    step, frame = tiny or (cost.step_gflop, cost.frame_gflop)
    steps = getattr(options, "inference_steps", 0) or cost.steps
    return (options.fps * frame + steps * step / cost.live_stretch) / (NETWORK_SHARE * speed())


def too_slow(engine: str, load: float, device: str) -> LiveSpeedError:
    """The refusal. load: seconds of work per second of voice."""
    if device == "cpu":
        return LiveSpeedError(
            "For a live session, the engine {engine} needs about {times} times as long on this machine as "
            "the sound lasts. Use the engine preview, or a GPU (JOYSTUDIO_DEVICE=cuda).",
            engine=engine,
            times=_rounded(load),
        )
    return LiveSpeedError(
        "For a live session, the engine {engine} needs about {times} times as long on this GPU as the sound "
        "lasts. Use fewer diffusion steps (--inference-steps 10), the engine preview, or a faster GPU.",
        engine=engine,
        times=_rounded(load),
    )


def _rounded(load: float) -> str:
    return f"{load:.0f}" if load >= 10 else f"{load:.1f}"
