"""The motion generator: the audio encoder, denoiser and schedule of one checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import torch
from torch import Tensor, nn

from engines.joyvasa.motion.sampler import Target
from engines.joyvasa.motion.schedule import ScheduleName, VarianceSchedule
from engines.joyvasa.networks.audio_encoder import AudioModel, build_audio_encoder, encode, pad_audio
from engines.joyvasa.networks.denoiser import Denoiser, PositionalEncoding

AUDIO_MODELS: dict[str, AudioModel] = {
    "hubert": "hubert",
    "hubert_zh": "hubert",
    "hubert_zh_ori": "hubert",
    "wav2vec2": "wav2vec2",
}
"""Names that a checkpoint's arguments use, and the networks that they mean."""


@dataclass(frozen=True)
class MotionGeneratorConfig:
    """Sizes of a motion generator; the defaults are those of the training script.

    `encoder` overrides entries of the audio encoder's own configuration. The last two say how it was trained;
    published files do not state this and were trained with the defaults.
    """

    audio_model: AudioModel = "hubert"
    motion_feat_dim: int = 70
    n_motions: int = 100
    n_prev_motions: int = 25
    feature_dim: int = 256
    n_diff_steps: int = 50
    n_heads: int = 8
    n_layers: int = 8
    mlp_ratio: int = 4
    step_rows: int = 501
    place_rows: int = 600
    diff_schedule: ScheduleName = "cosine"
    encoder: Mapping[str, Any] = field(default_factory=dict)
    positional_encoding: PositionalEncoding = "pe_old"
    target: Target = "sample"

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> MotionGeneratorConfig:
        """From the training arguments in a checkpoint; what is missing or None keeps its default.

        Heads, layers and the ratio of the perceptron are among the arguments but never reached the network,
        so they are not read. Raises ValueError for an unknown audio model.
        """
        read = ("motion_feat_dim", "n_motions", "n_prev_motions", "feature_dim", "n_diff_steps")
        given: dict[str, Any] = {k: int(arguments[k]) for k in read if arguments.get(k) is not None}
        name = arguments.get("audio_model")
        if name is not None:
            if name not in AUDIO_MODELS:
                raise ValueError(f"unknown audio_model {name!r}; known: {', '.join(AUDIO_MODELS)}")
            given["audio_model"] = AUDIO_MODELS[name]
        assert set(given) <= {f.name for f in fields(cls)}
        return cls(**given)


class MotionGenerator(nn.Module):
    """All networks that make motion from sound; the state keys are the public checkpoint's."""

    def __init__(
        self,
        config: MotionGeneratorConfig | None = None,
        *,
        positional_encoding: PositionalEncoding | None = None,
    ) -> None:
        """positional_encoding: one other than that of the config."""
        super().__init__()
        self.config = config = config or MotionGeneratorConfig()
        self.start_motion_feat = nn.Parameter(torch.zeros(1, config.n_prev_motions, config.motion_feat_dim))
        self.start_audio_feat = nn.Parameter(torch.zeros(1, config.n_prev_motions, config.feature_dim))
        self.null_audio_feat = nn.Parameter(torch.zeros(1, 1, config.feature_dim))
        self.audio_encoder = build_audio_encoder(config.audio_model, **config.encoder)
        hidden = int(self.audio_encoder.config.hidden_size)
        self.audio_feature_map = nn.Linear(hidden, config.feature_dim)
        self.denoising_net = Denoiser(
            motion_dim=config.motion_feat_dim,
            feature_dim=config.feature_dim,
            heads=config.n_heads,
            layers=config.n_layers,
            mlp_ratio=config.mlp_ratio,
            motions=config.n_motions,
            previous_motions=config.n_prev_motions,
            step_rows=config.step_rows,
            place_rows=config.place_rows,
            positional_encoding=positional_encoding or config.positional_encoding,
        )
        self.diffusion_sched = VarianceSchedule(config.n_diff_steps, config.diff_schedule)

    def audio_features(
        self, samples: Tensor, frames: int | None = None, masked: Tensor | None = None
    ) -> Tensor:
        """Features (B, frames, feature_dim) of 16 kHz samples (B, n) in -1..1; 640 samples make a frame.

        masked: see `audio_encoder.encode`.
        """
        frames = frames or self.config.n_motions
        hidden = encode(self.audio_encoder, pad_audio(samples), frames, masked=masked)
        return self.audio_feature_map(hidden)

    def forward(
        self,
        motion: Tensor,
        audio: Tensor,
        previous_motion: Tensor,
        previous_audio: Tensor,
        steps: Tensor,
        noise: Tensor,
        drop_audio: Tensor | None = None,
    ) -> Tensor:
        """One training prediction (B, 125, 70): noise clean motion (B, 100, 70) to `steps` (B,), denoise it.

        `drop_audio` (B,) bool: samples whose window hears the null features instead (for guidance); the
        previous frames keep their own.
        """
        if drop_audio is not None:
            audio = torch.where(drop_audio.view(-1, 1, 1), self.null_audio_feat, audio)
        noisy = self.diffusion_sched.diffuse(motion, noise, steps)
        return self.denoising_net(noisy, audio, previous_motion, previous_audio, steps)
