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
        "1: both U-Nets on single frames, the face locator and the face projection. 2: the audio and "
        "motion modules.",
    )
    learning_rate: float = number(1e-5, 0.0, 1.0, "Learning rate", "The highest learning rate.")
    warmup: int = number(1, 0, None, "Warm-up", "Steps in which the learning rate rises from 0.")
    steps: int = number(30000, 1, None, "Steps", "Total number of weight updates.")
    start: Literal["net", "stable-diffusion", "random"] = choice(
        "net",
        "Start",
        "The initial weights: a net file, Stable Diffusion 1.5 and AnimateDiff, or random weights.",
    )
    net: str = choice(
        "", "Net", "The net file to start from, such as stage 1's export. Empty: the engine's own."
    )
    size: Literal["full", "tiny"] = choice(
        "full", "Size", "Size of networks with random weights; tiny ones are for tests."
    )
    resolution: int = number(
        512, 64, 1024, "Resolution", "Side of the square to which frames are resized, in pixels."
    )
    frames: int = number(16, 2, 24, "Frames", "Frames of a sample in stage 2.")
    drop_portrait: float = number(
        0.1,
        0.0,
        1.0,
        "Drop portrait",
        "Share of steps without the reference pass (in stage 1, also without face tokens).",
    )
    drop_voice: float = number(0.05, 0.0, 1.0, "Drop voice", "Stage 2: share of steps without the voice.")
    drop_motion: float = number(
        0.05, 0.0, 1.0, "Drop motion", "Stage 2: share of steps with grey frames before the clip."
    )
    snr_limit: float = number(
        5.0,
        0.0,
        None,
        "SNR limit",
        "Limit of the signal-to-noise ratio above which samples count less (min-SNR). 0: all samples "
        "count the same.",
    )
    noise_offset: float = number(
        0.05, 0.0, 1.0, "Noise offset", "Share of the noise that is the same for a whole channel."
    )
    checkpointing: bool = choice(
        False, "Checkpointing", "Compute layers twice to save memory. The result is the same."
    )
    reference_loss: bool = choice(
        False, "Reference loss", "Stage 2: average before weighting, an error of the original program."
    )
    reference_tiling: bool = choice(
        False,
        "Reference tiling",
        "Stage 2: samples of a batch see each other's faces, an error of the original program.",
    )
    validation_steps: int = number(20, 1, 1000, "Validation steps", "Diffusion steps in validations.")
    cfg_scale: float = number(3.5, 1.0, 20.0, "Guidance", "Guidance in validations.")
    export_precision: Literal["fp16", "fp32"] = choice(
        "fp16", "Export precision", "Number format of the exported file. The published file has fp16."
    )
    public_file: bool = choice(True, "Public file", "Also export net.pth for the public programs.")
