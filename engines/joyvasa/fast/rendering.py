"""Renders frames from driving keypoints: W, then G, over batches."""

from __future__ import annotations

import torch
from torch import Tensor

from engines.joyvasa.fast.fast_spade import FastGenerator
from engines.joyvasa.fast.fast_warping import FastWarping, WarpingSource
from engines.joyvasa.networks.spade import SpadeGenerator
from engines.joyvasa.networks.warping import WarpingNetwork


class FrameRenderer:
    """Renders any number of portraits; it keeps nothing about a portrait or a job."""

    def __init__(
        self,
        warping: WarpingNetwork,
        generator: SpadeGenerator,
        *,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Rearrange copies of the plain networks, which must be on `device`: the faster form depends on it.
        dtype: float32, bfloat16 or float16.
        """
        self.device = torch.device(device)
        self.warping = FastWarping(warping, dtype).eval()
        self.generator = FastGenerator(generator, dtype).eval()

    @torch.inference_mode()
    def prepare(self, feature_3d: Tensor, kp_source: Tensor) -> WarpingSource:
        """Feature volume (1, 32, 16, 64, 64) and keypoints (1, 21, 3) -> what `render` needs."""
        return self.warping.prepare(feature_3d.to(self.device), kp_source.to(self.device))

    @torch.inference_mode()
    def render(self, source: WarpingSource, kp_driving: Tensor) -> Tensor:
        """Driving keypoints (n, 21, 3) -> frames (n, 3, 512, 512), float32 RGB in 0..1, on the device."""
        return self.generator(self.warping(source, kp_driving.to(self.device)).out)

    @torch.inference_mode()
    def render_each(self, features: Tensor, kp_source: Tensor, kp_driving: Tensor) -> Tensor:
        """As `render`, for n frames of which each is warped from its own picture, as in a video.

        features: (n, 32, 16, 64, 64), kp_source and kp_driving: (n, 21, 3).
        """
        each = zip(features.split(1), kp_source.split(1), kp_driving.to(self.device).split(1), strict=True)
        warped = [self.warping(self.prepare(feature, still), driving).out for feature, still, driving in each]
        return self.generator(torch.cat(warped))
