"""Chooses the audio track of a file that contains the voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import soxr
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from media.errors import VoiceError
from media.messages import said
from media.sound.file_part import FilePart
from media.sound.frame_samples import FrameSamples
from media.sound.layouts import labelled, mono_weights
from media.sound.opening import no_decoder, opened
from media.sound.voice_likeness import RATE, voice_likeness

MOST_TRACKS = 32
PLACES, SECONDS = 4, 6.0
"""Each track is sampled at this number of places, for this number of seconds each."""
NEARLY = 0.08
"""If two tracks' likeness to a voice differs by less, the file's own information ranks them."""
SILENT_NOTE = (
    "Audio track {number} of {count} is used because the others are silent. "
    "To choose another, use --audio-track on the command line or audio_track in the API."
)
LIKELY_NOTE = (
    "Audio track {number} of {count} is used because it most resembles a voice. "
    "To choose another, use --audio-track on the command line or audio_track in the API."
)
_SILENT = 1e-3  # -60 dBFS
# Tracks that speak over a film or are not its dialogue.
_BESIDE = Disposition.comment | Disposition.visual_impaired | Disposition.karaoke | Disposition.clean_effects


@dataclass(frozen=True)
class ChosenTrack:
    """A chosen track. index: among the audio tracks, from 0. count: number of tracks."""

    index: int
    count: int
    notes: tuple[str, ...] = ()


def choose_track(path: Path, part: FilePart | None, wanted: int | None) -> ChosenTrack:
    """The requested track, from 1, or the one most like a voice.

    Reads at most PLACES * SECONDS of each track, and only if there are several. Raises VoiceError if there
    is not a sound or not such a track.
    """
    with opened(path, part) as container:
        tracks = list(container.streams.audio)
        count = len(tracks)
        if not count:
            raise VoiceError(
                '"{name}" contains no sound (streams of other kinds: {count}).',
                name=path.name,
                count=len(container.streams),
            )
        if wanted is not None:
            # Counted as players count them, including unreadable ones.
            if not 1 <= wanted <= count:
                there = (
                    "1 audio track"
                    if count == 1
                    else said("{count} audio tracks, counted from 1", count=count)
                )
                raise VoiceError(
                    'There is no audio track {wanted}: "{name}" has {tracks}.',
                    wanted=wanted,
                    name=path.name,
                    tracks=there,
                )
            if tracks[wanted - 1].codec_context is None:
                raise no_decoder(path)
            return ChosenTrack(wanted - 1, count)
        known = [number for number, track in enumerate(tracks) if track.codec_context is not None][
            :MOST_TRACKS
        ]
        if not known:
            raise no_decoder(path)
        if count == 1:
            return ChosenTrack(0, 1)
        tracks = [tracks[number] for number in known]
        samples_of = _sampled(container, tracks)
        scores = [voice_likeness(samples) for samples in samples_of]
        loud = [float(np.abs(samples).max(initial=0.0)) > _SILENT for samples in samples_of]
        best = max(scores)
        order = sorted(range(len(tracks)), key=lambda i: _rank(tracks[i], scores[i], loud[i], best, i))
        chosen = order[0]
        return ChosenTrack(
            known[chosen], count, (_note(tracks[chosen], known[chosen] + 1, count, loud[chosen], loud),)
        )


def _rank(track: AudioStream, score: float, loud: bool, best: float, index: int) -> tuple[Any, ...]:
    """Sorts the best track first."""
    near = score >= best - NEARLY
    beside = bool(track.disposition & _BESIDE)
    usual = bool(track.disposition & Disposition.default)
    return not loud, not near, beside, not usual, 0 if near else -score, index


def _note(track: AudioStream, number: int, count: int, loud: bool, all_loud: Sequence[bool]) -> str:
    language = "" if track.language in (None, "und") else track.language
    labels = ", ".join(text for text in (language, track.metadata.get("title")) if text)
    named = f"{count} ({labels[:60]})" if labels else f"{count}"
    return said(SILENT_NOTE if loud and sum(all_loud) == 1 else LIKELY_NOTE, number=number, count=named)


def _sampled(container: InputContainer, tracks: Sequence[AudioStream]) -> list[np.ndarray]:
    """(n,) float32 mono at 16 kHz of each track, from places all over the file."""
    samples_of: list[list[np.ndarray]] = [[] for _ in tracks]
    place = {track.index: number for number, track in enumerate(tracks)}
    length = container.duration / 1_000_000 if container.duration else 0.0
    begin = container.start_time / 1_000_000 if container.start_time else 0.0
    places = [0.0]
    if length > PLACES * SECONDS:
        places = [length * k / PLACES + 0.1 * SECONDS for k in range(PLACES)]
    each = SECONDS if len(places) > 1 else PLACES * SECONDS
    for at in places:
        _sample_place(container, tracks, place, samples_of, begin + at if len(places) > 1 else None, each)
    return [np.concatenate([np.zeros(0, np.float32), *pieces]) for pieces in samples_of]


def _sample_place(
    container: InputContainer,
    tracks: Sequence[AudioStream],
    place: dict[int, int],
    samples_of: list[list[np.ndarray]],
    at: float | None,
    seconds: float,
) -> None:
    """Decode `seconds` of every track from a place on; damaged parts are dropped."""
    got = [0.0] * len(tracks)
    samples = [FrameSamples() for _ in tracks]
    try:
        if at is not None:
            container.seek(round(at * 1_000_000))
        for packet in container.demux(*tracks):
            number = place[packet.stream.index]
            if got[number] < seconds:
                try:
                    frames = [frame for frame in packet.decode() if isinstance(frame, av.AudioFrame)]
                except av.error.InvalidDataError:
                    continue
                for frame in frames:
                    got[number] += frame.samples / frame.sample_rate
                    samples_of[number].append(_mono(frame, samples[number]))
            late = at is not None and packet.pts is not None and _moment(packet) > at + 3 * seconds
            if late or min(got) >= seconds:
                break
    except av.error.FFmpegError:
        return


def _moment(packet: Any) -> float:
    return float(packet.pts * Fraction(packet.time_base))


def _mono(frame: av.AudioFrame, samples: FrameSamples) -> np.ndarray:
    """A frame at 16 kHz; good enough for the ranking, although each frame is resampled alone."""
    names = labelled(channel.name for channel in frame.layout.channels)
    mono = samples.of(frame) @ mono_weights(names)
    resampled: np.ndarray = soxr.resample(mono, frame.sample_rate, RATE, quality="QQ")
    return resampled.astype(np.float32)
