"""The sizes of the two U-Nets: the real ones, and any others for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

AudioBlock = Literal["joyhallo", "hallo"]
"""One audio cross-attention that three masks share, or one for each mask."""

MOTION_FRAMES = 2
"""Frames of the previous clip from which a clip continues."""


@dataclass(frozen=True)
class UNetConfig:
    """Sizes that the reference U-Net and the denoising U-Net have in common.

    channels: width of each of the four levels, from the latent's own resolution down to an eighth of it.
    text_dim: width of the face tokens (where Stable Diffusion has its text). audio_dim: of the audio tokens.
    groups: of every GroupNorm but those of the motion modules, which always have 32.
    heads: of every attention; a head is as wide as the level's channels divided by it.
    """

    channels: tuple[int, int, int, int] = (320, 640, 1280, 1280)
    layers_per_block: int = 2
    heads: int = 8
    groups: int = 32
    norm_eps: float = 1e-5
    text_dim: int = 768
    audio_dim: int = 768
    in_channels: int = 4
    out_channels: int = 4
    motion_heads: int = 8
    motion_positions: int = 32

    @classmethod
    def full(cls) -> UNetConfig:
        """The published size, that of Stable Diffusion 1.5."""
        return cls()

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> UNetConfig:
        """From a document of two parts in the public form: `unet`, a Stable Diffusion `config.json` (whose
        `attention_head_dim` is the number of heads), and `unet_additional_kwargs` of `inference.yaml`.

        Raises KeyError for a missing field and ValueError for a set of blocks that JoyHallo does not have.
        """
        unet, extra = document["unet"], document["unet_additional_kwargs"]
        attention = [kind.startswith("CrossAttn") for kind in unet["down_block_types"]]
        mirrored = [kind.startswith("CrossAttn") for kind in unet["up_block_types"]]
        if attention != [True, True, True, False] or mirrored != attention[::-1]:
            raise ValueError(
                f"{unet['down_block_types']}, {unet['up_block_types']} are not JoyHallo's blocks."
            )
        motion = extra["motion_module_kwargs"]
        return cls(
            channels=tuple(unet["block_out_channels"]),
            layers_per_block=unet["layers_per_block"],
            heads=unet["attention_head_dim"],
            groups=unet["norm_num_groups"],
            norm_eps=unet["norm_eps"],
            text_dim=unet["cross_attention_dim"],
            audio_dim=extra["audio_attention_dim"],
            in_channels=unet["in_channels"],
            out_channels=unet["out_channels"],
            motion_heads=motion["num_attention_heads"],
            motion_positions=motion["temporal_position_encoding_max_len"],
        )

    @property
    def time_dim(self) -> int:
        """Width of the time embedding."""
        return 4 * self.channels[0]

    @property
    def bank_names(self) -> tuple[str, ...]:
        """Names of the spatial transformers, in the order in which a forward pass meets them."""
        down = [f"down_blocks.{i}.attentions.{j}" for i in range(3) for j in range(self.layers_per_block)]
        up = [f"up_blocks.{i}.attentions.{j}" for i in range(1, 4) for j in range(self.layers_per_block + 1)]
        return (*down, "mid_block.attentions.0", *up)
