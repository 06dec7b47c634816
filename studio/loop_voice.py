"""Two seconds of a voice, or of both voices of two people, for the loops that answer a slider."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.errors import InputError
from studio.decoding import decoding_for
from studio.job import Job
from studio.settings import Settings

if TYPE_CHECKING:
    import numpy as np

SECONDS = 2.0


class VoiceCut:
    """Two seconds of a job's voices, which every loop of it needs: 128 kB of each, for as long as the visitor
    compares.
    """

    def __init__(self) -> None:
        self._kept: tuple[tuple[Any, ...], np.ndarray] | None = None

    def of(self, job: Job, settings: Settings, *, from_start: bool) -> np.ndarray:
        """(voices, n) float32 at 16 kHz: the first or the loudest two seconds of a job's voice; of two
        people, those of each, so that both faces move.

        Raises InputError for a text, and VoiceError for a file that cannot be read or is no longer there.
        """
        if job.voice is None:
            raise InputError(
                "Two seconds are shown of a recording only. Press Listen first to speak the text."
            )
        made_of = (job.voice, job.audio_track, job.second_voice, job.stereo_voices, from_start)
        there = all(one is None or one.is_file() for one in (job.voice, job.second_voice))
        if self._kept is None or self._kept[0] != made_of or not there:
            self._kept = None
            self._kept = made_of, _cut(job, settings, from_start)
        return self._kept[1]


def write_voices(samples: np.ndarray, folder: Path, job: Job) -> dict[str, Any]:
    """Write the seconds of a job as sound files into a folder. Returns the job's values for them: of two
    people, both begin at once.
    """
    if job.stereo_voices:
        return {"voice": _written(samples, folder / "voices.wav")}
    voices = [
        _written(one[None], folder / f"{name}.wav")
        for name, one in zip(("voice", "second"), samples, strict=False)
    ]
    return {"voice": voices[0]} | (
        {"second_voice": voices[1], "second_start": 0.0} if len(voices) > 1 else {}
    )


def _cut(job: Job, settings: Settings, from_start: bool) -> np.ndarray:
    import numpy as np

    from media.two_voices import split
    from media.voice import SAMPLE_RATE, open_voice

    assert job.voice is not None
    decoding, longest = decoding_for(settings), settings.max_seconds
    voice = open_voice(job.voice, max_seconds=longest, decoding=decoding, track=job.audio_track)
    said = list(split(voice).said) if job.stereo_voices else [voice]
    if job.second_voice is not None:
        said.append(open_voice(job.second_voice, max_seconds=longest, decoding=decoding))
    length = round(SECONDS * SAMPLE_RATE)
    parts = [one.samples[:length] if from_start else _loudest(one.samples, length) for one in said]
    seconds = np.zeros((len(parts), max(map(len, parts))), np.float32)
    for row, part in zip(seconds, parts, strict=True):
        row[: len(part)] = part
    return seconds


def _loudest(samples: np.ndarray, length: int) -> np.ndarray:
    """The loudest part of this length; all of a shorter voice."""
    import numpy as np

    if len(samples) <= length:
        return samples
    energy = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    start = int(np.argmax(energy[length:] - energy[:-length]))
    return samples[start : start + length]


def _written(channels: np.ndarray, path: Path) -> Path:
    """Write (channels, n) samples at 16 kHz as a sound file."""
    from media.voice import SAMPLE_RATE

    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((channels.T * 32_767).clip(-32_768, 32_767).astype("<i2").tobytes())
    return path
