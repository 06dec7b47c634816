from __future__ import annotations

import pytest
import torch

from evaluation.vbench import correlation
from evaluation.vbench.correlation import BothWays, grid_of


def test_large_maps_read_as_small_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    height, width = 18, 35  # odd, so that halving leaves a column out
    first, second = torch.randn(2, 8, height, width), torch.randn(2, 8, height, width)
    places = grid_of(2, height, width, first.device)
    there, back = places + 4 * torch.randn_like(places), places - 4 * torch.randn_like(places)
    kept = BothWays(first, second, 4, 3).around(there, back)
    assert kept.shape == (2, 2 * 4 * 49, height, width)
    monkeypatch.setattr(correlation, "MOST_KEPT", height * width - 1)
    monkeypatch.setattr(correlation, "AT_ONCE", 100)
    torch.testing.assert_close(BothWays(first, second, 4, 3).around(there, back), kept, atol=1e-5, rtol=0)
    looked_up = 2 * 4 * 49 * 2 * height * width
    assert kept.count_nonzero() > 0.5 * looked_up
