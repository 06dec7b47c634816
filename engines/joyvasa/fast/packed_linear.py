"""A linear layer whose weight lies as the processor's matrix product wants it, once and not at every call."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

ROWS = 250
"""Rows that the layout is made for: two branches of 125 tokens. Others give the same numbers."""


class PackedLinear:
    """x @ weight.T + bias for a weight (m, n) that does not change: (..., n) -> (..., m).

    On x86 processors in float32 oneDNN does it, which also adds or activates while the result is in the
    caches; elsewhere it is torch's own linear layer. The numbers agree to rounding.
    """

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self.weight, self.bias = weight.detach(), bias.detach()
        self.packed = torch.ops.mkldnn._reorder_linear_weight(self.weight, ROWS) if packable(weight) else None

    def __call__(self, x: Tensor) -> Tensor:
        if self.packed is None:
            return F.linear(x, self.weight, self.bias)
        return torch.ops.mkldnn._linear_pointwise(x, self.packed, self.bias, "none", [], "")

    def gelu(self, x: Tensor) -> Tensor:
        """The exact (erf) GELU of the layer."""
        if self.packed is None:
            return F.gelu(F.linear(x, self.weight, self.bias))
        return torch.ops.mkldnn._linear_pointwise(x, self.packed, self.bias, "gelu", [], "none")

    def plus(self, x: Tensor, other: Tensor) -> Tensor:
        """The layer and `other`, of the result's shape, added up."""
        if self.packed is None:
            return F.linear(x, self.weight, self.bias).add_(other)
        return torch.ops.mkldnn._linear_pointwise.binary(x, other, self.packed, self.bias, "add")


def packable(weight: Tensor) -> bool:
    """Whether this build of torch can pack the weight for this processor, and does it well."""
    fits = weight.device.type == "cpu" and weight.dtype == torch.float32
    quick = torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")
    built = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    return fits and quick and built
