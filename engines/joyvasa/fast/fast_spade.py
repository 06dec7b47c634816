"""G, rearranged to do less, with the same result except for rounding.

- Spectral norms are divided out once.
- The label branches run on the label map itself where the plain network enlarges it (see merged_taps.py); the
  features are normalised before they are enlarged.
- gamma and beta come from one convolution, in pieces that are used while they are in the caches.
- No activation follows the shortcut's norm, so its 1x1 convolution is carried into beta's.
- In float32 on a CPU the large convolutions are Winograd's.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.joyvasa.fast.constant_folding import chained
from engines.joyvasa.fast.convolution import DirectConv, convolution
from engines.joyvasa.fast.label_convolutions import LabelBranch, label_branch
from engines.joyvasa.networks.spade import (
    NORM_EPSILON,
    SLOPE,
    Spade,
    SpadeBlock,
    SpadeGenerator,
    SpectralConv2d,
)

ENLARGED = 2  # by as much are the features enlarged before each of the last two blocks


def normalised(x: Tensor) -> Tensor:
    """Instance norm of (n, C, H, W) in its own dtype, with moments in float32."""
    if x.dtype == torch.float32:
        return functional.instance_norm(x, eps=NORM_EPSILON)
    variance, mean = torch.var_mean(x.float(), dim=(2, 3), correction=0, keepdim=True)
    scale = (variance + NORM_EPSILON).rsqrt()
    return torch.addcmul((-mean * scale).to(x.dtype), x, scale.to(x.dtype))


def modulation(spade: Spade, *, factor: int, dtype: torch.dtype, after: Tensor | None = None) -> LabelBranch:
    """The label branch of a norm: 1 + gamma, then beta, as channels of one map.

    after: the weight (O, C, 1, 1) of a convolution that beta shall have passed.
    """
    weight, bias = spade.mlp_beta.weight.detach(), spade.mlp_beta.bias.detach()
    if after is not None:
        weight, bias = chained(weight, after), chained(bias, after)
    shared = spade.mlp_shared[0]
    return label_branch(
        (shared.weight.detach(), shared.bias.detach()),
        (
            torch.cat([spade.mlp_gamma.weight.detach(), weight]),
            torch.cat([1 + spade.mlp_gamma.bias.detach(), bias]),
        ),
        factor=factor,
        dtype=dtype,
    )


def spectral(conv: SpectralConv2d) -> tuple[Tensor, Tensor]:
    """Weight and bias with the norm divided out."""
    bias = conv.bias if conv.bias is not None else conv.weight_orig.new_zeros(len(conv.weight_orig))
    return conv.weight().detach(), bias.detach()


class FastSpadeBlock(nn.Module):
    """A SPADE block whose label map is `factor` times smaller, and whose input is `enlarge` times smaller."""

    def __init__(self, plain: SpadeBlock, *, factor: int, enlarge: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.factor, self.enlarge = factor, enlarge
        self.learned_shortcut = plain.learned_shortcut
        self.norm_0 = modulation(plain.norm_0, factor=factor, dtype=dtype)
        self.norm_1 = modulation(plain.norm_1, factor=factor, dtype=dtype)
        wide = (
            plain.conv_1.weight_orig.shape[0] >= 128
        )  # narrower ones gain nothing from Winograd's algorithm
        self.conv_0 = convolution(*spectral(plain.conv_0), dtype, minimal=wide)
        self.conv_1 = convolution(*spectral(plain.conv_1), dtype, minimal=wide)
        if self.learned_shortcut:
            weight = plain.conv_s.weight().detach()
            self.conv_s = DirectConv(weight, None, dtype)
            self.norm_s = modulation(plain.norm_s, factor=factor, dtype=dtype, after=weight)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        normal = normalised(x)
        result = self._shortcut(normal, label) if self.learned_shortcut else x
        y = self.conv_0(self._modulated(self.norm_0, normal, label, self.enlarge))
        y = self.conv_1(self._modulated(self.norm_1, normalised(y), label, 1))
        return y.add_(result)

    def _modulated(self, branch: LabelBranch, normal: Tensor, label: Tensor, enlarge: int) -> Tensor:
        """The norm, scaled and shifted by the label map, and the activation."""
        result = self._like(label, normal.shape[1])
        for piece, values in branch.pieces(label):
            gamma, beta = values.split(normal.shape[1], dim=1)
            value = torch.addcmul(beta, piece.of(normal, enlarge), gamma)
            piece.of(result).copy_(functional.leaky_relu_(value, SLOPE))
        return result

    def _shortcut(self, normal: Tensor, label: Tensor) -> Tensor:
        """conv_s(norm * (1 + gamma)) + conv_s(beta), of which the branch yields the last."""
        channels = normal.shape[1]
        result = self._like(label, len(self.conv_s.weight))
        for piece, values in self.norm_s.pieces(label):
            scaled = piece.of(normal, self.enlarge) * values[:, :channels]
            piece.of(result).copy_(self.conv_s(scaled).add_(values[:, channels:]))
        return result

    def _like(self, label: Tensor, channels: int) -> Tensor:
        n, _, height, width = label.shape
        layout = torch.contiguous_format if label.dtype == torch.float32 else torch.channels_last
        size = (n, channels, height * self.factor, width * self.factor)
        return torch.empty(size, dtype=label.dtype, device=label.device, memory_format=layout)


class FastGenerator(nn.Module):
    """The generator after training."""

    def __init__(self, plain: SpadeGenerator, dtype: torch.dtype = torch.float32) -> None:
        """dtype: of all maps; moments are float32."""
        super().__init__()
        self.dtype = dtype
        self.fc = convolution(plain.fc.weight.detach(), plain.fc.bias.detach(), dtype, minimal=True)
        blocks = [(block, 1, 1) for block in plain.middle]
        blocks += [(plain.up_0, ENLARGED, ENLARGED), (plain.up_1, ENLARGED**2, ENLARGED)]
        self.blocks = nn.ModuleList(
            FastSpadeBlock(block, factor=factor, enlarge=enlarge, dtype=dtype)
            for block, factor, enlarge in blocks
        )
        self.image = convolution(plain.conv_img[0].weight.detach(), plain.conv_img[0].bias.detach(), dtype)
        self.upscale = plain.conv_img[1].upscale_factor

    def forward(self, feature: Tensor) -> Tensor:
        """Warped features (n, 256, 64, 64) -> pictures (n, 3, 512, 512), float32 in 0..1."""
        layout = torch.contiguous_format if self.dtype == torch.float32 else torch.channels_last
        label = feature.to(self.dtype, memory_format=layout)
        x = self.fc(label)
        for block in self.blocks:
            x = block(x, label)
        picture = self.image(functional.leaky_relu_(x, SLOPE)).float()
        return functional.pixel_shuffle(picture, self.upscale).sigmoid_()
