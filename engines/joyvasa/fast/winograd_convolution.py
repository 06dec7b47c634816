"""3x3 convolutions in float32 by Winograd's minimal filtering: a quarter of the multiplications.

Tiles of 4x4 results are computed from 6x6 inputs. Inputs and kernels are mapped to 36 numbers, multiplied,
summed over the input channels (a matrix product for each of the 36) and mapped back. The maps hold small
integers and fractions only. The result is that of a direct convolution except for rounding: with results of
size one the error is about 3e-6, ten times that of a direct convolution, so this is for float32 alone.

Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016, gives the maps.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

NEW = 4
TILE = 6
CHUNK_BYTES = (
    20 << 20
)  # stays in the caches; blocks above 32 MB would be allocated again, page by page, for each use

INPUT_MAP = (
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
KERNEL_MAP = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)
RESULT_MAP = (
    (1, 1, 1, 1, 1, 0),
    (0, 1, -1, 2, -2, 0),
    (0, 1, 1, 4, 4, 0),
    (0, 1, -1, 8, -8, 1),
)


class WinogradConv(nn.Module):
    """A convolution (n, C, [D,] H, W) -> (n, O, [D,] H, W), float32, planar, zeros outside.

    A kernel of 3x3x3 is three of 3x3, for the depths below, at and above.
    """

    kernels: Tensor
    bias: Tensor
    input_map: Tensor
    result_map: Tensor

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        """weight: (O, C, 3, 3) or (O, C, 3, 3, 3)."""
        super().__init__()
        self.deep = weight.dim() == 5
        each = weight.double().movedim(2, 0) if self.deep else weight.double()[None]
        rows = torch.tensor(KERNEL_MAP, dtype=torch.float64, device=weight.device)
        mapped = torch.einsum("ik,jl,dockl->dijoc", rows, rows, each).flatten(1, 2)
        self.register_buffer("kernels", mapped.float().contiguous())  # (1 or 3, 36, O, C)
        self.register_buffer("bias", bias.float())
        for name, entries in (("input_map", INPUT_MAP), ("result_map", RESULT_MAP)):
            one = torch.tensor(entries, dtype=torch.float32, device=weight.device)
            self.register_buffer(name, torch.kron(one, one))

    def forward(self, x: Tensor) -> Tensor:
        volume = x if self.deep else x.unsqueeze(2)
        n, channels, depth, height, width = volume.shape
        outputs = len(self.bias)
        rows, columns = -(-height // NEW), -(-width // NEW)
        result = x.new_empty(n, outputs, depth, rows * NEW, columns * NEW)
        padded = functional.pad(volume, (1, columns * NEW - width + 1, 1, rows * NEW - height + 1))
        band = band_of(rows, columns, max(channels, outputs))
        for i in range(n):
            for top in range(0, rows, band):
                count = min(band, rows - top)
                strip = padded[i, :, :, top * NEW : (top + count) * NEW + TILE - NEW]
                self._strip(strip, result[i, :, :, top * NEW : (top + count) * NEW])
        result = result[..., :height, :width]
        return result if self.deep else result.squeeze(2)

    def strip(self, strip: Tensor) -> Tensor:
        """Rows with their border (C, 4 r + 2, 4 c + 2) -> (O, 4 r, 4 c), for a kernel of 3x3."""
        _, rows, columns = strip.shape
        result = strip.new_empty(len(self.bias), 1, rows - TILE + NEW, columns - TILE + NEW)
        self._strip(strip[:, None], result)
        return result[:, 0]

    def _strip(self, strip: Tensor, result: Tensor) -> None:
        """Padded rows (C, D, 4 r + 2, 4 c + 2) -> results (O, D, 4 r, 4 c), written in place."""
        depth, reach = strip.shape[1], len(self.kernels) // 2
        mapped = {d: self._mapped(strip[:, d]) for d in range(min(reach, depth))}
        for d in range(depth):
            if d + reach < depth:
                mapped[d + reach] = self._mapped(strip[:, d + reach])
            product = torch.bmm(self.kernels[reach], mapped[d])
            for other in {d - reach, d + reach} - {d}:
                if other in mapped:
                    product.baddbmm_(self.kernels[other - d + reach], mapped[other])
            mapped.pop(d - reach, None)
            cells = (self.result_map @ product.flatten(1)).view(
                NEW, NEW, len(self.bias), *_tiles(result[:, d])
            )
            torch.add(
                cells.permute(2, 3, 0, 4, 1),
                self.bias.view(-1, 1, 1, 1, 1),
                out=result[:, d].unflatten(2, (-1, NEW)).unflatten(1, (-1, NEW)),
            )

    def _mapped(self, plane: Tensor) -> Tensor:
        """Padded rows (C, 4 r + 2, 4 c + 2) -> (36, C, r * c): every tile's numbers."""
        tiles = plane.unfold(1, TILE, NEW).unfold(2, TILE, NEW).permute(3, 4, 0, 1, 2)
        return (self.input_map @ tiles.reshape(TILE * TILE, -1)).view(TILE * TILE, len(plane), -1)


def band_of(rows: int, columns: int, channels: int) -> int:
    """How many rows of tiles to compute at once: bands of one height within CHUNK_BYTES if a row is."""
    largest = max(1, CHUNK_BYTES // (TILE * TILE * 4 * channels * columns))
    return -(-rows // -(-rows // largest))


def _tiles(plane: Tensor) -> tuple[int, int]:
    return plane.shape[1] // NEW, plane.shape[2] // NEW
