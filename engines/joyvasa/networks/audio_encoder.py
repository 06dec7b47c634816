"""Turns speech into features: HuBERT base or wav2vec2 base, built from a configuration without a download."""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

AudioModel = Literal["hubert", "wav2vec2"]

HOP = 320
"""Samples between two frames of the encoder (50 frames a second at 16 kHz)."""
REACH = 80
"""Samples that the convolutions see beyond whole hops."""
ENCODER_FPS = 50


def build_audio_encoder(model: AudioModel = "hubert", **config: Any) -> nn.Module:
    """The encoder with random weights; `config` overrides the base model's sizes (for tiny ones).

    State keys are those of the public checkpoints. The weight-normed positional convolution answers to both
    namings: ``parametrizations.weight.original0/original1`` (which it saves) and ``weight_g/weight_v``.
    """
    # fixed for both base models: group norm in the first convolution only, norms after the layers
    config = {"attn_implementation": "sdpa", **config}
    if model == "hubert":
        from transformers import HubertConfig, HubertModel

        encoder: nn.Module = HubertModel(HubertConfig(**config))
    elif model == "wav2vec2":
        from transformers import Wav2Vec2Config, Wav2Vec2Model

        encoder = Wav2Vec2Model(Wav2Vec2Config(**config))
    else:
        raise ValueError(f"there is no audio encoder {model!r}; known: hubert, wav2vec2")
    encoder.register_load_state_dict_pre_hook(_rename_weight_norm)
    return encoder


def _rename_weight_norm(module: nn.Module, state: dict[str, Tensor], prefix: str, *_: Any) -> None:
    """Give an older file's weight-norm tensors the names that `torch.nn.utils.parametrizations` uses."""
    stem = f"{prefix}encoder.pos_conv_embed.conv."
    for old, new in (("weight_g", "original0"), ("weight_v", "original1")):
        if stem + old in state:
            state[f"{stem}parametrizations.weight.{new}"] = state.pop(stem + old)


def pad_audio(samples: Tensor) -> Tensor:
    """Lengthen (B, n) samples so that the convolutions give a frame for every whole hop of 320 samples.

    A quarter of the missing length is mirrored on both sides twice (not half of it once: the features of the
    first frames depend on it), and one sample is repeated on both sides where the half is odd. Sounds that
    reach far enough into the next hop are returned as they are.
    """
    length = samples.shape[-1]
    side = math.ceil((HOP * (length // HOP) + REACH - length) / 2)
    if side < 0:
        return samples
    for _ in range(2):
        samples = F.pad(samples, (side // 2, side // 2), mode="reflect")
    if side % 2:
        samples = F.pad(samples, (1, 1), mode="replicate")
    return samples


def resample_frames(features: Tensor, frames: int) -> Tensor:
    """Linear interpolation along the last axis: (B, c, n) -> (B, c, frames), identity when n == frames."""
    if features.shape[-1] == frames:
        return features
    return F.interpolate(features, size=frames, mode="linear", align_corners=False)


def encode(
    encoder: nn.Module, samples: Tensor, frames: int, fps: float = 25.0, masked: Tensor | None = None
) -> Tensor:
    """Hidden states (B, frames, hidden) float32 of padded 16 kHz samples (B, n), for `frames` video frames.

    The transformer runs over two frames per video frame and neighbours are then averaged; the sound is not
    normalised to zero mean and unit variance. masked: for training, (B, 2 * frames) bool, the frames that the
    transformer does not see; the encoder's own random mask is not used, because it draws from the generator
    that the whole process shares.
    """
    net: Any = encoder
    doubled = 2 * frames
    trained = any(one.requires_grad for one in net.feature_extractor.parameters())
    # In training, transformers asks for the gradient of the sound, too; a frozen extractor does not need it.
    with torch.set_grad_enabled(trained and torch.is_grad_enabled()):
        features = net.feature_extractor(samples)[..., : round(doubled * ENCODER_FPS / fps)]
    hidden = net.feature_projection(resample_frames(features, doubled).transpose(1, 2))
    if isinstance(hidden, tuple):  # wav2vec2 also returns its input, normed
        hidden = hidden[0]
    if masked is not None:
        hidden = torch.where(masked.unsqueeze(-1), net.masked_spec_embed.to(hidden.dtype), hidden)
    hidden = net.encoder(hidden).last_hidden_state
    return resample_frames(hidden.transpose(1, 2), frames).transpose(1, 2)
