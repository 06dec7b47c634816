"""Windows, their shift, and pictures of any size."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engines.joyvasa.xpose.swin import (
    PatchMerging,
    SwinBlock,
    SwinTransformer,
    WindowAttention,
    from_windows,
    shift_mask,
    to_windows,
)
from tests.engines.joyvasa.xpose_tiny import filled


def test_windows_hold_neighbours_and_come_back() -> None:
    x = torch.arange(2 * 6 * 9 * 2.0).view(2, 6, 9, 2)
    windows = to_windows(x, 3)
    assert windows.shape == (2 * 2 * 3, 9, 2)
    assert torch.equal(windows[4].view(3, 3, 2), x[0, 3:6, 3:6])
    assert torch.equal(from_windows(windows, 3, 6, 9), x)


@pytest.mark.parametrize(("height", "width", "window"), [(14, 21, 7), (9, 6, 3), (8, 12, 4)])
def test_shifted_windows_join_true_neighbours_only(height: int, width: int, window: int) -> None:
    places = torch.cartesian_prod(torch.arange(height), torch.arange(width)).view(1, height, width, 2)
    shift = window // 2
    inside = to_windows(places.roll((-shift, -shift), (1, 2)), window)
    apart = (inside[:, :, None] - inside[:, None]).abs().amax(-1)
    joined = shift_mask(height, width, window, torch.device("cpu")) == 0
    assert torch.equal(joined, apart < window)


def test_one_window_alone_is_still_parted() -> None:
    mask = shift_mask(7, 7, 7, torch.device("cpu")).view(7, 7, 7, 7)
    assert mask[0, 0, 3, 3] == 0
    assert mask[0, 0, 4, 4] == -100
    assert mask[5, 5, 6, 6] == 0


def test_the_bias_depends_on_the_relative_place_alone() -> None:
    index = WindowAttention(4, 1, 3).relative_position_index
    places = torch.cartesian_prod(torch.arange(3), torch.arange(3))
    apart = places[:, None] - places[None]
    same_place = (apart.view(81, 1, 2) == apart.view(1, 81, 2)).all(-1)
    same_row = index.view(81, 1) == index.view(1, 81)
    assert torch.equal(same_place, same_row)
    assert sorted(index.unique().tolist()) == list(range(25))


def naive_block(block: SwinBlock, x: Tensor) -> Tensor:
    """An unshifted block on (H, W, C), one window and one head at a time, on zeros beyond the border."""
    height, width, channels = x.shape
    window, attention = block.window, block.attn
    heads, depth = attention.heads, channels // attention.heads
    normed = block.norm1(x)
    result = x.clone()
    table = attention.relative_position_bias_table[attention.relative_position_index]
    for top in range(0, height, window):
        for left in range(0, width, window):
            tokens = torch.zeros(window, window, channels)
            part = normed[top : top + window, left : left + window]
            tokens[: part.shape[0], : part.shape[1]] = part
            query, key, value = attention.qkv(tokens.view(-1, channels)).chunk(3, dim=-1)
            mixed = []
            for head in range(heads):
                own = slice(head * depth, (head + 1) * depth)
                scores = query[:, own] @ key[:, own].T / depth**0.5 + table[..., head]
                mixed.append(scores.softmax(-1) @ value[:, own])
            out = attention.proj(torch.cat(mixed, dim=-1)).view(window, window, channels)
            result[top : top + window, left : left + window] += out[: part.shape[0], : part.shape[1]]
    return result + block.mlp(block.norm2(result))


@pytest.mark.parametrize("size", [(6, 6), (7, 5), (2, 4)])
def test_a_block_on_any_size_equals_a_loop_over_padded_windows(size: tuple[int, int]) -> None:
    block = filled(SwinBlock(8, heads=2, window=3, shifted=False))
    x = torch.randn(1, *size, 8, generator=torch.Generator().manual_seed(2))
    height, width = (n + -n % 3 for n in size)
    result = block(x, shift_mask(height, width, 3, x.device))
    torch.testing.assert_close(result[0], naive_block(block, x[0]))


@pytest.mark.parametrize(
    ("shifted", "place", "reached"),
    [
        (False, (3, 3), (0, 3)),
        (True, (3, 3), (2, 5)),
        (True, (0, 0), (0, 1)),  # the shift makes it a neighbour of the far corner, which the mask forbids
    ],
)
def test_a_change_stays_inside_its_window(
    shifted: bool, place: tuple[int, int], reached: tuple[int, int]
) -> None:
    block = filled(SwinBlock(4, heads=1, window=4, shifted=shifted))
    x = torch.zeros(1, 8, 12, 4)
    mask = shift_mask(8, 12, 4, x.device)
    changed = x.clone()
    changed[0, place[0], place[1]] += torch.tensor([1.0, -2.0, 3.0, 0.5])
    moved = (block(changed, mask) - block(x, mask)).abs().amax(-1)[0] > 1e-7
    rows, columns = moved.nonzero().T
    assert (rows.min(), rows.max()) == reached
    assert (columns.min(), columns.max()) == reached


def test_merging_keeps_the_order_of_the_four_neighbours() -> None:
    merging = PatchMerging(1)
    torch.nn.init.eye_(merging.reduction.weight)
    merging.norm = torch.nn.Identity()
    x = torch.tensor([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0], [7.0, 8.0, 9.0]]).view(1, 3, 3, 1)
    assert merging(x)[0].tolist() == [[[1, 2], [5, 6]], [[7, 0], [9, 0]]]


@pytest.mark.parametrize(("height", "width"), [(32, 64), (33, 50), (4, 70)])
def test_maps_of_any_picture(height: int, width: int) -> None:
    backbone = filled(SwinTransformer(8, (1, 2, 1, 1), (1, 1, 2, 2), window=3))
    maps = backbone(torch.randn(2, 3, height, width))
    sizes = [(-(-height // 4), -(-width // 4))]
    for _ in range(3):
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    assert [tuple(plane.shape) for plane in maps] == [
        (2, 16, *sizes[1]),
        (2, 32, *sizes[2]),
        (2, 64, *sizes[3]),
    ]
    assert all(plane.isfinite().all() for plane in maps)


def test_pictures_of_a_batch_do_not_meet() -> None:
    backbone = filled(SwinTransformer(8, (2, 2, 1, 1), (1, 1, 2, 2), window=3))
    pictures = torch.randn(3, 3, 40, 52)
    together = backbone(pictures)
    for i in range(3):
        for plane, alone in zip(together, backbone(pictures[i : i + 1]), strict=True):
            torch.testing.assert_close(plane[i : i + 1], alone, atol=1e-4, rtol=1e-4)
