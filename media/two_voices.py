"""Two voices of one video: what each face says, over the whole length, and what is heard.

From two files, the second begins when the first ends, or at a given time. From one stereo file, the left
channel is the first voice and the right channel the second.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import soxr

from media.errors import VoiceError
from media.sound.mono import MonoMix
from media.voice import SAMPLE_RATE, SILENCE_DBFS, Voice

HIGHEST_RATE = 48_000
"""Samples per second of two files' mix, at most."""
_HOP = SAMPLE_RATE // 50
_SMOOTH = 5
"""Hops over which a level is averaged: 0.1 s."""
_LOUDEST = 25
"""Hops that say how loud a person is: 0.5 s."""
_QUIET = 0.1
"""Hops below this fraction of a channel's loud parts are pauses."""
BLEED = 0.2
"""A channel counts as silent while its level, relative to its own loud parts, is below this fraction of the
other's: each microphone of a conversation also hears the other person. Own speech in turns is above 1, and
two people who speak together are at most a factor of 4 apart."""


@dataclass(frozen=True, eq=False)
class TwoVoices:
    """heard: the sound of the video. said: the voices of the two faces, as long as `heard`."""

    heard: Voice
    said: tuple[Voice, Voice]


def joined(first: Voice, second: Voice, start: float | None, max_seconds: float) -> TwoVoices:
    """Two recordings as one. start: when the second begins, in seconds; None: when the first has ended.

    The mix is mono. Raises VoiceError if both together are longer than `max_seconds`, or can no longer be
    decoded.
    """
    start = first.duration if start is None else start
    seconds = max(first.duration, start + second.duration)
    if seconds > max_seconds:
        raise VoiceError(
            "The two voices last {seconds:.1f} s together; at most {most:g} s are allowed. Cut one of them, "
            "or let the second one begin earlier.",
            seconds=seconds,
            most=max_seconds,
        )
    count = round(seconds * SAMPLE_RATE)
    parts = (_placed(first.samples, 0.0, count), _placed(second.samples, start, count))
    digest = hashlib.sha256(f"{first.sha256} {second.sha256} {start!r}".encode()).hexdigest()
    notes = tuple(dict.fromkeys((*first.notes, *second.notes)))
    heard = replace(
        first,
        samples=_locked(parts[0] + parts[1]),
        duration=seconds,
        original=_mix(first, second, start, seconds),
        peak_dbfs=max(first.peak_dbfs, second.peak_dbfs),
        sha256=digest,
        description=f"{first.description}; {second.description}",
        track=None,
        tracks=1,
        notes=notes,
        generated=first.generated or second.generated,
    )
    return TwoVoices(heard, (_said(heard, parts[0]), _said(heard, parts[1])))


def split(heard: Voice) -> TwoVoices:
    """The channels of a stereo recording. Raises VoiceError for another number, or a silent channel."""
    sound, blocks = heard.open_original()
    if sound.channels != 2:
        blocks.close()
        raise VoiceError(
            "For two faces, the voice needs 2 channels, one for each, and it has {count}. Use a stereo file, "
            "or give the second voice as a file of its own.",
            count=sound.channels,
        )
    streams = [soxr.ResampleStream(sound.rate, SAMPLE_RATE, 1, dtype="float32") for _ in range(2)]
    parts: list[list[np.ndarray]] = [[], []]
    with contextlib.closing(blocks):
        for block in blocks:
            for channel, stream in enumerate(streams):
                parts[channel].append(stream.resample_chunk(np.ascontiguousarray(block[:, channel])))
    for channel, stream in enumerate(streams):
        parts[channel].append(stream.resample_chunk(np.empty(0, np.float32), last=True))
    count = len(heard.samples)
    channels = [_placed(np.concatenate(part), 0.0, count) for part in parts]
    for number, samples in enumerate(channels, 1):
        loudest = float(np.abs(samples).max(initial=0.0))
        peak = 20 * np.log10(max(loudest, 1e-9))
        if peak < SILENCE_DBFS:
            raise VoiceError(
                "Channel {number} of the voice is silent: its peak is {peak:.0f} dBFS, below {least:.0f}. "
                "For two faces, each channel needs a voice."
                if loudest
                else "Channel {number} of the voice is silent: all of its samples are 0. For two faces, each "
                "channel needs a voice.",
                number=number,
                peak=peak,
                least=SILENCE_DBFS,
            )
    gates = _gates(*channels)
    return TwoVoices(heard, (_said(heard, channels[0] * gates[0]), _said(heard, channels[1] * gates[1])))


def _said(heard: Voice, samples: np.ndarray) -> Voice:
    digest = hashlib.sha256(heard.sha256.encode())
    digest.update(np.ascontiguousarray(samples).data)
    return replace(heard, samples=_locked(samples), sha256=digest.hexdigest())


def _placed(samples: np.ndarray, start: float, count: int) -> np.ndarray:
    """(count,) float32 with the samples at a time, and silence around them."""
    placed = np.zeros(count, np.float32)
    begin = round(start * SAMPLE_RATE)
    piece = samples[: max(0, count - begin)]
    placed[begin : begin + len(piece)] = piece
    return placed


def _gates(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Factors 0..1 for every sample of two channels: 0 where a channel only hears the other person."""
    loud = _relative(_level(left), _level(right))
    gates = []
    for own, other in (loud, loud[::-1]):
        open_hops = (own >= BLEED * other).astype(np.float32)
        smooth = np.convolve(np.pad(open_hops, 1, mode="edge"), np.ones(3, np.float32) / 3, mode="valid")
        at = (np.arange(len(smooth)) + 0.5) * _HOP
        gates.append(np.interp(np.arange(len(left)), at, smooth).astype(np.float32))
    return gates[0], gates[1]


def _relative(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The levels of two channels, each relative to the loud parts of its own person.

    Somebody who speaks for a second fills the loudest half second of a channel, but no fixed part of it.
    Somebody who speaks for long has a louder half second, so that this only says whose speech a hop is; the
    loudness is then that of each person's own hops.
    """
    most = max(1, min(_LOUDEST, len(left) // 20))
    first = [level / max(float(np.partition(level, -most)[-most]), 1e-6) for level in (left, right)]
    found = []
    for own, other in (first, first[::-1]):
        speech = own[(own >= other) & (own > _QUIET)]
        usual = float(np.percentile(speech, 75)) if len(speech) >= most else 1.0
        found.append(own / usual)
    return found[0], found[1]


def _level(samples: np.ndarray) -> np.ndarray:
    """The root mean square of each hop, averaged over _SMOOTH hops."""
    hops = max(1, len(samples) // _HOP)
    padded = np.zeros(hops * _HOP, np.float32)
    padded[: min(len(samples), len(padded))] = samples[: len(padded)]
    power = (padded.reshape(hops, _HOP) ** 2).mean(axis=1)
    kernel = np.ones(_SMOOTH, np.float32) / _SMOOTH
    around = np.pad(power, _SMOOTH // 2, mode="edge")
    return np.sqrt(np.convolve(around, kernel, mode="valid"))


def _mix(first: Voice, second: Voice, start: float, seconds: float) -> tuple[int, np.ndarray]:
    """Both originals as one mono sound: (rate, (n,) int16). It is lowered where the sum would be too loud."""
    rates = []
    for speech in (first, second):
        sound, blocks = speech.open_original()
        blocks.close()
        rates.append(sound.rate)
    rate = min(HIGHEST_RATE, max(rates))
    mix = np.zeros(round(seconds * rate), np.float32)
    for speech, at in ((first, 0.0), (second, start)):
        place = round(at * rate)
        for piece in _resampled(speech, rate):
            kept = piece[: max(0, len(mix) - place)]
            mix[place : place + len(kept)] += kept
            place += len(kept)
    peak = float(np.abs(mix).max(initial=0.0))
    mix *= 32_767 / max(1.0, peak)
    return rate, np.rint(mix, out=mix).astype(np.int16)


def _resampled(speech: Voice, rate: int) -> Iterator[np.ndarray]:
    """The original, mixed to mono, at another rate."""
    sound, blocks = speech.open_original()
    mono = MonoMix(sound)
    stream = soxr.ResampleStream(sound.rate, rate, 1, dtype="float32", quality="HQ")
    with contextlib.closing(blocks):
        for block in blocks:
            yield stream.resample_chunk(np.ascontiguousarray(mono.add(block)))
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)


def _locked(samples: np.ndarray) -> np.ndarray:
    samples = np.ascontiguousarray(samples, np.float32)
    samples.flags.writeable = False
    return samples
