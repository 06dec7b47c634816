"""S3FD: the face detector that SyncNet's own pipeline uses."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES = (4, 8, 16, 32, 64, 128)
SIZES = (16, 32, 64, 128, 256, 512)
"""The anchors' sides in pixels, one square anchor per cell of each map."""
MEAN = (123.0, 117.0, 104.0)
"""Red, green, blue; subtracted from 0..255."""
POOL = "pool"
LAYERS = (64, 64, POOL, 128, 128, POOL, 256, 256, 256, POOL, 512, 512, 512, POOL, 512, 512, 512, POOL)
TAKEN = (16, 23, 30)
"""The layers whose maps are normalised in length: before the pools after conv3, conv4 and conv5."""
VARIANCES = (0.1, 0.2)


class AnchorBoxes(NamedTuple):
    """The network's output for n anchors.

    offsets: (B, n, 4); faces: (B, n, 2), the chance of background and of a face; priors: (n, 4) centre,
    width and height in parts of the frame.
    """

    offsets: Tensor
    faces: Tensor
    priors: Tensor


class EvenLength(nn.Module):
    """Gives every cell's vector the same length, times a learned factor per channel."""

    def __init__(self, channels: int, scale: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), float(scale)))

    def forward(self, x: Tensor) -> Tensor:
        length = x.square().sum(dim=1, keepdim=True).sqrt() + 1e-10
        return self.weight[None, :, None, None] * (x / length)


class S3fd(nn.Module):
    """Six maps of anchors. Its keys are those of sfd_face.pth. narrow: divides the channels, for trials."""

    def __init__(self, narrow: int = 1) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inside = 3
        for entry in LAYERS:
            if isinstance(entry, str):
                layers.append(nn.MaxPool2d(2, 2))
                continue
            layers += [nn.Conv2d(inside, entry // narrow, 3, padding=1), nn.ReLU(inplace=True)]
            inside = entry // narrow
        a, b, c, d = (number // narrow for number in (128, 256, 512, 1024))
        layers += [nn.Conv2d(c, d, 3, padding=6, dilation=6), nn.ReLU(inplace=True)]
        layers += [nn.Conv2d(d, d, 1), nn.ReLU(inplace=True)]
        self.vgg = nn.ModuleList(layers)
        self.L2Norm3_3 = EvenLength(b, 10)
        self.L2Norm4_3 = EvenLength(c, 8)
        self.L2Norm5_3 = EvenLength(c, 5)
        self.extras = nn.ModuleList(
            [
                nn.Conv2d(d, b, 1),
                nn.Conv2d(b, c, 3, 2, 1),
                nn.Conv2d(c, a, 1),
                nn.Conv2d(a, b, 3, 2, 1),
            ]
        )
        maps = (b, c, c, d, c, b)
        self.loc = nn.ModuleList([nn.Conv2d(n, 4, 3, padding=1) for n in maps])
        self.conf = nn.ModuleList([nn.Conv2d(n, 2 if i else 4, 3, padding=1) for i, n in enumerate(maps)])

    def maps(self, x: Tensor) -> list[Tensor]:
        """The six maps, from a stride of 4 to one of 128."""
        found = []
        norms = dict(zip(TAKEN, (self.L2Norm3_3, self.L2Norm4_3, self.L2Norm5_3), strict=True))
        for number, layer in enumerate(self.vgg):
            if number in norms:
                found.append(norms[number](x))
            x = layer(x)
        found.append(x)
        for first, second in zip(self.extras[::2], self.extras[1::2], strict=True):
            x = functional.relu(second(functional.relu(first(x))))
            found.append(x)
        return found

    def forward(self, frames: Tensor) -> AnchorBoxes:
        """From (B, 3, H, W) red, green, blue with `MEAN` subtracted."""
        offsets, faces, priors = [], [], []
        height, width = frames.shape[2:]
        for number, x in enumerate(self.maps(frames)):
            offsets.append(self.loc[number](x).permute(0, 2, 3, 1).flatten(1, 2))
            said = self.conf[number](x)
            if not number:  # three maps for background, of which the most certain counts
                said = torch.cat([said[:, :3].amax(dim=1, keepdim=True), said[:, 3:]], dim=1)
            faces.append(said.permute(0, 2, 3, 1).flatten(1, 2))
            priors.append(priors_of(x.shape[2:], (height, width), STRIDES[number], SIZES[number]))
        chances = torch.softmax(torch.cat(faces, dim=1), dim=-1)
        return AnchorBoxes(torch.cat(offsets, dim=1), chances, torch.cat(priors).to(frames.device))


def priors_of(cells: torch.Size, size: tuple[int, int], stride: int, side: int) -> Tensor:
    """(rows * columns, 4) anchors of a map, in parts of a frame of size (height, width)."""
    height, width = size
    y, x = torch.meshgrid(
        (torch.arange(cells[0], dtype=torch.float64) + 0.5) * stride / height,
        (torch.arange(cells[1], dtype=torch.float64) + 0.5) * stride / width,
        indexing="ij",
    )
    sides = [torch.full_like(x, side / width), torch.full_like(x, side / height)]
    return torch.stack([x, y, *sides], dim=-1).reshape(-1, 4).float()


def boxes_of(offsets: Tensor, priors: Tensor) -> Tensor:
    """(n, 4) x0, y0, x1, y1 in parts of the frame, from an anchor's offsets (n, 4)."""
    centre = priors[:, :2] + offsets[:, :2] * VARIANCES[0] * priors[:, 2:]
    size = priors[:, 2:] * torch.exp(offsets[:, 2:] * VARIANCES[1])
    low = centre - size / 2
    return torch.cat([low, size + low], dim=1)
