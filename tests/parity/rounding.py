"""How far rounding alone moves JoyHallo's pipeline: python -m tests.parity.rounding DIR [--salt S ...]

The same two clips run in float32 and in float64, with the reference features rounded to fp16, as the original
always rounds them, and without. The distance of the two runs is what the last bits of float32 do: where a
feature lies between two fp16 numbers, a last bit decides to which it is rounded, and guidance multiplies it.
Two programs in float32 differ by up to twice that distance, although both are right.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from diffusers.utils import logging
from torch import Tensor

from engines.joyhallo.pipeline.clip_sampler import ClipSampler, Sampling
from engines.joyhallo.pipeline.denoisers import PlainDenoiser
from engines.joyhallo.pipeline.schedule import Schedule
from engines.weights.synthesis import SALT
from tests.parity.context import Context
from tests.parity.golden import Golden
from tests.parity.joyhallo_sampling import CLIPS, audio_projection, codec_of, still_of
from tests.parity.joyhallo_unets import ROUNDING, denoising_of, reference_of

STEPS, GUIDANCE = 3, 3.5


@torch.inference_mode()
def clips(golden: Golden, context: Context, rounding: torch.dtype | None, dtype: torch.dtype) -> list[Tensor]:
    """Both clips' pictures, each (frames, 3, h, w) in 0..1, computed in `dtype`."""
    torch.set_default_dtype(dtype)
    try:
        still = still_of(golden, context, (1.0, 1.0, 1.0), dtype)
        given = iter(range(CLIPS))
        codec = codec_of(context)
        codec.vae.to(dtype)
        sampler = ClipSampler(
            PlainDenoiser(
                reference_of(context).to(dtype), denoising_of(context).to(dtype), rounding=rounding
            ),
            codec,
            still,
            Sampling(Schedule(steps=STEPS), GUIDANCE),
            lambda shape: torch.from_numpy(golden[f"in_latents_{next(given)}"]).to(dtype),
        )
        audio = audio_projection(context).to(dtype)
        pictures = []
        for clip in range(CLIPS):
            tokens = audio(torch.from_numpy(golden[f"in_audio_window_{clip}"]).to(dtype))
            pictures.append(torch.cat([one for one in sampler.clip(tokens) if isinstance(one, Tensor)]))
        return pictures
    finally:
        torch.set_default_dtype(torch.float32)


def main() -> None:
    """Print a line for each salt and rounding."""
    parser = argparse.ArgumentParser(description="How far rounding alone moves JoyHallo's pipeline.")
    parser.add_argument("folder", type=Path, help="folder of JoyHallo's golden_*.npz files")
    parser.add_argument("--salt", action="append", help="salt of the weights; repeatable (default v1:)")
    chosen = parser.parse_args()
    logging.set_verbosity_error()  # the codec's warning about casts: casting is the point here
    for salt in chosen.salt or [SALT]:
        context = Context(chosen.folder, salt)
        for name, rounding in ROUNDING.items():
            golden = context.golden("tiny_pipeline")
            single, double = (
                clips(golden, context, rounding, dtype) for dtype in (torch.float32, torch.float64)
            )
            apart = [float((a.double() - b).abs().max()) for a, b in zip(single, double, strict=True)]
            print(f"{salt:<8} {name}: float32 and float64 differ by {apart[0]:.2e} and {apart[1]:.2e}")


if __name__ == "__main__":
    main()
