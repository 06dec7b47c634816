"""Encodes a voice for the networks: windows of all layers of wav2vec2, frame by frame.

Follows Hallo's hallo/datasets/audio_processor.py and hallo/models/wav2vec.py.

The original encodes a voice in one piece. This module does so for voices of up to a minute. Longer ones are
encoded in overlapping chunks whose middles are kept, and are returned clip by clip, so that the memory does
not depend on the length. The convolutions are exact, see `conv_features`; only the transformer sees no more
than its chunk.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from engines.joyhallo.audio.conv_features import ConvFeatures

SAMPLE_RATE = 16000
FPS = 25
SAMPLES_PER_FRAME = SAMPLE_RATE // FPS
CLIP = 16
"""Frames that are sampled together."""
MARGIN = 2
"""Frames before and after a frame that belong to its window."""
WHOLE = 1500
"""The longest voice that is encoded in one piece, in frames; one minute."""
OVERLAP = 250
"""Frames of context on either side of the kept part of a chunk; ten seconds."""
TINY_VARIANCE = 1e-7


@dataclass(frozen=True)
class AudioPlan:
    """The length of a voice.

    samples: of the voice at 16 kHz. frames: of the video. padded_frames: a whole number of clips.
    silence: samples that are appended for the padding.
    """

    samples: int
    frames: int
    padded_frames: int
    silence: int


def plan_audio(samples: int, frames: int | None = None, clip: int = CLIP) -> AudioPlan:
    """The plan of a voice of `samples` samples at 16 kHz.

    frames: of the video, if the samples do not decide them. clip: frames of a clip; 1 leaves the voice
    unpadded, as in training data.
    """
    sounding = math.ceil(samples / SAMPLES_PER_FRAME)
    wanted = max(sounding, frames or 0)
    padded = math.ceil(wanted / clip) * clip
    return AudioPlan(samples, frames or sounding, padded, (padded - sounding) * SAMPLES_PER_FRAME)


def normalised(samples: np.ndarray) -> np.ndarray:
    """(n,) float32 with a mean of 0 and a variance of 1 over the whole voice."""
    return ((samples - samples.mean()) / np.sqrt(samples.var() + TINY_VARIANCE)).astype(np.float32)


def hidden_states(
    encoder: nn.Module, samples: np.ndarray, plan: AudioPlan, *, whole: int = WHOLE, overlap: int = OVERLAP
) -> Iterator[Tensor]:
    """Every layer's output for every frame, piece by piece: (k, layers, channels) float32 on the device.

    encoder: transformers' Wav2Vec2Model with group norm, in float32. samples: (plan.samples,) float32 at 16
    kHz. whole: frames of the longest chunk. overlap: frames on either side of a chunk that are not kept. The
    pieces have plan.padded_frames frames together.
    """
    with torch.inference_mode():
        wave = np.pad(normalised(samples), (0, plan.silence))
        features = ConvFeatures(encoder, torch.from_numpy(wave), plan.padded_frames)
    for start, stop, first, last in chunks(plan.padded_frames, whole, overlap):
        with torch.inference_mode():
            piece = _layers(encoder, features.frames(first, last))[start - first : stop - first]
        yield piece


def chunks(frames: int, whole: int = WHOLE, overlap: int = OVERLAP) -> Iterator[tuple[int, int, int, int]]:
    """The chunks of a number of frames: for each the frames that are kept (from, to) and those that are
    encoded (from, to).

    Raises ValueError if the overlaps would leave nothing of a chunk.
    """
    if frames <= whole:
        yield 0, frames, 0, frames
        return
    step = whole - 2 * overlap
    if step < 1:
        raise ValueError(f"Chunks of {whole} frames that overlap by {overlap} keep nothing.")
    for start in range(0, frames, step):
        stop = min(start + step, frames)
        yield start, stop, max(0, start - overlap), min(frames, stop + overlap)


def clip_windows(pieces: Iterator[Tensor], clip: int = CLIP, margin: int = MARGIN) -> Iterator[Tensor]:
    """Windows around every frame, clip by clip: (clip, 2 * margin + 1, layers, channels).

    pieces: (k, layers, channels) each, of whole clips together. A window reaches into the clips before and
    after; at both ends of the voice the outermost frame is repeated.
    """
    start, known = 0, None
    for piece in pieces:
        known = torch.cat([piece[:1]] * margin + [piece]) if known is None else torch.cat([known, piece])
        while len(known) - start >= clip + 2 * margin:
            yield _windows(known[start : start + clip + 2 * margin], clip)
            start += clip
        known, start = known[start:].clone(), 0
    if known is not None:
        known = torch.cat([known, *[known[-1:]] * margin])
        for start in range(0, len(known) - 2 * margin, clip):
            yield _windows(known[start : start + clip + 2 * margin], clip)


def _windows(rows: Tensor, clip: int) -> Tensor:
    width = len(rows) - clip + 1
    return rows.unfold(0, width, 1).movedim(-1, 1)[:clip]


def _layers(encoder: nn.Module, features: Tensor) -> Tensor:
    """(n, conv channels) features of the video's frames -> (n, layers, channels)."""
    hidden, _ = encoder.feature_projection(features[None])
    inner = encoder.encoder
    hidden = inner.layer_norm(hidden + inner.pos_conv_embed(hidden))
    states = []
    for layer in inner.layers:
        hidden = layer(hidden)
        hidden = hidden[0] if isinstance(hidden, tuple) else hidden
        states.append(hidden[0])
    return torch.stack(states, dim=1)
