"""Removes music and noise from a voice before it is encoded (MDX-Net, Kim_Vocal_2.onnx).

The network estimates the spectrum of the singing or speaking voice from that of the whole sound, six seconds
of stereo at a time. The original runs it with the audio-separator package. Here, onnxruntime runs it
directly, with that package's segments: neighbours overlap by a quarter and fade into each other.

Facts of the file, as Ultimate Vocal Remover's public model list has them: spectra of 7680 samples every 1024,
the lowest 3072 frequencies of 256 moments, at 44.1 kHz; real and imaginary parts of left and right are its
four channels.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import soxr
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from engines.faces.onnx_model import Model, load_model
from media.messages import said
from media.sound.layouts import STEREO
from media.sound.mono import MonoMix
from media.sound_stream import SoundBlocks, SoundFormat
from media.voice import Voice

FILE = "audio_separator/Kim_Vocal_2.onnx"
MISSING = said(
    "{file} is missing, so the engine analyses the voice together with all other sound.", file=FILE
)

RATE = 44100
WINDOW, HOP = 7680, 1024
FREQUENCIES, MOMENTS = 3072, 256
SILENCED = 3
"""Number of the lowest frequencies, up to 17 Hz, that are set to 0 for the network."""
SEGMENT = HOP * (MOMENTS - 1)
STEP = SEGMENT * 3 // 4
EDGE = WINDOW // 2
"""Samples at each end of a segment whose spectrum is incomplete."""
LOUDEST = 0.9
"""Louder sounds are scaled down to this peak for the network."""


def open_separator(folder: Path, device: str = "cpu") -> Model | None:
    """The network in `pretrained_models/` of the public layout; None if it is missing."""
    path = folder / FILE
    return load_model(path, device) if path.is_file() else None


def separate(voice: Voice, model: Model) -> Generator[float, None, np.ndarray]:
    """The voice alone: (n,) float32 at 16 kHz, as long as `voice.samples`.

    Works on the original sound, in stereo. Yields the finished share, 0..1, after each segment of 4.4 s, and
    returns the voice (`voice = yield from separate(...)`). Memory: the result and some segments.
    """
    sound, blocks = voice.open_original()
    total = max(1, round(voice.duration * RATE))
    down = soxr.ResampleStream(RATE, Voice.SAMPLE_RATE, 1, dtype="float32", quality="HQ")
    factor = min(1.0, LOUDEST / 10 ** (voice.peak_dbfs / 20))
    pieces, done = [], 0
    mix = MonoMix(replace(sound, rate=RATE, channels=2, positions=STEREO))
    try:
        for stereo in separated(_stereo(blocks, sound, factor), model):
            done += stereo.shape[1]
            pieces.append(down.resample_chunk(np.ascontiguousarray(mix.add(stereo.T)) / factor))
            yield min(1.0, done / total)
    finally:
        blocks.close()
    pieces.append(down.resample_chunk(np.zeros(0, np.float32), last=True))
    alone = np.concatenate(pieces)[: len(voice.samples)]
    return np.pad(alone, (0, len(voice.samples) - len(alone)))


def separated(sound: Iterator[np.ndarray], model: Model) -> Iterator[np.ndarray]:
    """The voice in a stereo sound at 44.1 kHz, piece by piece: (2, n) float32 to (2, n) float32.

    The result has as many samples as the sound and lags one segment behind.
    """
    received = given = 0

    def counted() -> Iterator[np.ndarray]:
        nonlocal received
        for piece in sound:
            received += piece.shape[1]
            yield piece

    skipped = EDGE
    for voice in _mixed(_segments(counted()), model):
        piece = voice[:, skipped : skipped + received - given]
        skipped = 0
        given += piece.shape[1]
        if piece.shape[1]:
            yield piece


def _segments(sound: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """(2, SEGMENT) every STEP samples, with silence before the sound and after it."""
    waiting = np.zeros((2, EDGE), np.float32)
    for piece in sound:
        waiting = np.concatenate([waiting, piece], axis=1)
        while waiting.shape[1] >= SEGMENT:
            yield waiting[:, :SEGMENT]
            waiting = waiting[:, STEP:]
    while True:
        yield np.pad(waiting, ((0, 0), (0, SEGMENT - waiting.shape[1])))
        if waiting.shape[1] + EDGE <= SEGMENT:
            return
        waiting = waiting[:, STEP:]


def _mixed(segments: Iterator[np.ndarray], model: Model) -> Iterator[np.ndarray]:
    """The voices of overlapping segments, faded into each other by Hann windows: (2, n) pieces."""
    window = np.hanning(SEGMENT + 2)[1:-1].astype(np.float32)
    voice, weight = np.zeros((2, SEGMENT), np.float32), np.zeros(SEGMENT, np.float32)
    for segment in segments:
        voice += window * _voice_in(segment, model)
        weight += window
        yield voice[:, :STEP] / weight[:STEP]
        voice = np.pad(voice[:, STEP:], ((0, 0), (0, STEP)))
        weight = np.pad(weight[STEP:], (0, STEP))
    yield voice[:, : SEGMENT - STEP] / weight[: SEGMENT - STEP]


def _voice_in(segment: np.ndarray, model: Model) -> np.ndarray:
    """The voice in a (2, SEGMENT) float32 sound."""
    shown = spectrum(torch.from_numpy(segment)).numpy()
    painted = np.asarray(model(shown)[0], np.float32)
    if painted.shape != shown.shape:
        raise ValueError(f"The separator gives spectra of {painted.shape} for {shown.shape}.")
    return waves(torch.from_numpy(painted)).numpy()


def spectrum(segment: Tensor) -> Tensor:
    """(2, SEGMENT) float32 -> (1, 4, 3072, 256): left's real and imaginary parts, then right's."""
    full = torch.stft(segment, WINDOW, HOP, window=torch.hann_window(WINDOW), return_complex=True)
    parts = torch.view_as_real(full).permute(0, 3, 1, 2)[:, :, :FREQUENCIES].clone()
    parts[:, :, :SILENCED] = 0
    return parts.reshape(1, 4, FREQUENCIES, MOMENTS)


def waves(parts: Tensor) -> Tensor:
    """The inverse of `spectrum`, without the frequencies above the 3072nd: (2, SEGMENT) float32."""
    padded = F.pad(parts, (0, 0, 0, WINDOW // 2 + 1 - FREQUENCIES)).reshape(2, 2, -1, MOMENTS)
    full = torch.view_as_complex(padded.permute(0, 2, 3, 1).contiguous())
    return torch.istft(full, WINDOW, HOP, window=torch.hann_window(WINDOW), length=SEGMENT)


def _stereo(blocks: SoundBlocks, sound: SoundFormat, factor: float) -> Iterator[np.ndarray]:
    """(n, channels) blocks as (2, n) pieces at 44.1 kHz, `factor` times as loud. Mono is doubled; so is the
    mix of more than two channels.
    """
    up = soxr.ResampleStream(sound.rate, RATE, 2, dtype="float32", quality="HQ")
    mix = MonoMix(sound)
    end = np.zeros((0, 2), np.float32)
    for block in itertools.chain(blocks, [None]):
        pair = end
        if block is not None:
            both = block if block.shape[1] == 2 else mix.add(block)[:, None]
            pair = np.broadcast_to(both * factor, (len(block), 2)).astype(np.float32)
        resampled = up.resample_chunk(np.ascontiguousarray(pair), last=block is None)
        if len(resampled):
            yield resampled.T
