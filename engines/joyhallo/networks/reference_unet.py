"""The U-Net that reads the portrait and the previous frames and passes its features on."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from engines.joyhallo.networks.blocks import Block, UNetSkeleton


class ReferenceUNet(UNetSkeleton):
    """Stable Diffusion's U-Net without its last norm and convolution: its prediction is discarded.

    The result is the bank: the output of each spatial transformer's first LayerNorm, before its attention.
    """

    def forward(self, latents: Tensor, tokens: Tensor, *, full_output: bool = False) -> Any:
        """Banks (r, l, C) of pictures (r, 4, h, w) with face tokens (r, 4, text_dim), at timestep 0.

        Returns a dict by the name of the spatial transformer. The pass ends with the last bank;
        `full_output` continues and returns (banks, feature of the last block (r, channels[0], h, w)).
        """
        banks: dict[str, Tensor] = {}
        last = self.config.bank_names[-1]

        def layer(name: str, block: Block, index: int, x: Tensor) -> Tensor:
            attention: Any = block.attentions
            key = f"{name}.attentions.{index}"
            if key == last and not full_output:
                banks[key] = attention[index].bank(x)
                return x
            return attention[index](x, tokens, record=lambda bank: banks.__setitem__(key, bank))

        time = self.embed_time(0, 1)
        feature = self.walk(self.conv_in(latents), time, layer)
        return (banks, feature) if full_output else banks
