"""What the rest of the program knows about JoyVASA."""

from __future__ import annotations

from pathlib import Path

from engines.cost import CostModel
from engines.joyvasa.options import JoyVasaOptions
from engines.packages import NEURAL
from engines.spec import Drawing, EngineSpec, WeightsSpec

ADVANCE = 5
"""Frames by which a live session moves on with each window."""

SPEC = EngineSpec(
    name="joyvasa",
    title="JoyVASA · human & animal",
    about="Generates the motion from the voice by diffusion, and renders every frame with neural networks. "
    "Needs weights and, for speed, a GPU.",
    options=JoyVasaOptions,
    engine="engines.joyvasa.engine:JoyVasaEngine",
    weights=WeightsSpec(
        "engines.joyvasa.weights.inspection:JoyVasaWeights",
        usual="human mode",
        full_size="1.7 GB",
    ),
    crop="engines.joyvasa.crop_view:view_crop",
    # GFLOP as `python -m benchmarks.joyvasa` counts them.
    cost=CostModel(
        steps=50,
        stretch=4.0,
        step_gflop=3.2,
        frame_gflop=350,
        dub_gflop=76,
        gpu_start=20,
        gpu_step=0.03,
        gpu_frame=0.03,
        tiny=(0.015, 0.004),
        live_stretch=ADVANCE / 25,
    ),
    packages=NEURAL,
    finds_animals=True,
    keeps_motion=True,
    live=True,
    follows_templates=True,
    performs=True,
    dubs=True,
    two_voices=True,
    drawing=Drawing(
        Path(__file__).with_name("moves.svg"),
        "What JoyVASA moves: head, face, eyes and mouth, of people and animals",
    ),
)
