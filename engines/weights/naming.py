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
"""Prefixes of the tensors that a speech encoder's file has only for its own training."""


def current_name(key: str) -> str:
    """The current torch name of a tensor of a weight-normalised layer; other names are returned unchanged."""
    for old, new in WEIGHT_NORM.items():
        if key.endswith(NORMALISED + old):
            return key.removesuffix(old) + new
    return key


def older_name(key: str) -> str:
    """The name before torch 2.1; the opposite of `current_name`."""
    for old, new in WEIGHT_NORM.items():
        if key.endswith(NORMALISED + new):
            return key.removesuffix(new) + old
    return key


def without_module(key: str) -> str:
    """The key without `module`, which training on several devices adds to names."""
    return ".".join(part for part in key.split(".") if part != "module")


def encoder_tensors(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A speech encoder's tensors, without the prefix of its class and without those for its own training."""
    named = (
        (without_module(key).removeprefix("wav2vec2.").removeprefix("hubert."), value)
        for key, value in tensors.items()
    )
    return {current_name(key): value for key, value in named if not key.startswith(BESIDES)}
