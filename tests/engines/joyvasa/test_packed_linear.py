"""Packed and plain linear layers give the same numbers, at sizes the packing was not made for too."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from engines.joyvasa.fast import packed_linear
from engines.joyvasa.fast.packed_linear import PackedLinear


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("shape", [(70,), (1, 70), (2, 125, 70), (3, 200, 70)])
def test_the_layer_alone_activated_and_added_to(
    packed: bool, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not packed:
        monkeypatch.setenv(packed_linear.SWITCH, "0")
    torch.manual_seed(0)
    weight, bias, x = torch.randn(48, 70), torch.randn(48), torch.randn(shape)
    # What is added may be a part of something larger.
    other = torch.randn(*shape[:-1], 60)[..., 12:]
    kept = other.clone()
    with torch.inference_mode():
        layer = PackedLinear(weight, bias)
        assert layer.packed is None or packed
        expected = functional.linear(x, weight, bias)
        assert torch.allclose(layer(x), expected, atol=1e-4)
        assert torch.allclose(layer.gelu(x), functional.gelu(expected), atol=1e-4)
        assert torch.allclose(layer.plus(x, other), expected + other, atol=1e-4)
    assert torch.equal(other, kept)


def test_other_number_types_and_devices_are_left_to_torch() -> None:
    assert not packed_linear.packable(torch.zeros(2, 2, dtype=torch.bfloat16))
    assert not packed_linear.packable(torch.zeros(2, 2, device="meta"))
