"""Channels keep their places in the video, and the mouth hears the voice in them."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.layout import AudioLayout

from media.sound.layouts import WRITTEN, mixing, mono_weights, written_layout
from media.video import VideoWriter
from media.voice import SAMPLE_RATE, open_voice
from tests.media.conftest import encode, tone, write_wav

RATE = 48_000
# For each layout what becomes of some of its channels; "" is left out.
PLACES = {
    "stereo": {"FL": "FL", "FR": "FR"},
    "2.1": {"FL": "FL", "FR": "FR"},
    "3.0(back)": {"FR": "FR", "BC": "BC"},
    "quad": {"FL": "FL", "BL": "BL", "BR": "BR"},
    "5.1(side)": {"FC": "FC", "SL": "BL", "SR": "BR"},
    "6.1": {"FC": "FC", "SL": "BL", "BC": "BL BR"},
    "7.1": {"FL": "FL", "FC": "FC", "BL": "BL", "SR": "BR"},
    "7.1(wide)": {"BR": "BR", "FLC": "FL FC"},
    "octagonal": {"FC": "FC", "BC": "BL BR"},
}


@pytest.mark.parametrize("layout", PLACES)
def test_channels_are_heard_where_they_belong(tmp_path: Path, layout: str) -> None:
    names = [channel.name for channel in AudioLayout(layout).channels]
    samples = np.stack([tone(0.5, RATE, pitch=500 + 100 * k)[:, 0] for k in range(len(names))], axis=1)
    path = encode(tmp_path / "v.wav", samples, RATE, layout)
    heard = heard_in_the_video(tmp_path / "a.mp4", path, [500 + 100 * k for k in range(len(names))])
    for channel, expected in PLACES[layout].items():
        assert heard[names.index(channel)] == set(expected.split())


@pytest.mark.parametrize(
    ("suffix", "layout"),
    [
        *(("m4a", layout) for layout in ("5.0", "7.1", "6.1", "6.1(back)", "7.1(wide)")),  # FFmpeg reads
        # the last three without the names of their channels
        *(("webm", "7.1"), ("flac", "7.1")),
    ],
)
def test_compressed_films_are_read(tmp_path: Path, suffix: str, layout: str) -> None:
    samples = np.zeros((RATE // 2, AudioLayout(layout).nb_channels), np.float32)
    samples[:, 2] = tone(0.5, RATE, pitch=500)[:, 0]
    path = encode(tmp_path / f"v.{suffix}", samples, RATE, layout)
    heard = heard_in_the_video(tmp_path / "a.mp4", path, [500])
    assert heard == [{"FC"}]


# What each AAC layout is called, and where its channels are heard in the order in which they are encoded.
# FFmpeg's encoder lists the two pairs of 7.1(wide) as standing at the back.
LISTED = {
    "quad(side)": ("quad(side)", ["FL", "FR", "BL", "BR"]),
    "3.1": ("3.1", ["FL", "FR", "FC"]),
    "5.1(side)": ("5.1", ["FL", "FR", "FC", "", "BL", "BR"]),
    "6.0": ("6.0", ["FL", "FR", "FC"]),
    "6.0(front)": ("6.0(front)", ["FL", "FR", "FL FC", "FR FC", "BL", "BR"]),
    "hexagonal": ("hexagonal", ["FL", "FR", "FC", "BL", "BR", "BL BR"]),
    "6.1(back)": ("6.1(back)", ["FL", "FR", "FC", "", "BL", "BR", "BL BR"]),
    "7.0": ("7.0", ["FL", "FR", "FC", "BL", "BR", "BL", "BR"]),
    "7.1(wide)": ("7.1", ["FL", "FR", "FC", "", "BL", "BR"]),
    "octagonal": ("octagonal", ["FL", "FR", "FC", "BL", "BR"]),
}


@pytest.mark.parametrize("suffix", ["m4a", "aac"])
@pytest.mark.parametrize("layout", LISTED)
def test_aac_channels_are_heard_where_their_list_has_them(tmp_path: Path, layout: str, suffix: str) -> None:
    called, places = LISTED[layout]
    count = AudioLayout(layout).nb_channels
    samples = np.stack([tone(0.5, RATE, pitch=500 + 100 * k)[:, 0] for k in range(count)], axis=1)
    path = encode(tmp_path / f"v.{suffix}", samples, RATE, layout)
    assert f"48000 Hz, {called}, " in open_voice(path).description
    heard = heard_in_the_video(tmp_path / "a.mp4", path, [500 + 100 * k for k in range(count)])
    for channel, expected in zip(heard, places, strict=False):
        assert channel == set(expected.split())


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 33, 64])
def test_any_number_of_channels_becomes_a_video(tmp_path: Path, channels: int) -> None:
    """Unlabelled channels, from a file and from an array."""
    for source in (
        write_wav(tmp_path / f"{channels}.wav", tone(0.3, 16_000, channels), 16_000),
        (16_000, tone(0.3, 16_000, channels)),
    ):
        speech = open_voice(source)
        assert float(np.abs(speech.samples).max()) == pytest.approx(0.25, abs=0.02)
        write_video(tmp_path / "a.mp4", source)
        with av.open(str(tmp_path / "a.mp4")) as file:
            assert file.streams.audio[0].layout.name in WRITTEN


def test_back_left_of_four_unlabelled_channels_is_behind(tmp_path: Path) -> None:
    samples = np.zeros((RATE // 2, 4), np.float32)
    samples[:, 2] = tone(0.5, RATE, pitch=500)[:, 0]
    path = write_wav(tmp_path / "quad.wav", samples, RATE)
    assert heard_in_the_video(tmp_path / "a.mp4", path, [500]) == [{"BL"}]


@pytest.mark.parametrize(
    "layout", ["7.1", "22.2", "ambisonic 1", "ambisonic 3", "hexadecagonal", "downmix", "12 channels"]
)
def test_no_mix_is_louder_than_its_channels(layout: str) -> None:
    names = [channel.name for channel in AudioLayout(layout).channels]
    matrix = mixing(names, WRITTEN[written_layout(names)])
    assert np.abs(matrix).sum(axis=0).max() <= 1 + 1e-6
    assert mono_weights(names).sum() == pytest.approx(1)


class TestTheMouth:
    def test_hears_the_dialogue_of_a_film(self) -> None:
        """A voice in the centre, music all around, and rumble in the LFE channel."""
        voice, music, rumble = (tone(1.0, RATE, pitch=pitch)[:, 0] for pitch in (440, 1500, 40))
        samples = np.stack([music, music, voice, 4 * rumble, music, music, music, music], axis=1)
        power = spectrum(open_voice((RATE, samples)).samples)
        assert power[440] > power[1500]  # the mean would have 1 to 6
        assert power[40] < 0.01 * power[440]

    def test_hears_a_voice_wherever_it_is(self) -> None:
        for channel in range(8):
            samples = np.zeros((RATE, 8), np.float32)
            samples[:, channel] = tone(1.0, RATE)[:, 0]
            assert np.abs(open_voice((RATE, samples)).samples).max() > 0.01

    @pytest.mark.parametrize("channels", [2, 4, 6, 8, 16])
    @pytest.mark.parametrize("noise", [0.0, 0.001])
    def test_hears_a_voice_in_one_channel_as_loud_as_in_mono(self, channels: int, noise: float) -> None:
        alone = open_voice((RATE, tone(1.0, RATE)))
        for channel in {0, 1, channels - 1}:
            samples = np.random.default_rng(5).normal(0, noise, (RATE, channels)).astype(np.float32)
            samples[:, channel] += tone(1.0, RATE)[:, 0]
            speech = open_voice((RATE, samples))
            assert speech.peak_dbfs == pytest.approx(alone.peak_dbfs, abs=0.2)
            assert speech.notes == ()

    def test_hears_two_speakers_on_two_sides_equally_loud(self) -> None:
        """As in an interview with a microphone for each."""
        voice, quiet = tone(1.0, RATE)[:, 0], np.zeros(RATE, np.float32)
        left, right = np.concatenate([voice, quiet, voice]), np.concatenate([quiet, voice, quiet])
        speech = open_voice((RATE, np.stack([left, right], axis=1)))
        for second in range(3):
            part = speech.samples[second * SAMPLE_RATE + 800 : (second + 1) * SAMPLE_RATE - 800]
            assert float(np.abs(part).max()) == pytest.approx(0.25, abs=0.02)
        assert np.abs(np.diff(speech.samples)).max() < 0.06  # a click would be larger

    @pytest.mark.parametrize("factor", [-1.0, -0.9, -0.6])
    def test_hears_a_voice_in_opposite_phase(self, factor: float) -> None:
        voice = tone(2.0, RATE)[:, 0]
        speech = open_voice((RATE, np.stack([voice, factor * voice], axis=1)))
        assert float(np.abs(speech.samples).max()) == pytest.approx(0.25, abs=0.02)
        assert any("The channels cancel each other for 2.0 of 2.0 s" in note for note in speech.notes)

    def test_hears_it_where_only_a_part_is_in_opposite_phase(self) -> None:
        voice = tone(4.0, RATE)[:, 0]
        turned = np.where(np.arange(len(voice)) < 2 * RATE, voice, -voice)
        speech = open_voice((RATE, np.stack([voice, turned], axis=1)))
        for second in range(4):
            part = speech.samples[second * SAMPLE_RATE + 800 : (second + 1) * SAMPLE_RATE - 800]
            assert float(np.abs(part).max()) == pytest.approx(0.25, abs=0.02)
        assert np.abs(np.diff(speech.samples)).max() < 0.06  # a click would be larger

    def test_ordinary_stereo_is_averaged(self) -> None:
        rng = np.random.default_rng(5)
        left, right = 0.1 * rng.standard_normal((2, RATE)).astype(np.float32)
        speech = open_voice((SAMPLE_RATE, np.stack([left, right], axis=1)))
        np.testing.assert_allclose(speech.samples, (left + right) / 2, atol=2e-3)
        assert speech.notes == ()


def heard_in_the_video(video: Path, voice: Path, pitches: list[int]) -> list[set[str]]:
    """In which channels of a finished video each tone is heard."""
    write_video(video, voice)
    with av.open(str(video)) as file:
        frames = list(file.decode(audio=0))
    names = [channel.name for channel in frames[0].layout.channels]
    sound = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)[:, 4800:-4800]
    power = np.abs(np.fft.rfft(sound * np.hanning(sound.shape[1]), axis=1))
    places = [round(pitch * sound.shape[1] / RATE) for pitch in pitches]
    loudest = power.max()
    return [
        {name for name, row in zip(names, power, strict=True) if row[at - 2 : at + 3].max() > 0.1 * loudest}
        for at in places
    ]


def write_video(path: Path, voice: Path | tuple[int, np.ndarray]) -> None:
    speech = open_voice(voice)
    with VideoWriter(path, (64, 64), 25, sound=speech) as writer:
        writer.write(np.zeros((speech.frames(25), 64, 64, 3), np.uint8))


def spectrum(samples: np.ndarray) -> np.ndarray:
    """The magnitude at each whole number of Hz, of a second at 16 kHz."""
    return np.abs(np.fft.rfft(samples[:SAMPLE_RATE] * np.hanning(SAMPLE_RATE)))
