"""What the rest of the program knows about JoyHallo."""

from __future__ import annotations

from pathlib import Path

from engines.cost import CostModel
from engines.joyhallo.options import JoyHalloOptions
from engines.packages import NEURAL
from engines.spec import Drawing, EngineSpec, WeightsSpec

SPEC = EngineSpec(
    name="joyhallo",
    title="JoyHallo · Mandarin",
    about="Generates every frame by diffusion. Expressive, best in Mandarin, people only. Needs weights, a "
    "GPU and several minutes.",
    options=JoyHalloOptions,
    engine="engines.joyhallo.engine:JoyHalloEngine",
    weights=WeightsSpec(
        "engines.joyhallo.weights.inspection:JoyHalloWeights",
        usual="JoyHallo and the models that recognise the person",
        full_size="5.5 GB",
    ),
    crop="engines.joyhallo.crop_view:view_crop",
    # GFLOP as `python -m benchmarks.joyhallo` counts them.
    cost=CostModel(
        steps=40,
        stretch=0.64,
        step_gflop=43_400,
        frame_gflop=2_900,
        gpu_start=25,
        gpu_step=0.12,
        gpu_frame=0.03,
        tiny=(0.79, 0.02),
    ),
    packages=NEURAL,
    why_no_dub="it paints whole pictures from one portrait and does not follow the head of a video",
    drawing=Drawing(
        Path(__file__).with_name("moves.svg"),
        "What JoyHallo moves: it repaints the whole face, with head, eyes and mouth",
    ),
)
