"""How long a job needs the GPU that a Space lends for one job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engines import registry
from engines.cost import CostModel

if TYPE_CHECKING:
    from engines.base import EngineOptions

_UNKNOWN = CostModel(
    steps=50, stretch=1.0, step_gflop=0, frame_gflop=0, gpu_start=30, gpu_step=0.1, gpu_frame=0.05
)
"""For an engine that borrows a GPU and has no cost model."""
TRAINED_SIDE = 512


def gpu_seconds(engine: str, options: EngineOptions, voice: float, *, sampled: bool = True) -> int:
    """Seconds for which a job may need a GPU, from its engine, its steps and the seconds of voice.

    sampled: False if a saved motion is rendered again.
    """
    return round(gpu_work(engine, options, voice, sampled=sampled))


def gpu_work(
    engine: str, options: EngineOptions, voice: float, *, sampled: bool = True, loaded: bool = False
) -> float:
    """The same, not rounded. loaded: whether the engine needs no start."""
    cost = registry.spec_of(engine).cost or _UNKNOWN
    chosen: Any = getattr(options, "inference_steps", 0)
    share = (getattr(options, "resolution", TRAINED_SIDE) / TRAINED_SIDE) ** 2
    stretches = max(1, -(-voice // cost.stretch)) if sampled else 0
    sampling = cost.gpu_step * (chosen or cost.steps) * stretches * share
    return (0 if loaded else cost.gpu_start) + sampling + cost.gpu_frame * voice * options.fps
