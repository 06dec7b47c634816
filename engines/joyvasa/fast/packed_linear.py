"""A linear layer whose weight is packed for the processor's matrix product once, not at every call.

PyTorch has no public way to do this at its speed: `torch.utils.mkldnn` also converts the input and the result
at every call and is slower than a plain layer. So this module, and no other, calls two private operations of
PyTorch. `JOYSTUDIO_PACKED_LAYERS=0`, or a PyTorch without them, gives plain layers.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from media.switches import is_on

SWITCH = "JOYSTUDIO_PACKED_LAYERS"
OPERATION = getattr(torch.ops.mkldnn, "_linear_pointwise", None)
"""The layer in oneDNN; None if PyTorch has no such operation."""
_PACK = getattr(torch.ops.mkldnn, "_reorder_linear_weight", None)
ROWS = 250
"""Rows for which the weight is packed: two branches of 125 tokens. Other numbers of rows give the
same result.
"""


class PackedLinear:
    """x @ weight.T + bias for a weight (m, n) that does not change: (..., n) -> (..., m).

    On x86 processors in float32, oneDNN computes it and adds or activates while the result is in the caches.
    Elsewhere it is torch's own linear layer. The numbers agree to rounding.
    """

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self.weight, self.bias = weight.detach(), bias.detach()
        self.packed = _PACK(self.weight, ROWS) if _PACK and packable(weight) else None

    def __call__(self, x: Tensor) -> Tensor:
        if OPERATION is None or self.packed is None:
            return F.linear(x, self.weight, self.bias)
        return OPERATION(x, self.packed, self.bias, "none", [], "")

    def gelu(self, x: Tensor) -> Tensor:
        """The exact (erf) GELU of the layer."""
        if OPERATION is None or self.packed is None:
            return F.gelu(F.linear(x, self.weight, self.bias))
        return OPERATION(x, self.packed, self.bias, "gelu", [], "none")

    def plus(self, x: Tensor, other: Tensor) -> Tensor:
        """The sum of the layer's result and `other`, which has the same shape."""
        if OPERATION is None or self.packed is None:
            return F.linear(x, self.weight, self.bias).add_(other)
        return OPERATION.binary(x, other, self.packed, self.bias, "add")


def packable(weight: Tensor) -> bool:
    """Whether this build of torch can pack the weight for this processor, does it well, and may."""
    fits = weight.device.type == "cpu" and weight.dtype == torch.float32
    quick = torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")
    built = torch.backends.mkldnn.is_available() and OPERATION is not None and _PACK is not None
    return fits and quick and built and is_on(SWITCH)
