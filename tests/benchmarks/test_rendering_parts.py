"""The operations that the rendering benchmark counts, compared with counts by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from benchmarks.rendering_parts import measured, operations


def test_operations_of_the_full_networks() -> None:
    before, after = operations()
    assert before["W"] == pytest.approx(342.1, abs=0.1)
    assert before["G"] == pytest.approx(891.6, abs=0.1)
    cells, kernel, channels, out = 16 * 64 * 64, 7**3, 142, 22
    assert before["W: mask"] == pytest.approx(2 * cells * kernel * channels * out / 1e9)
    assert before["G: up_1, label branches"] == pytest.approx(290, abs=0.5)
    # Distinct positions and merged taps halve it; then beta is carried through the shortcut's convolution.
    assert after["G: up_1, label branches"][torch.bfloat16] < 141
    for dtype in (torch.float32, torch.bfloat16):
        assert 0 < after["W"][dtype] + after["G"][dtype] < (before["W"] + before["G"]) / 1.15


def test_a_part_gains_while_its_modules_run_and_no_more() -> None:
    inner, outer = nn.Identity(), nn.Sequential()
    outer.append(inner)
    ticks = iter(range(100))
    with measured(
        {"outer": [outer], "inner": [inner], "idle": [nn.Identity()]}, lambda: next(ticks)
    ) as gained:
        outer(torch.zeros(1))
        outer(torch.zeros(1))
    assert gained == {"outer": 6.0, "inner": 2.0, "idle": 0.0}
