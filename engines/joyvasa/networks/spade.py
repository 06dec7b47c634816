"""G, the SPADE generator: turns a warped plane of features into a frame.

SPADE (spatially adaptive denormalisation) lets a label map scale and shift the normalised features at every
pixel. Here the label map is the generator's own input, repeated to the size at hand.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.2
NORM_EPSILON = 1e-5


class SpectralConv2d(nn.Module):
    """A convolution whose weight is divided by its largest singular value, for use after training only.

    The value is u . (W v) with the stored vectors; no power iteration is run, so the weights never change.
    """

    def __init__(self, channels: int, out_channels: int, kernel: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight_orig = nn.Parameter(torch.zeros(out_channels, channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        self.register_buffer("weight_u", torch.zeros(out_channels))
        self.register_buffer("weight_v", torch.zeros(channels * kernel * kernel))
        self.padding = kernel // 2

    def weight(self) -> Tensor:
        """The divided weight (out_channels, channels, kernel, kernel)."""
        sigma = torch.dot(self.weight_u, self.weight_orig.flatten(1) @ self.weight_v)
        return self.weight_orig / sigma

    def forward(self, x: Tensor) -> Tensor:
        return functional.conv2d(x, self.weight(), self.bias, padding=self.padding)


class Spade(nn.Module):
    """Instance norm of x (B, C, H, W), scaled by 1 + gamma and shifted by beta of the label map (B, L, h, w).

    The label map is enlarged by nearest-neighbour to H x W. The norm has no weights and epsilon 1e-5.
    """

    def __init__(self, channels: int, label_channels: int, hidden: int) -> None:
        super().__init__()
        self.mlp_shared = nn.Sequential(nn.Conv2d(label_channels, hidden, 3, padding=1), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(hidden, channels, 3, padding=1)
        self.mlp_beta = nn.Conv2d(hidden, channels, 3, padding=1)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        shared = self.mlp_shared(functional.interpolate(label, size=x.shape[2:]))
        normal = functional.instance_norm(x, eps=NORM_EPSILON)
        return normal * (1 + self.mlp_gamma(shared)) + self.mlp_beta(shared)


class SpadeBlock(nn.Module):
    """Two SPADE-normalised convolutions, added to the input; that is convolved too if the width changes."""

    def __init__(self, channels: int, out_channels: int, label_channels: int, hidden: int) -> None:
        super().__init__()
        middle = min(channels, out_channels)
        self.learned_shortcut = channels != out_channels
        self.conv_0 = SpectralConv2d(channels, middle, 3)
        self.conv_1 = SpectralConv2d(middle, out_channels, 3)
        self.norm_0 = Spade(channels, label_channels, hidden)
        self.norm_1 = Spade(middle, label_channels, hidden)
        if self.learned_shortcut:
            self.conv_s = SpectralConv2d(channels, out_channels, 1, bias=False)
            self.norm_s = Spade(channels, label_channels, hidden)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        shortcut = self.conv_s(self.norm_s(x, label)) if self.learned_shortcut else x
        y = self.conv_0(functional.leaky_relu(self.norm_0(x, label), SLOPE))
        return shortcut + self.conv_1(functional.leaky_relu(self.norm_1(y, label), SLOPE))


class SpadeGenerator(nn.Module):
    """Warped features (B, 256, 64, 64) -> picture (B, 3, 512, 512), RGB in 0..1.

    Arguments are named as in the published configuration; the side grows by 4 * `upscale`.
    """

    MIDDLE_BLOCKS = 6

    def __init__(
        self,
        *,
        upscale: int = 2,
        block_expansion: int = 64,
        max_features: int = 512,
        num_down_blocks: int = 2,
        spade_hidden: int = 128,
    ) -> None:
        super().__init__()
        label = min(max_features, block_expansion * 2**num_down_blocks)
        self.fc = nn.Conv2d(label, 2 * label, 3, padding=1)
        for i in range(self.MIDDLE_BLOCKS):
            self.add_module(f"G_middle_{i}", SpadeBlock(2 * label, 2 * label, label, spade_hidden))
        self.up_0 = SpadeBlock(2 * label, label, label, spade_hidden)
        self.up_1 = SpadeBlock(label, block_expansion, label, spade_hidden)
        self.conv_img = nn.Sequential(
            nn.Conv2d(block_expansion, 3 * upscale**2, 3, padding=1), nn.PixelShuffle(upscale)
        )

    @property
    def middle(self) -> list[SpadeBlock]:
        """The blocks at the label map's own size, in order."""
        return [self.get_submodule(f"G_middle_{i}") for i in range(self.MIDDLE_BLOCKS)]

    def forward(self, feature: Tensor) -> Tensor:
        x = self.fc(feature)
        for block in self.middle:
            x = block(x, feature)
        x = self.up_0(functional.interpolate(x, scale_factor=2), feature)
        x = self.up_1(functional.interpolate(x, scale_factor=2), feature)
        return torch.sigmoid(self.conv_img(functional.leaky_relu(x, SLOPE)))
