"""A voice: 16 kHz mono samples for the networks, and the unchanged original for the video."""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import soxr

from media.decoding.decoding import DIRECT, Decoding
from media.documents.quoting import quoted, shown
from media.errors import VoiceError
from media.messages import said
from media.sound.generated import KEY as GENERATED
from media.sound.generated import facts_in
from media.sound.mono import MonoMix
from media.sound.sample_store import SampleStore, in_parts
from media.sound_stream import SoundBlocks, SoundFormat, SoundSource

SAMPLE_RATE = 16000
SHORTEST = 0.2
SILENCE_DBFS = -60.0


@dataclass(frozen=True, eq=False)
class Voice:
    """A voice ready to drive a face.

    samples: (n,) float32 mono at 16 kHz, read-only, full scale 1; those of a long voice are in a file.
    duration: seconds of the original: its decoded samples divided by its rate.
    original: its file or (rate, array), for the video's audio track.
    peak_dbfs: the loudest sample in dB relative to full scale.
    sha256: of the samples and the duration.
    description: for users, such as "mp3, 44100 Hz, stereo, 12.3 s".
    decoding: where the original is decoded.
    track: which of the file's audio tracks it is, from 1; None for an array.
    tracks: the file's number of audio tracks.
    notes: for the user, such as which track was chosen and what could not be read.
    generated: the speech engine and voice, if the voice was generated from a text, with the keys of
    `media.sound.generated`; None for a recording.
    """

    SAMPLE_RATE: ClassVar[int] = SAMPLE_RATE

    samples: np.ndarray
    duration: float
    original: SoundSource
    peak_dbfs: float
    sha256: str
    description: str
    decoding: Decoding = DIRECT
    track: int | None = None
    tracks: int = 1
    notes: tuple[str, ...] = ()
    generated: Mapping[str, Any] | None = None

    def open_original(self) -> tuple[SoundFormat, SoundBlocks]:
        """The original's format and blocks, as from `media.sound_stream.open_sound`."""
        return self.decoding.open_sound(self.original, track=self.track)

    def frames(self, fps: float) -> int:
        """The number of frames of a video of this voice."""
        return max(1, round(self.duration * fps))


def open_voice(
    source: Path | str | tuple[int, np.ndarray],
    *,
    max_seconds: float = 600,
    decoding: Decoding = DIRECT,
    track: int | None = None,
    generated: Mapping[str, Any] | None = None,
) -> Voice:
    """Read a voice from a sound or video file, or from (rate, array).

    The array is (n,) or (n, channels), integers of any width or floats from -1 to 1. Channels are mixed as in
    `media.sound.mono`: two are averaged unless they cancel each other or one of them is silent; with more,
    the centre leads. track: which audio track of a file, from 1; None takes the one most like a voice.
    decoding: where the file is decoded; an untrusted one belongs in a separate process. generated: how the
    voice was generated, if known; by default, what the file says.
    Memory: one float32 copy at 16 kHz up to five minutes; a longer voice is kept in a temporary file.
    Raises VoiceError if there is not a sound or not such a track, if it cannot be decoded, contains NaN, is
    shorter than 0.2 s, longer than max_seconds, or silent (peak below -60 dBFS); OutputError if the disk has
    no room for a long one.
    """
    original: SoundSource
    original = (_whole_rate(source[0]), source[1]) if isinstance(source, tuple) else Path(source).absolute()
    sound, blocks = decoding.open_sound(original, track=track)
    mono = _Mono(sound, max_seconds)
    with contextlib.closing(blocks), contextlib.closing(mono):
        late = mono.add_all(blocks)
        samples = mono.finish()
    duration = mono.received / sound.rate
    if mono.received == 0:
        raise VoiceError("The voice contains no sound (0 samples); record it again.")
    if duration < SHORTEST:
        raise VoiceError(
            "The voice is {duration:.3f} s long; at least {shortest} s are needed.",
            duration=duration,
            shortest=SHORTEST,
        )
    digest = hashlib.sha256(f"{sound.rate} {mono.received}".encode())
    peak = 0.0
    for part in in_parts(samples):
        digest.update(part.data)
        peak = max(peak, float(part.max()), -float(part.min()))
    peak_dbfs = 20 * math.log10(peak) if peak > 0 else -math.inf
    if peak_dbfs < SILENCE_DBFS:
        raise VoiceError(
            "The voice is silent: its peak is {peak:.0f} dBFS, below {least:.0f}; check the microphone or "
            "choose another file."
            if peak
            else "The voice is silent: all of its samples are 0; check the microphone or choose another "
            "file.",
            peak=peak_dbfs,
            least=SILENCE_DBFS,
        )
    if generated is None:
        generated = facts_in(f'{{"{GENERATED}": {sound.generated}}}') if sound.generated else None
    return Voice(
        samples=samples,
        duration=duration,
        original=original,
        peak_dbfs=peak_dbfs,
        sha256=digest.hexdigest(),
        description=f"{sound.codec}, {sound.rate} Hz, {sound.layout}, {duration:.1f} s",
        decoding=decoding,
        track=sound.track,
        tracks=sound.tracks,
        notes=(*sound.notes, *late, *mono.notes, *_origin(generated)),
        generated=generated,
    )


def silent_speech(seconds: float) -> Voice:
    """A voice that says nothing, for a performance without one. seconds: raised to the shortest voice."""
    duration = max(seconds, SHORTEST)
    samples = np.zeros(round(duration * SAMPLE_RATE), np.float32)
    samples.flags.writeable = False
    digest = hashlib.sha256(f"{SAMPLE_RATE} {len(samples)}".encode())
    return Voice(
        samples=samples,
        duration=len(samples) / SAMPLE_RATE,
        original=(SAMPLE_RATE, np.zeros(len(samples), np.int16)),
        peak_dbfs=-math.inf,
        sha256=digest.hexdigest(),
        description=f"silence, {duration:.1f} s",
    )


def _origin(generated: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The note that a voice is not a recording."""
    if generated is None:
        return ()
    return (
        said(
            "The voice is generated from a text by the speech engine {engine}.",
            engine=quoted(str(generated["engine"])),
        ),
    )


def _whole_rate(rate: object) -> int:
    """Samples per second of an array. Raises VoiceError if it is not a finite number."""
    if isinstance(rate, int | float | np.number) and math.isfinite(rate):
        return int(rate)
    raise VoiceError(
        "The voice has a sample rate of {rate} Hz; give the array's samples per second.", rate=shown(rate)
    )


class _Mono:
    """Collects the mix at 16 kHz."""

    def __init__(self, sound: SoundFormat, max_seconds: float) -> None:
        self._sound = sound
        self._max_seconds = max_seconds
        self._mix = MonoMix(sound)
        self._resampler = soxr.ResampleStream(sound.rate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
        self._samples = SampleStore()
        self.received = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user about the mix."""
        return self._mix.notes

    def add_all(self, blocks: SoundBlocks) -> tuple[str, ...]:
        """Add every block. Returns the notes that only reading could show."""
        while True:
            try:
                self.add(next(blocks))
            except StopIteration as end:
                return end.value or ()

    def add(self, block: np.ndarray) -> None:
        """Add (n, channels) float32 at the original rate."""
        mono = self._mix.add(block)
        if not np.isfinite(mono).all():
            at = (self.received + int(np.argmin(np.isfinite(mono)))) / self._sound.rate
            raise VoiceError(
                "The voice contains a sample at {at:.2f} s that is not a number; export it again.", at=at
            )
        self.received += len(mono)
        if self.received > self._max_seconds * self._sound.rate:
            claimed = self._sound.claimed_duration
            length = f" ({claimed:.0f} s)" if claimed and claimed > self._max_seconds else ""
            raise VoiceError(
                "The voice{length} is longer than {max_seconds:g} s; cut it, or raise max_seconds.",
                length=length,
                max_seconds=self._max_seconds,
            )
        self._samples.append(self._resampler.resample_chunk(np.ascontiguousarray(mono)))

    def finish(self) -> np.ndarray:
        """The samples, (n,) float32, read-only; n is the duration at 16 kHz to the nearest sample."""
        self._samples.append(self._resampler.resample_chunk(np.empty(0, np.float32), last=True))
        return self._samples.finish(round(self.received * SAMPLE_RATE / self._sound.rate))

    def close(self) -> None:
        """Close what the samples were collected in; those of `finish` stay valid."""
        self._samples.close()
