"""The rearranged convolutions give what the plain ones give, at every size, borders included."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from engines.joyvasa.fast.enlarged_convolution import EnlargedConv, ToSlots
from engines.joyvasa.fast.fourier_convolution import FourierConv3d
from engines.joyvasa.fast.label_convolutions import SlotBranch, StripBranch
from engines.joyvasa.fast.upsample_taps import enlarged
from engines.joyvasa.fast.winograd_convolution import WinogradConv

seeds = st.integers(0, 2**31)
sides = st.integers(1, 9)
factors = st.sampled_from([1, 2, 3, 4, 8])


def numbers(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def kernel(seed: int, out: int, channels: int, *size: int) -> Tensor:
    """Weights with which results are of size one."""
    weight = numbers(seed, out, channels, *size)
    return weight / weight[0].numel() ** 0.5


def enlarged_twice(label: Tensor, factor: int, first: Tensor, second: Tensor, bias: Tensor) -> Tensor:
    """The plain way: enlarge, convolve, ReLU, convolve."""
    big = functional.interpolate(label, scale_factor=factor)
    shared = functional.conv2d(big, first, bias[: len(first)], padding=1).relu()
    return functional.conv2d(shared, second, bias[: len(second)], padding=1)


@settings(max_examples=60, deadline=None)
@given(factor=factors, height=sides, width=sides, seed=seeds)
def test_merged_taps_are_exact(factor: int, height: int, width: int, seed: int) -> None:
    label, bias = numbers(seed, 2, 3, height, width), numbers(seed + 1, 5)
    first, second = kernel(seed + 2, 4, 3, 3, 3), kernel(seed + 3, 5, 4, 3, 3)
    wanted = enlarged_twice(label, factor, first, second, bias)
    to_slots = ToSlots(first, bias[:4], enlarged(factor))
    grid = to_slots.result
    ours = torch.full_like(wanted, torch.nan)
    for row, column, value in EnlargedConv(second, bias, grid, grid.readings()).parts(to_slots(label)):
        ours[..., row::factor, column::factor] = value
    torch.testing.assert_close(ours, wanted, atol=2e-5, rtol=0)


@settings(max_examples=20, deadline=None)
@given(depth=st.integers(1, 4), height=sides, width=sides, seed=seeds)
def test_merged_taps_are_exact_in_a_volume(depth: int, height: int, width: int, seed: int) -> None:
    volume, weight, bias = (
        numbers(seed, 2, 3, depth, height, width),
        kernel(seed, 4, 3, 3, 3, 3),
        numbers(seed, 4),
    )
    big = functional.interpolate(volume, scale_factor=(1, 2, 2))
    wanted = functional.conv3d(big, weight, bias, padding=1).relu()
    torch.testing.assert_close(ToSlots(weight, bias, enlarged(2))(volume), wanted, atol=2e-5, rtol=0)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_slots_keep_the_layout(layout: torch.memory_format) -> None:
    label = numbers(0, 2, 3, 4, 5).to(memory_format=layout)
    slots = ToSlots(kernel(1, 4, 3, 3, 3), numbers(2, 4), enlarged(4))(label)
    assert slots.shape == (2, 4, 12, 15)
    assert slots.is_contiguous(memory_format=layout)


def test_fewer_values_and_taps() -> None:
    """The counts that make it worth while: per axis 5 taps instead of 12, then 10 instead of 12."""
    grid, first = enlarged(4).convolved()
    assert (grid.slots, [reading.length for reading in first]) == ((0, 1, 1, 2), [2, 1, 2])
    assert [reading.length for reading in grid.readings()] == [3, 2, 2, 3]
    doubled, readings = enlarged(2).convolved()
    assert (doubled.slots, [reading.length for reading in readings]) == ((0, 1), [2, 2])


@settings(max_examples=40, deadline=None)
@given(size=st.tuples(sides, sides), channels=st.integers(1, 6), out=st.integers(1, 6), seed=seeds)
def test_winograd_in_a_plane(size: tuple[int, int], channels: int, out: int, seed: int) -> None:
    x, weight, bias = numbers(seed, 2, channels, *size), kernel(seed, out, channels, 3, 3), numbers(seed, out)
    wanted = functional.conv2d(x, weight, bias, padding=1)
    torch.testing.assert_close(WinogradConv(weight, bias)(x), wanted, atol=1e-4, rtol=0)


@settings(max_examples=30, deadline=None)
@given(size=st.tuples(st.integers(1, 4), sides, sides), out=st.integers(1, 6), seed=seeds)
def test_winograd_in_a_volume(size: tuple[int, int, int], out: int, seed: int) -> None:
    x, weight, bias = numbers(seed, 2, 3, *size), kernel(seed, out, 3, 3, 3, 3), numbers(seed, out)
    wanted = functional.conv3d(x, weight, bias, padding=1)
    torch.testing.assert_close(WinogradConv(weight, bias)(x), wanted, atol=1e-4, rtol=0)


def test_winograd_in_several_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large maps are cut into bands of rows; here after every row of tiles."""
    monkeypatch.setattr("engines.joyvasa.fast.winograd_convolution.CHUNK_BYTES", 1)
    x, weight, bias = numbers(0, 1, 3, 2, 18, 7), kernel(1, 4, 3, 3, 3, 3), numbers(2, 4)
    wanted = functional.conv3d(x, weight, bias, padding=1)
    torch.testing.assert_close(WinogradConv(weight, bias)(x), wanted, atol=1e-4, rtol=0)


@settings(max_examples=30, deadline=None)
@given(
    size=st.tuples(st.integers(1, 5), st.integers(1, 14), st.integers(1, 14)),
    reach=st.integers(0, 3),
    new=st.integers(1, 6),
    seed=seeds,
)
def test_fourier_is_exact(size: tuple[int, int, int], reach: int, new: int, seed: int) -> None:
    k = 2 * reach + 1
    x, weight, bias = numbers(seed, 2, 3, *size), kernel(seed, 4, 3, k, k, k), numbers(seed, 4)
    wanted = functional.conv3d(x, weight, bias, padding=reach)
    ours = FourierConv3d(weight, bias, depth=size[0], tile=new + k - 1)(x)
    torch.testing.assert_close(ours, wanted, atol=2e-5, rtol=0)


@settings(max_examples=40, deadline=None)
@given(factor=factors, height=sides, width=sides, strips=st.booleans(), seed=seeds)
def test_label_branch_covers_the_map_once(
    factor: int, height: int, width: int, strips: bool, seed: int
) -> None:
    label, bias = numbers(seed, 2, 3, height, width), numbers(seed + 1, 5)
    first, second = kernel(seed + 2, 4, 3, 3, 3), kernel(seed + 3, 5, 4, 3, 3)
    wanted = enlarged_twice(label, factor, first, second, bias)
    weights = (first, bias[:4]), (second, bias)
    branch = StripBranch(*weights, factor) if strips else SlotBranch(*weights, factor, torch.float32)
    ours, times = torch.zeros_like(wanted), torch.zeros_like(wanted)
    for piece, value in branch.pieces(label):
        piece.of(ours).copy_(value)
        piece.of(times).add_(1)
    assert (times == 1).all()
    torch.testing.assert_close(ours, wanted, atol=1e-4, rtol=0)


@settings(max_examples=30, deadline=None)
@given(enlarge=st.sampled_from([1, 2]), height=sides, width=sides, strips=st.booleans(), seed=seeds)
def test_pieces_of_features_that_are_enlarged_later(
    enlarge: int, height: int, width: int, strips: bool, seed: int
) -> None:
    """What a piece cuts out of the small features is what it cuts out of the enlarged ones."""
    factor = 4
    weights = (kernel(0, 2, 1, 3, 3), torch.zeros(2)), (kernel(0, 3, 2, 3, 3), torch.zeros(3))
    branch = StripBranch(*weights, factor) if strips else SlotBranch(*weights, factor, torch.float32)
    small = numbers(seed, 2, 3, height * factor // enlarge, width * factor // enlarge)
    big = functional.interpolate(small, scale_factor=enlarge)
    for piece, _ in branch.pieces(torch.zeros(2, 1, height, width)):
        assert torch.equal(piece.of(small, enlarge), piece.of(big))
