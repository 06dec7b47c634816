"""Deformable attention against a loop over single places."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.joyvasa.xpose import deformable
from engines.joyvasa.xpose.deformable import DeformableAttention, sample_by_grid, sample_by_rows
from tests.engines.joyvasa.xpose_tiny import filled

WAYS = pytest.mark.parametrize("sample", [sample_by_grid, sample_by_rows])


def pyramid(shapes, batch=2, queries=5, heads=2, depth=3, points=2, spread=1.6, seed=0):
    """Values, places (some outside of the picture) and weights."""
    generator = torch.Generator().manual_seed(seed)
    length = sum(h * w for h, w in shapes)
    values = torch.randn(batch, length, heads, depth, generator=generator)
    size = (batch, queries, heads, len(shapes), points)
    places = 0.5 + spread * (torch.rand(*size, 2, generator=generator) - 0.5)
    return values, places, torch.rand(size, generator=generator)


def read(plane: torch.Tensor, x: float, y: float) -> torch.Tensor:
    """One value (D,) between the pixels of (h, w, D), zero outside."""
    height, width, depth = plane.shape
    column, row = x * width - 0.5, y * height - 0.5
    total = torch.zeros(depth)
    for i in (math.floor(row), math.floor(row) + 1):
        for k in (math.floor(column), math.floor(column) + 1):
            if 0 <= i < height and 0 <= k < width:
                total += (1 - abs(row - i)) * (1 - abs(column - k)) * plane[i, k]
    return total


def naive(values, shapes, places, weights):
    """The same sums, place by place."""
    batch, queries, heads, levels, _ = weights.shape
    result = torch.zeros(batch, queries, heads, values.shape[-1])
    starts = [sum(h * w for h, w in shapes[:level]) for level in range(levels)]
    for b, q, h, level, p in torch.cartesian_prod(*map(torch.arange, weights.shape)).tolist():
        height, width = shapes[level]
        plane = values[b, starts[level] : starts[level] + height * width, h].view(height, width, -1)
        x, y = places[b, q, h, level, p].tolist()
        result[b, q, h] += weights[b, q, h, level, p] * read(plane, x, y)
    return result.flatten(2)


@WAYS
def test_sums_equal_a_loop_over_places(sample) -> None:
    shapes = [(5, 7), (3, 4), (1, 2)]
    values, places, weights = pyramid(shapes)
    torch.testing.assert_close(
        sample(values, shapes, places, weights), naive(values, shapes, places, weights)
    )


@WAYS
@pytest.mark.parametrize("place", [-3.0, 1e6, 4.0])
def test_what_lies_outside_reads_as_zero(sample, place: float) -> None:
    values, places, weights = pyramid([(3, 4)])
    result = sample(values + 100, [(3, 4)], torch.full_like(places, place), weights)
    assert result.abs().max() == 0


@WAYS
def test_a_pixel_centre_reads_that_pixel(sample) -> None:
    values = torch.arange(12.0).view(1, 12, 1, 1)
    place = torch.tensor([2.5 / 4, 1.5 / 3]).view(1, 1, 1, 1, 1, 2)
    result = sample(values, [(3, 4)], place, torch.ones(1, 1, 1, 1, 1))
    assert result.item() == pytest.approx(1 * 4 + 2)


@settings(max_examples=25, deadline=None)
@given(
    shapes=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=3),
    spread=st.floats(0.1, 4),
    seed=st.integers(0, 1000),
)
def test_both_ways_agree(shapes, spread: float, seed: int) -> None:
    values, places, weights = pyramid(shapes, batch=1, spread=spread, seed=seed)
    torch.testing.assert_close(
        sample_by_rows(values, shapes, places, weights), sample_by_grid(values, shapes, places, weights)
    )


def test_the_size_of_pieces_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = [(4, 4), (2, 2)]
    values, places, weights = pyramid(shapes, queries=7)
    whole = sample_by_rows(values, shapes, places, weights)
    monkeypatch.setattr(deformable, "PIECE", 1)
    torch.testing.assert_close(sample_by_rows(values, shapes, places, weights), whole, rtol=0, atol=0)


def recorded_places(references: torch.Tensor, shapes) -> tuple[torch.Tensor, torch.Tensor]:
    """Where a layer looks, and its offsets."""
    layer = filled(DeformableAttention(8, heads=2, levels=2, points=2))
    queries, memory = torch.randn(1, 3, 8), torch.randn(1, sum(h * w for h, w in shapes), 8)
    seen = []

    def sample(values, shapes, places, weights):
        seen.append((places, weights))
        return sample_by_grid(values, shapes, places, weights)

    layer.sample = sample
    layer(queries, references, memory, shapes)
    places, weights = seen[0]
    torch.testing.assert_close(weights.flatten(3).sum(-1), torch.ones(1, 3, 2))
    return places, layer.sampling_offsets(queries).view(1, 3, 2, 2, 2, 2)


def test_offsets_from_points_count_in_pixels_of_each_level() -> None:
    shapes = [(4, 8), (2, 4)]
    points = torch.rand(1, 3, 2)
    places, offsets = recorded_places(points, shapes)
    for level, (height, width) in enumerate(shapes):
        moved = (places - points[:, :, None, None, None])[:, :, :, level]
        torch.testing.assert_close(moved * torch.tensor([width, height]), offsets[:, :, :, level])


def test_offsets_from_boxes_count_in_parts_of_half_the_box() -> None:
    boxes = torch.rand(1, 3, 4)
    places, offsets = recorded_places(boxes, [(4, 8), (2, 4)])
    moved = places - boxes[:, :, None, None, None, :2]
    expected = offsets / 2 * boxes[:, :, None, None, None, 2:] * 0.5
    torch.testing.assert_close(moved, expected)
