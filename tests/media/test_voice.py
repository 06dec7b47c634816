from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from media.errors import VoiceError
from media.sound.opening import OPEN_OPTIONS
from media.voice import SAMPLE_RATE, open_voice
from tests.media.conftest import encode, tone, write_wav


@pytest.mark.parametrize(
    ("suffix", "rate", "layout"),
    [
        ("wav", 44100, "stereo"),
        ("wav", 8000, "mono"),
        ("wav", 192_000, "mono"),
        ("wav", 22050, "5.1"),
        ("mp3", 44100, "stereo"),
        ("m4a", 48000, "mono"),
        ("m4a", 48000, "5.1"),
        ("flac", 96000, "mono"),
        ("ogg", 48000, "mono"),
        ("webm", 48000, "stereo"),
    ],
)
def test_every_format_gives_the_same_tone(tmp_path: Path, suffix: str, rate: int, layout: str) -> None:
    channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
    samples = tone(1.0, rate, channels)
    if channels == 6:
        samples[:, 3] = 0  # the deep channel: encoders cut it off
    path = encode(tmp_path / f"a.{suffix}", samples, rate, layout)
    speech = open_voice(path)
    assert speech.samples.dtype == np.float32
    assert speech.duration == pytest.approx(1.0, abs=0.06)  # lossy formats round up to whole packets
    assert len(speech.samples) == round(speech.duration * SAMPLE_RATE)
    power = np.abs(np.fft.rfft(speech.samples[:SAMPLE_RATE] * np.hanning(SAMPLE_RATE)))
    assert abs(int(power.argmax()) - 440) <= 1
    loudness = float(np.abs(speech.samples[4000:12000]).max())
    assert loudness == pytest.approx(0.25, abs=0.03)
    assert f"{rate} Hz" in speech.description


def test_samples_are_read_only_and_the_original_is_untouched(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(0.5, 16000), 16000)
    speech = open_voice(str(path))
    assert speech.original == path
    assert not speech.samples.flags.writeable
    array = (tone(0.5, 16000)[:, 0] * 32767).astype(np.int16)
    before = array.copy()
    speech = open_voice((16000, array))
    assert isinstance(speech.original, tuple)
    assert speech.original[1] is array
    np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize(
    "dtype", ["int8", "uint8", "int16", "uint16", "int32", "int64", "float16", "float32", "float64"]
)
@pytest.mark.parametrize("channels", [0, 1, 2])
def test_arrays_of_any_type_mean_the_same(dtype: str, channels: int) -> None:
    samples = tone(0.4, 16000, max(1, channels))
    if channels == 0:
        samples = samples[:, 0]
    kind = np.dtype(dtype)
    if kind.kind == "f":
        array = samples.astype(kind)
    else:
        full = 32768 if dtype == "int64" else 1 << (kind.itemsize * 8 - 1)  # wide arrays hold small numbers
        array = (samples * (full - 1) + (full if kind.kind == "u" else 0)).astype(kind)
    speech = open_voice((16000, array))
    expected = samples if channels == 0 else samples[:, 0]
    np.testing.assert_allclose(speech.samples, expected, atol=0.02 if kind.itemsize == 1 else 2e-3)


def test_channels_are_averaged() -> None:
    left, right = tone(0.5, 16000)[:, 0], tone(0.5, 16000, pitch=900)[:, 0]
    speech = open_voice((16000, np.stack([left, right], axis=1)))
    np.testing.assert_allclose(speech.samples, (left + right) / 2, atol=1e-3)


def test_resampling_cuts_what_would_fold_back() -> None:
    speech = open_voice((48000, tone(1.0, 48000) + tone(1.0, 48000, pitch=11_000)))  # 11 kHz would be 5 kHz
    power = np.abs(np.fft.rfft(speech.samples * np.hanning(SAMPLE_RATE)))
    assert power[4900:5100].max() < 1e-3 * power.max()


@given(
    seconds=st.floats(0.2, 1.5),
    rate=st.sampled_from([8000, 11025, 16000, 22050, 44100, 48000]),
    fps=st.integers(10, 60),
)
def test_length_follows_the_original(seconds: float, rate: int, fps: int) -> None:
    count = max(round(seconds * rate), -(-rate // 5))
    speech = open_voice((rate, np.full(count, 0.1, np.float32)))
    assert speech.duration == count / rate
    assert len(speech.samples) == round(count / rate * SAMPLE_RATE)
    assert speech.frames(fps) == max(1, round(count / rate * fps))


@given(arrays.arrays(np.float32, st.integers(3200, 4000), elements=st.floats(-1, 1, width=32)))
def test_any_finite_sound_is_read_or_refused_as_silent(array: np.ndarray) -> None:
    refusal = ""
    try:
        assert np.isfinite(open_voice((16000, array)).samples).all()
    except VoiceError as error:
        refusal = str(error)
    if refusal:
        assert "silent" in refusal
        assert np.abs(array).max() < 2e-3


def test_a_cover_picture_does_not_matter(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", tone(0.5, 44100), 44100, "mono", cover=True)
    assert open_voice(path).duration == pytest.approx(0.5, abs=0.06)


def test_the_header_may_lie_about_the_length(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(0.5, 16000), 16000)
    data = bytearray(path.read_bytes())
    data[40:44] = (0xFFFFFFFF).to_bytes(4, "little")  # what streaming recorders write
    path.write_bytes(bytes(data))
    assert open_voice(path).duration == pytest.approx(0.5, abs=0.01)


def test_tags_in_an_old_encoding_do_not_matter(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(0.5, 16000), 16000)
    data = path.read_bytes()
    tag = b"LIST" + (16).to_bytes(4, "little") + b"INFOINAM" + (4).to_bytes(4, "little") + b"\xff\xfe\xe9\x00"
    path.write_bytes(data[:4] + (len(data) + 16).to_bytes(4, "little") + data[8:36] + tag + data[36:])
    assert open_voice(path).duration == 0.5


def test_a_file_cut_short_counts_as_far_as_it_goes(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", tone(2.0, 44100), 44100, "mono")
    path.write_bytes(path.read_bytes()[:9000])
    assert 0.3 < open_voice(path).duration < 2.0


@pytest.mark.parametrize(
    "name", ["-x.wav", "a b'\"c.wav", "声音.wav", "concat:a.wav", "http:x.wav", "a%03d.wav", "*?.wav"]
)
def test_a_name_is_only_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    write_wav(tmp_path / name, tone(0.5, 16000), 16000)
    monkeypatch.chdir(tmp_path)
    assert open_voice(name).duration == 0.5
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    assert open_voice(f"../{name}").duration == 0.5


def test_a_playlist_opens_nothing_else(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(0.5, 16000), 16000)
    playlist = tmp_path / "voice.m3u8"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.wav\n#EXT-X-ENDLIST\n")
    with pytest.raises(VoiceError, match="is not a readable audio file"):
        open_voice(playlist)
    script = tmp_path / "voice.ffconcat"
    script.write_text("ffconcat version 1.0\nfile a.wav\n")
    with pytest.raises(VoiceError, match="is not a readable audio file"):
        open_voice(script)


@pytest.mark.parametrize(
    "url", ["concat:{}", "subfile,,start,0,end,0,,:{}", "data:,x", "http://127.0.0.1:9/a.wav"]
)
def test_no_other_protocol_is_open_to_a_file(tmp_path: Path, url: str) -> None:
    path = write_wav(tmp_path / "a.wav", tone(0.5, 16000), 16000)
    with pytest.raises(av.error.FFmpegError):
        av.open(url.format(path), options=OPEN_OPTIONS)
    av.open(str(path), options=OPEN_OPTIONS).close()


class TestRefusals:
    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(VoiceError, match=r"no voice at .*gone\.wav"):
            open_voice(tmp_path / "gone.wav")

    def test_an_address_is_a_missing_file(self) -> None:
        with pytest.raises(VoiceError, match="no voice at"):
            open_voice("http://127.0.0.1:9/a.wav")

    def test_folder(self, tmp_path: Path) -> None:
        with pytest.raises(VoiceError):
            open_voice(tmp_path)

    def test_empty_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.wav").touch()
        with pytest.raises(VoiceError, match="0 bytes"):
            open_voice(tmp_path / "a.wav")

    @pytest.mark.parametrize(
        "content", [b"hello there, this is text " * 40, b"\x89PNG\r\n\x1a\n" + bytes(500)]
    )
    def test_not_a_sound(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "a.mp3").write_bytes(content)
        with pytest.raises(VoiceError):
            open_voice(tmp_path / "a.mp3")

    def test_no_audio_stream(self, tmp_path: Path) -> None:
        from media.video import VideoWriter

        with VideoWriter(tmp_path / "a.mp4", (64, 64), 25) as video:
            video.write(np.zeros((5, 64, 64, 3), np.uint8))
        with pytest.raises(VoiceError, match="contains no sound"):
            open_voice(tmp_path / "a.mp4")

    def test_no_samples(self, tmp_path: Path) -> None:
        with pytest.raises(VoiceError, match="0 samples"):
            open_voice((16000, np.zeros(0, np.float32)))
        with pytest.raises(VoiceError, match="0 samples"):
            open_voice(write_wav(tmp_path / "a.wav", np.zeros((0, 1)), 16000))

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_not_a_number(self, bad: float) -> None:
        samples = tone(0.5, 16000)[:, 0]
        samples[4000] = bad
        with pytest.raises(VoiceError, match=r"not a number|floats up to inf"):
            open_voice((16000, samples))

    def test_too_short(self) -> None:
        with pytest.raises(VoiceError, match=r"0\.190 s"):
            open_voice((16000, tone(0.19, 16000)))

    def test_too_long(self, tmp_path: Path) -> None:
        path = write_wav(tmp_path / "a.wav", tone(3.0, 16000), 16000)
        with pytest.raises(VoiceError, match=r"\(3 s\) is longer than 2 s"):
            open_voice(path, max_seconds=2)
        assert open_voice(path, max_seconds=3).duration == 3.0

    def test_silent(self) -> None:
        with pytest.raises(VoiceError, match="all of its samples are 0"):
            open_voice((16000, np.zeros(16000, np.float32)))
        with pytest.raises(VoiceError, match="-66 dBFS"):
            open_voice((16000, tone(0.5, 16000) * 0.002))
        assert open_voice((16000, tone(0.5, 16000) * 0.008)).peak_dbfs == pytest.approx(-54, abs=0.5)

    @pytest.mark.parametrize(
        ("rate", "array"),
        [
            (0, np.ones(9000, np.float32)),
            (-16000, np.ones(9000, np.float32)),
            (16000, np.ones((2, 90, 90), np.float32)),
            (16000, np.ones((2, 9000), np.float32)),
            (16000, np.ones((9000, 0), np.float32)),
            (16000, np.ones(9000, np.complex64)),
            (16000, np.array(["a"] * 9000)),
            (16000, np.ones(9000, np.float32) * 20_000),
        ],
    )
    def test_arrays_that_are_not_voices(self, rate: int, array: np.ndarray) -> None:
        with pytest.raises(VoiceError):
            open_voice((rate, array))

    def test_random_bytes_never_come_out_as_a_traceback(self, tmp_path: Path) -> None:
        rng = np.random.default_rng(3)
        whole = encode(tmp_path / "a.m4a", tone(0.5, 44100), 44100, "mono").read_bytes()
        for case in range(25):
            data = bytearray(whole)
            for at in rng.integers(0, len(data), 40):
                data[at] = int(rng.integers(0, 256))
            path = tmp_path / f"{case}.m4a"
            path.write_bytes(bytes(data))
            try:
                open_voice(path)
            except VoiceError:
                continue


def test_ten_minutes_need_no_more_memory_than_five(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(22050)
        minute = np.rint(tone(60.0, 22050, 2) * 32767).astype("<i2").tobytes()
        for _ in range(10):
            file.writeframes(minute)
    program = (
        "import sys\n"
        "from studio.peak_memory import peak_bytes\n"
        "from media.voice import open_voice\n"
        "open_voice((16000, __import__('numpy').full(160000, 0.1, 'float32')))\n"
        "before = peak_bytes()\n"
        "speech = open_voice(sys.argv[1])\n"
        "assert speech.duration == 600.0\n"
        "print((peak_bytes() - before) / 2**20)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert float(run.stdout) < 32  # MB; the samples alone are 38.4, and half of them may be in memory
