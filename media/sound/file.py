"""The sound of a file: its parts, one of its tracks, placed by its timestamps."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr
from av.audio.frame import AudioFrame

from media.errors import VoiceError
from media.messages import said
from media.sound.array import LOUDEST_FLOAT, layout_name
from media.sound.blocks import Blocks
from media.sound.decoded_frames import TrackFacts, decoded_frames, positions_of
from media.sound.file_part import FilePart
from media.sound.float_scale import float_scale
from media.sound.format import SoundBlocks, SoundFormat, block_length
from media.sound.frame_samples import FrameSamples
from media.sound.layouts import layout_of, mixing
from media.sound.opening import cannot_open
from media.sound.placement import AHEAD, TrackPlacement, first_moment
from media.sound.tracks import choose_track
from media.sound.wav_parts import WavParts, find_parts

_CLAIMS_KEPT = ("mov", "flac")
"""Containers whose claimed length is exact to the sample, so that a shorter sound means a loss."""


def open_file(path: Path, track: int | None) -> tuple[SoundFormat, SoundBlocks]:
    """The format and the blocks of a file's audio track. Raises VoiceError."""
    try:
        found = find_parts(path)
    except (OSError, ValueError) as error:  # ValueError: an empty file, or a name with a null byte
        raise cannot_open(path, error) from None
    parts: list[FilePart | None] = [None] if found.plain else list(found.parts)
    try:
        choice = choose_track(path, parts[0], track)
    except VoiceError:
        if len(parts) < 2:
            raise
        # What looks like the next recording may be inside this one: attached to it, or in its tags.
        choice = choose_track(path, None, track)
        found, parts = WavParts(), [None]
    scale, scaled = float_scale(path, parts, choice.index)
    frames = decoded_frames(path, parts[0], choice.index)
    begun = list(itertools.islice(frames, AHEAD + 1))
    if not begun:
        raise VoiceError('The voice "{name}" contains no sound (0 samples); record it again.', name=path.name)
    facts, first = begun[0]
    names = positions_of(first, facts)
    channels = len(names)
    named = first.layout.name if "channels" not in first.layout.name else layout_of(facts.positions)
    claimed = facts.claimed
    if len(parts) > 1 or any(part and part.seconds is not None for part in parts):
        lengths = [part.seconds for part in found.parts]
        claimed = None if None in lengths else sum(seconds or 0.0 for seconds in lengths)
    joined = (
        (said("The file contains {count} joined recordings. All of them are read.", count=len(parts)),)
        if len(parts) > 1
        else ()
    )
    sound = SoundFormat(
        rate=first.sample_rate,
        channels=channels,
        layout=named or layout_name(channels),
        codec=facts.codec,
        claimed_duration=claimed,
        positions=names,
        start=first_moment([frame for _, frame in begun]) or 0.0,
        track=choice.index + 1,
        tracks=choice.count,
        notes=(*choice.notes, *scaled, *joined, *found.notes),
        generated=facts.generated,
    )

    def blocks() -> SoundBlocks:
        try:
            reading = _Reading(path, sound, scale)
            yield from reading.read(itertools.chain(begun, frames))
            for part in parts[1:]:
                with contextlib.closing(decoded_frames(path, part, choice.index)) as more:
                    yield from reading.read(more)
            yield from reading.rest()
            return reading.notes
        finally:
            frames.close()

    return sound, blocks()


class _Reading:
    """Converts the decoded frames of consecutive parts into blocks of one rate and one layout."""

    def __init__(self, path: Path, sound: SoundFormat, scale: float) -> None:
        self._path, self._sound, self._scale = path, sound, scale
        self._samples = FrameSamples()
        self._raw_floats = sound.codec.startswith("pcm_f")
        self._blocks = Blocks(sound.channels, block_length(sound.rate, sound.channels))
        self._other: tuple[int, soxr.ResampleStream] | None = None
        self._mixes: dict[tuple[str, tuple[str, ...]], np.ndarray | None] = {}
        self.notes: tuple[str, ...] = ()

    def read(self, frames: Iterator[tuple[TrackFacts, AudioFrame]]) -> Iterator[np.ndarray]:
        """The full blocks of a part's frames. A part without sound costs only itself."""
        try:
            facts, first = next(frames, (None, None))
        except VoiceError:  # the first part has been opened already
            facts = first = None
        if facts is None or first is None:
            self.notes += ("One of the joined recordings in the file has no readable sound and is left out.",)
            return
        placement = TrackPlacement(self._sound.rate, joined_streams=facts.joined_streams)
        for piece in placement.place(itertools.chain([first], (frame for _, frame in frames))):
            if piece.silence:
                yield from self._blocks.silence(piece.silence)
            yield from self._blocks.add(self._converted(piece.frame, facts)[piece.cut :])
        yield from self._flushed()
        jumps = tuple(
            said(
                "The sound's clock jumps by {jump} at {at:.1f} s. The sound continues there without a pause.",
                jump=_time(by),
                at=at,
            )
            for at, by in placement.jumps[:3]
        )
        self.notes += jumps + _loss(facts, placement.seconds)

    def rest(self) -> Iterator[np.ndarray]:
        """The last block, which is not full."""
        yield from self._blocks.rest()

    def _converted(self, frame: AudioFrame, facts: TrackFacts) -> np.ndarray:
        samples = self._samples.of(frame)
        if self._scale != 1.0:
            samples *= self._scale
        elif self._raw_floats:
            self._check(samples)
        mix = self._mix(frame, facts)
        if mix is not None:
            samples = samples @ mix
        if frame.sample_rate == self._sound.rate:
            # A rate that returns later first needs the rest of the other one.
            flushed = self._take_other()
            return np.concatenate([flushed, samples]) if flushed is not None else samples
        if self._other is None or self._other[0] != frame.sample_rate:
            before = self._take_other()
            stream = soxr.ResampleStream(
                frame.sample_rate, self._sound.rate, self._sound.channels, dtype="float32", quality="HQ"
            )
            self._other = frame.sample_rate, stream
            done = self._resampled(stream, samples)
            return done if before is None else np.concatenate([before, done])
        return self._resampled(self._other[1], samples)

    def _mix(self, frame: AudioFrame, facts: TrackFacts) -> np.ndarray | None:
        """The matrix for a frame whose layout differs; radio switches between mono and stereo."""
        key = frame.layout.name, facts.positions
        if key not in self._mixes:
            names = positions_of(frame, facts)
            same = names == self._sound.positions
            self._mixes[key] = None if same else mixing(names, self._sound.positions)
        return self._mixes[key]

    def _resampled(self, stream: soxr.ResampleStream, samples: np.ndarray, last: bool = False) -> np.ndarray:
        done: np.ndarray = stream.resample_chunk(np.ascontiguousarray(samples), last=last)
        return done.reshape(-1, self._sound.channels)

    def _take_other(self) -> np.ndarray | None:
        if self._other is None:
            return None
        stream, self._other = self._other[1], None
        return self._resampled(stream, np.empty((0, self._sound.channels), np.float32), last=True)

    def _flushed(self) -> Iterator[np.ndarray]:
        rest = self._take_other()
        if rest is not None:
            yield from self._blocks.add(rest)

    def _check(self, samples: np.ndarray) -> None:
        peak = max(float(samples.max(initial=0.0)), -float(samples.min(initial=0.0)))
        if peak > LOUDEST_FLOAT and np.isfinite(peak):
            raise VoiceError(
                'The voice "{name}" contains floats up to {peak:g}; the expected range is -1 to 1. Export '
                "it again.",
                name=self._path.name,
                peak=peak,
            )


def _loss(facts: TrackFacts, read: float) -> tuple[str, ...]:
    """A note if clearly less could be read than the file claims."""
    if facts.claimed is None or not any(name in facts.container for name in _CLAIMS_KEPT):
        return ()
    missing = facts.claimed - read
    if missing < max(0.5, 0.02 * facts.claimed):
        return ()
    return (
        said(
            "The voice is truncated: {read:.1f} s of its {claimed:.1f} s could be read.",
            read=read,
            claimed=facts.claimed,
        ),
    )


def _time(seconds: float) -> str:
    size = abs(seconds)
    if size >= 3600:
        return f"{size / 3600:.1f} h" if seconds > 0 else f"-{size / 3600:.1f} h"
    return said("{seconds:.1f} s", seconds=seconds)
