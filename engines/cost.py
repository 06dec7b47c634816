"""What a video costs to make, for engines that paint with networks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CostModel:
    """The work of one job, so that its time can be estimated before it runs.

    A job samples in `steps` steps of diffusion (unless its option `inference_steps` gives another number) for
    every `stretch` seconds of voice, and paints one picture per frame. Where the options have a `resolution`,
    the work grows with its square.

    step_gflop, frame_gflop: GFLOP of one step for one stretch, and of one picture; for estimates on a CPU.
    dub_gflop: GFLOP that a frame of a dubbed video costs besides its picture, for reading the face in it.
    live_stretch: seconds by which a live session moves on with each stretch; None if there are none.
    tiny: the same two of the small networks that `weights synthesize` generates; None where it has none.
    gpu_start, gpu_step, gpu_frame: seconds on a GPU until the first step, for one step of one stretch, and
    for one picture. They also set how long a Space borrows a GPU. A job that takes longer is cut off, so
    round them up.
    """

    steps: int
    stretch: float
    step_gflop: float
    frame_gflop: float
    gpu_start: float
    gpu_step: float
    gpu_frame: float
    dub_gflop: float = 0.0
    tiny: tuple[float, float] | None = None
    live_stretch: float | None = None
