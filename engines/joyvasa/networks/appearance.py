"""F, the appearance extractor: turns a portrait into a volume of features."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from engines.joyvasa.networks.convolution_blocks import ConvBlock2d, DownBlock2d, ResBlock3d


class AppearanceExtractor(nn.Module):
    """Picture (B, 3, 256, 256), RGB in 0..1 -> feature volume (B, 32, 16, 64, 64), float.

    Arguments are named as in the published configuration, except `down_factor`: the factor by which each down
    block shrinks height and width; 2 in all published networks. The plane of 32 * 16 = 512 channels becomes a
    volume with the channel outside: plane c * 16 + d is channel c at depth d.
    """

    def __init__(
        self,
        *,
        image_channel: int = 3,
        block_expansion: int = 64,
        num_down_blocks: int = 2,
        down_factor: int = 2,
        max_features: int = 512,
        reshape_channel: int = 32,
        reshape_depth: int = 16,
        num_resblocks: int = 6,
    ) -> None:
        super().__init__()
        widths = [min(max_features, block_expansion * 2**i) for i in range(num_down_blocks + 1)]
        self.volume = (reshape_channel, reshape_depth)
        self.first = ConvBlock2d(image_channel, widths[0])
        self.down_blocks = nn.ModuleList(DownBlock2d(*pair, factor=down_factor) for pair in pairwise(widths))
        self.second = nn.Conv2d(widths[-1], reshape_channel * reshape_depth, 1)
        self.resblocks_3d = nn.Sequential()
        for i in range(num_resblocks):
            self.resblocks_3d.add_module(f"3dr{i}", ResBlock3d(reshape_channel))

    def forward(self, image: Tensor) -> Tensor:
        x = self.first(image)
        for down in self.down_blocks:
            x = down(x)
        return self.resblocks_3d(self.second(x).unflatten(1, self.volume))
