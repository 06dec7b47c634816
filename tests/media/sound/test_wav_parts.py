"""WAV files with wrong headers: everything is read, or a note says how much is not."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from media.errors import VoiceError
from media.voice import open_voice
from tests.media.conftest import encode, tone, write_wav

RATE = 16_000


def wav(seconds: float, pitch: float = 440.0) -> bytes:
    samples = np.rint(tone(seconds, RATE, pitch=pitch)[:, 0] * 32767).astype("<i2").tobytes()
    head = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    body = b"WAVE" + head + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def with_length(data: bytes, length: int, riff: int | None = None) -> bytes:
    riff = len(data) - 8 if riff is None else riff
    return data[:4] + struct.pack("<I", riff) + data[8:40] + struct.pack("<I", length) + data[44:]


def rf64(seconds: float, claimed: int | None) -> bytes:
    plain = wav(seconds)
    size = len(plain) - 44 if claimed is None else claimed
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, len(plain), size, 0, 0)
    return b"RF64\xff\xff\xff\xffWAVE" + ds64 + plain[12:40] + b"\xff\xff\xff\xff" + plain[44:]


ID3 = b"ID3\x04\x00\x00" + bytes([0, 0, 1, 72]) + bytes(200)
APE = b"APETAGEX" + struct.pack("<IIII", 2000, 32 + 40, 1, 0xA0000000) + bytes(8) + bytes(72)
NOTE = b"LIST" + struct.pack("<I", 13) + b"INFOICMT" + struct.pack("<I", 1) + b"x"  # 13 bytes, an odd number

WHOLE = {
    "two joined": (wav(1.0) + wav(1.5, 900), 2.5),
    "three joined": (wav(1.0) + wav(0.5) + wav(0.7), 2.2),
    "joined, the first of unknown length": (with_length(wav(1.0), 0xFFFFFFFF) + wav(1.0), 2.0),
    "length 0": (with_length(wav(2.0), 0), 2.0),
    "length 0xFFFFFFFF": (with_length(wav(2.0), 0xFFFFFFFF, 0xFFFFFFFF), 2.0),
    "length 0x7FFFFFFF": (with_length(wav(2.0), 0x7FFFFFFF), 2.0),
    "length too short": (with_length(wav(2.0), 20_000), 2.0),
    "both lengths too short": (with_length(wav(2.0), 20_000, 20_036), 2.0),
    "rf64": (rf64(2.0, None), 2.0),
    "rf64 of length 0": (rf64(2.0, 0), 2.0),
    "rf64 of length -1": (rf64(2.0, 0xFFFFFFFFFFFFFFFF), 2.0),
    "a padded chunk before": (wav(2.0)[:36] + NOTE + b"\0" + wav(2.0)[36:], 2.0),
    "an odd chunk without padding before": (wav(2.0)[:36] + NOTE + wav(2.0)[36:], 2.0),
    "a chunk behind": (wav(2.0) + NOTE + b"\0", 2.0),
    "id3 before": (ID3 + wav(2.0), 2.0),
    "id3 twice before": (ID3 + ID3 + wav(2.0), 2.0),
    "ape before": (APE + wav(2.0), 2.0),
    "id3v1 behind": (wav(2.0) + b"TAG" + bytes(125), 2.0),
    "ape behind": (wav(2.0) + APE, 2.0),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_everything_is_read(tmp_path: Path, kind: str) -> None:
    data, seconds = WHOLE[kind]
    (tmp_path / "a.wav").write_bytes(data)
    speech = open_voice(tmp_path / "a.wav")
    assert speech.duration == pytest.approx(seconds, abs=0.005)
    assert float(np.abs(speech.samples).max()) == pytest.approx(0.25, abs=0.02)  # no header, no tag is heard
    assert any("joined recordings" in note for note in speech.notes) == ("joined" in kind)


def test_joined_recordings_may_differ(tmp_path: Path) -> None:
    first = write_wav(tmp_path / "1.wav", tone(1.0, 44_100, 2), 44_100).read_bytes()
    (tmp_path / "a.wav").write_bytes(first + wav(1.0))
    assert open_voice(tmp_path / "a.wav").duration == pytest.approx(2.0, abs=0.005)


@pytest.mark.parametrize("rest", ["text", "noise", "zeros"])
def test_junk_behind_the_sound_is_reported(tmp_path: Path, rest: str) -> None:
    junk = {
        "text": b"these are words and not a sound of any kind, " * 1500,
        "noise": np.random.default_rng(1).integers(0, 256, 64_000, np.uint8).tobytes(),
        "zeros": bytes(64_000),
    }[rest]
    (tmp_path / "a.wav").write_bytes(wav(2.0) + junk)
    speech = open_voice(tmp_path / "a.wav")
    assert speech.duration == pytest.approx(2.0, abs=0.001)
    assert any(f"{len(junk) / 32_000:.1f} s after the voice's end" in note for note in speech.notes)


def test_a_recording_that_breaks_off_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav(4.0)[:50_000])
    notes = open_voice(tmp_path / "a.wav").notes
    assert any("1.6 s of the 4.0 s" in note for note in notes)


def test_an_ordinary_file_has_no_notes(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav(2.0))
    assert open_voice(tmp_path / "a.wav").notes == ()


@pytest.mark.parametrize("suffix", ["flac", "mp3", "ogg", "m4a"])
def test_tags_before_other_kinds(tmp_path: Path, suffix: str) -> None:
    path = encode(tmp_path / f"a.{suffix}", tone(1.0, 48_000), 48_000, "mono")
    path.write_bytes(ID3 + path.read_bytes())
    assert open_voice(path).duration == pytest.approx(1.0, abs=0.06)


class TestFloats:
    @pytest.mark.parametrize(("bits", "width"), [(16, 4), (24, 4), (32, 8), (16, 8)])
    def test_in_the_scale_of_integers_are_scaled(self, tmp_path: Path, bits: int, width: int) -> None:
        samples = np.concatenate([np.zeros(3 * RATE), tone(1.0, RATE)[:, 0]]) * (2 ** (bits - 1) - 1)
        speech = open_voice(self.write(tmp_path / "a.wav", samples, width))
        assert float(np.abs(speech.samples).max()) == pytest.approx(0.25, abs=0.01)
        assert any(f"read as {bits}-bit samples" in note for note in speech.notes)

    @pytest.mark.parametrize("width", [4, 8])
    def test_in_their_own_scale_stay(self, tmp_path: Path, width: int) -> None:
        speech = open_voice(self.write(tmp_path / "a.wav", tone(1.0, RATE)[:, 0], width))
        assert float(np.abs(speech.samples).max()) == pytest.approx(0.25, abs=0.01)
        assert speech.notes == ()

    def test_beyond_all_integers_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(VoiceError, match="contains floats up to"):
            open_voice(self.write(tmp_path / "a.wav", tone(1.0, RATE)[:, 0] * 1e12, 4))

    @staticmethod
    def write(path: Path, samples: np.ndarray, width: int) -> Path:
        data = samples.astype(f"<f{width}").tobytes()
        head = b"fmt " + struct.pack("<IHHIIHH", 16, 3, 1, RATE, width * RATE, width, 8 * width)
        body = b"WAVE" + head + b"data" + struct.pack("<I", len(data)) + data
        path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
        return path
