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
from torch import Tensor

from engines.weights.synthesis import SALT
from tests.parity.context import BANKS, Context
from tests.parity.joyhallo_sampling import clips_of

VIDEO = "_video"


def videos(context: Context, bank: str, dtype: torch.dtype) -> list[Tensor]:
    """The frames of both clips under a guidance scale of 3.5, computed in `dtype`."""
    values = clips_of(context.golden("tiny_pipeline"), context, f"cfg35_{bank}", dtype)
    return [value for name, value in values if name.endswith(VIDEO)]


def main() -> None:
    """Print a line for each salt and rounding."""
    parser = argparse.ArgumentParser(description="How far rounding alone moves JoyHallo's pipeline.")
    parser.add_argument("folder", type=Path, help="folder of JoyHallo's golden_*.npz files")
    parser.add_argument("--salt", action="append", help="salt of the weights; repeatable (default v1:)")
    parser.add_argument(
        "--bank", action="append", choices=BANKS, help="bank16 or bank32; repeatable (default both)"
    )
    chosen = parser.parse_args()
    for salt in chosen.salt or [SALT]:
        context = Context(chosen.folder, salt)
        for bank in chosen.bank or BANKS:
            single, double = (videos(context, bank, dtype) for dtype in (torch.float32, torch.float64))
            apart = [float((a.double() - b).abs().max()) for a, b in zip(single, double, strict=True)]
            print(
                f"{salt:<8} {bank}: float32 and float64 differ by {apart[0]:.2e} and {apart[1]:.2e}",
                flush=True,
            )


if __name__ == "__main__":
    main()
