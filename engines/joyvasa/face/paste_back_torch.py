"""Paste-back on the device where the crops were rendered, many frames at once."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engines.joyvasa.face.paste_back import CropPlacement


class TorchPasteBack:
    """Pastes rendered crops into one portrait with torch; agrees with `PasteBack` to one grey level."""

    def __init__(
        self, placement: CropPlacement, device: torch.device | str = "cpu", *, original: bool = False
    ) -> None:
        """original: as in `PasteBack`, and the crops are cut to whole grey levels first."""
        self._placement = placement
        self._original = original
        self._reduce = 1 if original else placement.shrinkage
        side = placement.size // self._reduce
        x, y = ((v + 0.5) / self._reduce - 0.5 for v in placement.places())
        grid = np.stack([x, y], axis=-1) * (2 / (side - 1)) - 1  # -1..1 from first to last pixel centre
        self._grid = torch.from_numpy(grid.astype(np.float32))[None].to(device)
        self._weights = torch.from_numpy(placement.weights).permute(2, 0, 1)[None].to(device)
        self._image = torch.from_numpy(np.array(placement.image)).to(device)
        self._under = self._image[placement.rows, placement.columns].permute(2, 0, 1)[None].float()

    def __call__(self, crops: Tensor) -> Tensor:
        """(n, 3, size, size) floats in 0..1 on the device -> (n, H, W, 3) uint8 RGB on the device."""
        levels = crops.float().clamp(0, 1) * 255
        if self._original:
            levels = levels.floor()
        if self._reduce > 1:
            levels = functional.avg_pool2d(levels, self._reduce)
        grid = self._grid.expand(len(crops), -1, -1, -1)
        drawn = functional.grid_sample(levels, grid, padding_mode="zeros", align_corners=True)
        if self._original:
            mixed = self._weights * drawn.round() + (1 - self._weights) * self._under
        else:
            mixed = torch.lerp(self._under, drawn, self._weights).round()
        frames = self._image.expand(len(crops), -1, -1, -1).clone()
        part = mixed.clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
        frames[:, self._placement.rows, self._placement.columns] = part
        return frames
