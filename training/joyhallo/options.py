"""What can be set for JoyHallo's training."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from training.loop.options import LoopOptions, choice, number

Stage = Literal["1", "2"]


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value


class JoyHalloTraining(LoopOptions):
    """Both stages; the paper's values for each are presets."""

    stage: Annotated[Stage, BeforeValidator(_text)] = choice(
        "1",
        "Stage",
        "1: both U-Nets on single pictures, face locator and face projection. 2: what hears and what moves.",
    )
    learning_rate: float = number(1e-5, 0.0, 1.0, "Learning rate", "How far a step goes, at its highest.")
    warmup: int = number(1, 0, None, "Warm-up", "Steps in which the learning rate rises from nothing.")
    steps: int = number(30000, 1, None, "Steps", "Updates of the weights in all.")
    start: Literal["net", "stable-diffusion", "random"] = choice(
        "net",
        "Start",
        "Where the weights come from: a net file; Stable Diffusion 1.5 and AnimateDiff; drawn at random.",
    )
    net: str = choice(
        "", "Net", "The net file to start from, such as stage 1's export; empty: the one of the engine."
    )
    size: Literal["full", "tiny"] = choice(
        "full", "Size", "Of networks that are drawn at random; tiny ones are for tests."
    )
    resolution: int = number(512, 64, 1024, "Resolution", "Side of the square that pictures are resized to.")
    frames: int = number(16, 2, 24, "Frames", "Of a sample of stage 2.")
    drop_portrait: float = number(
        0.1,
        0.0,
        1.0,
        "Drop portrait",
        "Share of steps without reference pass (stage 1: nor a face's tokens).",
    )
    drop_voice: float = number(0.05, 0.0, 1.0, "Drop voice", "Share of steps without voice, in stage 2.")
    drop_motion: float = number(
        0.05, 0.0, 1.0, "Drop motion", "Share of steps with gray frames before the clip, in stage 2."
    )
    snr_limit: float = number(
        5.0,
        0.0,
        None,
        "SNR limit",
        "Samples with less noise than this count less (min-SNR); 0: all the same.",
    )
    noise_offset: float = number(
        0.05, 0.0, 1.0, "Noise offset", "How much of the noise is the same for a whole channel."
    )
    checkpointing: bool = choice(
        False, "Checkpointing", "Compute layers twice to keep less in memory; the result is the same."
    )
    reference_loss: bool = choice(
        False, "Reference loss", "Stage 2: average before weighing, a slip of the original program."
    )
    reference_tiling: bool = choice(
        False,
        "Reference tiling",
        "Stage 2: samples of a batch see each other's faces, a slip of the original program.",
    )
    validation_steps: int = number(20, 1, 1000, "Validation steps", "Of diffusion, in what is validated.")
    cfg_scale: float = number(3.5, 1.0, 20.0, "Guidance", "In what is validated.")
    export_precision: Literal["fp16", "fp32"] = choice(
        "fp16", "Export precision", "Of the exported file; the published one has fp16."
    )
    public_file: bool = choice(True, "Public file", "Export net.pth, too, for the public programs.")
