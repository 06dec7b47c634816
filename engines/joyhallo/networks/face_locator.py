"""The face locator: turns the position of the face into a feature that is added to the first layer of the
denoising U-Net.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diffusers.models.controlnets.controlnet import ControlNetConditioningEmbedding
from torch import Tensor


class FaceLocator(ControlNetConditioningEmbedding):
    """A stack of 3x3 convolutions with SiLU, three of them halving the side.

    Follows Hallo's hallo/models/face_locator.py.

    It is ControlNet's embedding of a condition, frame by frame; the keys are `conv_in`, `blocks.0..5` and
    `conv_out`. Like ControlNet's, its last layer is zero until weights are loaded.
    """

    def __init__(
        self,
        out_channels: int = 320,
        in_channels: int = 3,
        block_out_channels: Sequence[int] = (16, 32, 64, 128),
    ) -> None:
        super().__init__(out_channels, in_channels, tuple(block_out_channels))

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> FaceLocator:
        """From the reference's names: conditioning_embedding_channels, conditioning_channels and
        block_out_channels.
        """
        return cls(
            config["conditioning_embedding_channels"],
            config["conditioning_channels"],
            config["block_out_channels"],
        )

    def forward(self, region: Tensor) -> Tensor:
        """(b, 3, f, H, W) region mask in 0..1 -> (b, out_channels, f, H/8, W/8).

        The region does not move within a clip: one frame is enough, its feature is broadcast over the others.
        """
        frames = region.transpose(1, 2)
        feature = super().forward(frames.flatten(0, 1))
        return feature.unflatten(0, frames.shape[:2]).transpose(1, 2)
