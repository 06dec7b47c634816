"""The convolutions of wav2vec2 at the video's frame rate, for any part of a voice, with the result for the
whole voice.

Convolutions see no further than their kernels, so a part can be computed from the samples around it. Only the
norm after the first convolution depends on the whole voice: a mean and a variance for each channel, which are
summed up in advance, part by part.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

PART = 10 * 16000
"""Samples whose first convolution is computed at a time; its result is a hundred times as large."""


class ConvFeatures:
    """A voice after the convolutions.

    encoder: transformers' Wav2Vec2Model, whose first convolution has a group norm and the others none, in
    evaluation mode. wave: (n,) float32 samples, already normalised, on any device. frames: of the video.
    """

    def __init__(self, encoder: nn.Module, wave: Tensor, frames: int, part: int = PART) -> None:
        net: Any = encoder
        self._layers = list(net.feature_extractor.conv_layers)
        first = self._layers[0]
        if not isinstance(getattr(first, "layer_norm", None), nn.GroupNorm):
            raise ValueError("The audio encoder has the wrong norm; JoyHallo's is `group`.")
        self._device = first.conv.weight.device
        self._wave = wave
        self._frames = frames
        self._part = part
        self._hop, self._reach = self._steps(self._layers)
        self.length = (len(wave) - self._reach) // self._hop + 1
        """Frames of the encoder in the whole voice, about 50 a second."""
        if self.length < 1:
            raise ValueError(f"{len(wave)} samples are shorter than the {self._reach} that a frame needs.")
        self._norm: tuple[Tensor, Tensor] | None = None

    def frames(self, start: int, stop: int) -> Tensor:
        """(stop - start, channels) float32 on the encoder's device: features of the video's frames.

        The encoder's frames are interpolated linearly so that the first and the last of the whole voice fall
        on the first and the last of the video.
        """
        if (start, stop) == (0, self._frames) and len(self._wave) <= self._part:
            return F.interpolate(self._whole(), self._frames, mode="linear", align_corners=True)[0].T
        last = max(self._frames - 1, 1)
        places = torch.arange(start, stop, dtype=torch.float64) * (self.length - 1) / last
        below = places.floor().long().clamp(max=max(self.length - 2, 0))
        first, end = int(below[0]), min(int(below[-1]) + 2, self.length)
        known = self.encoder_frames(first, end).T
        below -= first
        share = (places - places.floor().clamp(max=max(self.length - 2, 0))).float()[:, None]
        share, below = share.to(self._device), below.to(self._device)
        return torch.lerp(known[below], known[(below + 1).clamp(max=len(known) - 1)], share)

    def encoder_frames(self, start: int, stop: int) -> Tensor:
        """(channels, stop - start) float32: the encoder's own frames, which do not depend on the part."""
        mean, deviation = self._statistics()
        parts = []
        step = max(1, self._part // self._hop)
        for begin in range(start, stop, step):
            end = min(begin + step, stop)
            samples = self._wave[begin * self._hop : (end - 1) * self._hop + self._reach]
            parts.append(self._convolved(samples.to(self._device), mean, deviation))
        return torch.cat(parts, dim=1)

    def _convolved(self, samples: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
        first, *others = self._layers
        hidden = first.conv(samples[None, None])
        norm = first.layer_norm
        factor = norm.weight / deviation
        hidden = first.activation(hidden * factor[:, None] + (norm.bias - mean * factor)[:, None])
        for layer in others:
            hidden = layer(hidden)
        return hidden[0]

    def _whole(self) -> Tensor:
        hidden = self._wave.to(self._device)[None, None]
        for layer in self._layers:
            hidden = layer(hidden)
        return hidden

    def _statistics(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of each channel after the first convolution, over the whole voice."""
        if self._norm is None:
            conv, norm = self._layers[0].conv, self._layers[0].layer_norm
            hop, reach = conv.stride[0], conv.kernel_size[0]
            length = (len(self._wave) - reach) // hop + 1
            step = max(1, self._part // hop)
            total = torch.zeros(2, conv.out_channels, dtype=torch.float64, device=self._device)
            for begin in range(0, length, step):
                end = min(begin + step, length)
                samples = self._wave[begin * hop : (end - 1) * hop + reach].to(self._device)
                hidden = conv(samples[None, None])[0]
                total[0] += hidden.sum(dim=1, dtype=torch.float64)
                total[1] += hidden.square_().sum(dim=1, dtype=torch.float64)
            mean, square = total / length
            deviation = (square - mean.square() + norm.eps).sqrt()
            self._norm = mean.float(), deviation.float()
        return self._norm

    @staticmethod
    def _steps(layers: list[Any]) -> tuple[int, int]:
        """The number of samples between two frames of the encoder, and the number that one frame
        depends on.
        """
        hop = reach = 1
        for layer in layers:
            reach += (layer.conv.kernel_size[0] - 1) * hop
            hop *= layer.conv.stride[0]
        return hop, reach
