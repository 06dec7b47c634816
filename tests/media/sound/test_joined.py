"""Recordings that were joined end to end are all read, or a note says which are not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from media.errors import VoiceError
from media.voice import open_voice
from tests.media.conftest import tone

RATE = 48_000
CODECS = {"m4a": "aac", "mov": "pcm_s16le", "aiff": "pcm_s16be", "caf": "pcm_s16le", "w64": "pcm_s16le"}
STREAMS = {"oga": "flac", "mka": "flac", "flac": "flac"}
FRAGMENTS = {"movflags": "empty_moov+default_base_moof", "frag_duration": "500000"}


def recording(
    path: Path, seconds: float, rate: int = RATE, sounds: int = 1, options: dict[str, str] | None = None
) -> bytes:
    with av.open(str(path), "w", options=options or {}) as container:
        streams = [
            container.add_stream((CODECS | STREAMS)[path.suffix[1:]], rate=rate, layout="mono")
            for _ in range(sounds)
        ]
        for stream in streams:
            frame = av.AudioFrame.from_ndarray(
                tone(seconds, rate).reshape(1, -1), format="flt", layout="mono"
            )
            frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path.read_bytes()


@pytest.mark.parametrize("suffix", CODECS)
def test_all_recordings_are_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    first, second = recording(path, 1.0), recording(path, 1.5, rate=44_100)
    path.write_bytes(first + second + first)
    speech = open_voice(path)
    assert speech.duration == pytest.approx(3.5, abs=0.07)
    assert "The file contains 3 joined recordings. All of them are read." in speech.notes
    for at in (0.5, 1.75, 3.0):  # none is silence
        heard = speech.samples[round((at - 0.2) * 16_000) : round((at + 0.2) * 16_000)]
        assert float(np.sqrt(np.mean(heard**2))) == pytest.approx(0.25 / 2**0.5, rel=0.05)


@pytest.mark.parametrize("suffix", CODECS)
def test_one_recording_has_no_note(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    recording(path, 1.0)
    path.write_bytes(path.read_bytes() + bytes(64))
    assert open_voice(path).notes == ()


@pytest.mark.parametrize("suffix", ["oga", "mka"])
def test_flac_in_another_container_is_one_recording(tmp_path: Path, suffix: str) -> None:
    one, two = tmp_path / f"a.{suffix}", tmp_path / "b.flac"
    first, second = recording(one, 1.0), recording(two, 1.5)
    speech = open_voice(one)
    assert speech.duration == pytest.approx(1.0, abs=0.01)
    assert speech.notes == ()
    one.write_bytes(first + second)
    assert open_voice(one).duration == pytest.approx(2.5, abs=0.01)


def test_a_recording_inside_the_tags_of_another_is_not_joined(tmp_path: Path) -> None:
    path, inner = tmp_path / "a.flac", b"test" + recording(tmp_path / "b.mka", 0.5)
    data = recording(path, 1.0)
    block = b"\x02" + len(inner).to_bytes(3, "big") + inner  # APPLICATION, behind the STREAMINFO of 38 bytes
    path.write_bytes(data[:42] + block + data[42:])
    speech = open_voice(path)
    assert speech.duration == pytest.approx(1.0, abs=0.01)
    assert speech.notes == ()


def test_a_fragmented_file_that_repeats_its_header_stays_one_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    data = recording(path, 2.0, options=FRAGMENTS)
    before = open_voice(path).duration
    head = data[: data.index(b"moof") - 4]
    middle = data.index(b"moof", len(head) + 8) - 4
    path.write_bytes(data[:middle] + head + data[middle:])
    assert open_voice(path).duration == pytest.approx(before, abs=0.001)


@pytest.mark.parametrize("fragmented", [(True, True), (True, False), (False, True), (False, True, False)])
def test_fragmented_recordings_are_joined_as_others_are(tmp_path: Path, fragmented: tuple[bool, ...]) -> None:
    path = tmp_path / "a.m4a"
    path.write_bytes(b"".join(recording(path, 2.0, options=FRAGMENTS if one else None) for one in fragmented))
    speech = open_voice(path)
    assert speech.duration == pytest.approx(2.0 * len(fragmented), abs=0.08)
    assert f"The file contains {len(fragmented)} joined recordings. All of them are read." in speech.notes


def test_a_joined_recording_without_the_chosen_track_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    two, one = recording(path, 1.0, sounds=2), recording(path, 1.0)
    path.write_bytes(two + one + two)
    speech = open_voice(path, track=2)
    assert speech.duration == pytest.approx(2.0, abs=0.05)
    assert any("has no readable sound" in note for note in speech.notes)


def test_a_joined_recording_that_is_damaged_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    data = recording(path, 1.0)
    path.write_bytes(data + data[: data.index(b"ftyp") + 20])
    speech = open_voice(path)
    assert speech.duration == pytest.approx(1.0, abs=0.03)
    assert any("has no readable sound" in note for note in speech.notes)


def test_a_file_of_thousands_of_beginnings_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0" * 5_000)
    with pytest.raises(VoiceError):
        open_voice(path)


@pytest.mark.parametrize(
    ("first", "second"),
    [(".wav", kind) for kind in (".m4a", ".flac", ".mp3", ".au", ".caf")]
    + [(".m4a", kind) for kind in (".wav", ".flac", ".au", ".caf")]
    + [(".aiff", ".wav"), (".aiff", ".m4a"), (".caf", ".wav"), (".caf", ".flac")]
    + [(".mp3", kind) for kind in (".m4a", ".wav", ".flac", ".ogg", ".caf", ".aiff", ".webm")]
    + [(".flac", kind) for kind in (".flac", ".m4a", ".wav", ".mp3", ".ogg")]
    + [(".aac", ".m4a"), (".ogg", ".m4a"), (".ogg", ".wav"), (".webm", ".m4a"), (".m4a", ".mp3")],
)
def test_recordings_of_different_kinds_are_read(tmp_path: Path, first: str, second: str) -> None:
    parts = [encoded(tmp_path, kind, pitch) for kind, pitch in ((first, 300.0), (second, 900.0))]
    lengths = [open_voice(part).duration for part in parts]
    both = tmp_path / f"both{first}"
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    speech = open_voice(both)
    assert speech.duration == pytest.approx(sum(lengths), abs=0.005)
    assert any("The file contains 2 joined recordings. All of them are read" in note for note in speech.notes)
    border = round(lengths[0] * 16_000)
    for piece, pitch in ((speech.samples[:border], 300), (speech.samples[border:], 900)):
        spectrum = np.abs(np.fft.rfft(piece))
        assert np.fft.rfftfreq(len(piece), 1 / 16_000)[spectrum.argmax()] == pytest.approx(pitch, abs=5)


def encoded(folder: Path, suffix: str, pitch: float) -> Path:
    """Two seconds of a tone in the usual codec of a suffix."""
    codecs = {
        ".m4a": "aac",
        ".aac": "aac",
        ".ogg": "libopus",
        ".webm": "libopus",
        ".flac": "flac",
        ".mp3": "libmp3lame",
        ".aiff": "pcm_s16be",
        ".au": "pcm_s16be",
    }
    path = folder / f"part{pitch:g}{suffix}"
    samples = (0.3 * np.sin(2 * np.pi * pitch * np.arange(32_000) / 16_000)).astype(np.float32)
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codecs.get(suffix, "pcm_s16le"), rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 16_000, 0, Fraction(1, 16_000)
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path
