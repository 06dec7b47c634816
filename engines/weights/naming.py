"""The names that the same tensor has in files of different programs and versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

WEIGHT_NORM = {
    "weight_g": "parametrizations.weight.original0",
    "weight_v": "parametrizations.weight.original1",
}
"""The two tensors of a weight-normalised layer, as torch named them before 2.1 and as it names them since."""
NORMALISED = "pos_conv_embed.conv."
BESIDES = ("lm_head.", "quantizer.", "project_hid.", "project_q.", "label_embs_concat", "final_proj.")
"""What a speech encoder's file has for its own training."""


def current_name(key: str) -> str:
    """The name that today's torch has for a tensor of a weight-normalised layer; others keep theirs."""
    for old, new in WEIGHT_NORM.items():
        if key.endswith(NORMALISED + old):
            return key.removesuffix(old) + new
    return key


def older_name(key: str) -> str:
    """The opposite of `current_name`."""
    for old, new in WEIGHT_NORM.items():
        if key.endswith(NORMALISED + new):
            return key.removesuffix(new) + old
    return key


def without_module(key: str) -> str:
    """The key without `module`, which training on several devices puts into names."""
    return ".".join(part for part in key.split(".") if part != "module")


def encoder_tensors(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A speech encoder's tensors without its class's prefix and what belongs to its own training."""
    named = (
        (without_module(key).removeprefix("wav2vec2.").removeprefix("hubert."), value)
        for key, value in tensors.items()
    )
    return {current_name(key): value for key, value in named if not key.startswith(BESIDES)}
