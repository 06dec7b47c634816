from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from engines.preview.features import BANDS, HOP, MEMORY, SAMPLE_RATE, WINDOW, mel_power, normalise
from engines.preview.mouth import CHANNELS, FRAME_RATE, LIVE_WEIGHTS, VoiceToMouth, hops_of, pooled

ROOT = Path(__file__).parents[3]
JAW, CLOSURE, ROUNDING, SPREADING, LIP_TEETH, VOICE, TONGUE = range(7)
MOUTH = VoiceToMouth()


def read(name: str) -> np.ndarray:
    """An example voice at 16 kHz (the examples are stored at that rate or a multiple of it)."""
    with wave.open(str(ROOT / "examples" / "voices" / name)) as sound:
        rate, channels = sound.getframerate(), sound.getnchannels()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float32) / 32768.0
    samples = samples.reshape(-1, channels).mean(axis=1)
    return np.interp(np.arange(0, len(samples), rate / SAMPLE_RATE), np.arange(len(samples)), samples).astype(
        np.float32
    )


VOICE_SAMPLES = read("english-woman.wav")[: 5 * SAMPLE_RATE]


def rows(samples: np.ndarray, fps: int = 25, frames: int | None = None, **windows: float) -> np.ndarray:
    if frames is None:
        frames = round(len(samples) / SAMPLE_RATE * fps)
    return np.concatenate(list(MOUTH.stream(samples, fps, frames, **windows)))


def test_the_channels_are_those_of_the_contract() -> None:
    assert CHANNELS == ("jaw", "closure", "rounding", "spreading", "lip_teeth", "voice", "tongue")


@settings(max_examples=25, deadline=None)
@given(
    fps=st.sampled_from([1, 12, 24, 25, 30, 50, 60, 120]),
    seconds=st.floats(0.0, 4.0),
    window=st.floats(0.05, 5.0),
    first_window=st.floats(0.01, 3.0),
)
def test_the_result_does_not_depend_on_the_windows(
    fps: int, seconds: float, window: float, first_window: float
) -> None:
    samples = VOICE_SAMPLES[: int(seconds * SAMPLE_RATE)]
    frames = max(1, round(seconds * fps))
    given_rows = rows(samples, fps, frames, window=window, first_window=first_window)
    whole = rows(samples, fps, frames, window=100.0, first_window=100.0)
    assert given_rows.shape == (frames, 7)
    assert given_rows.dtype == np.float32
    assert given_rows.min() >= 0.0
    assert given_rows.max() <= 1.0
    np.testing.assert_array_equal(given_rows, whole)


def test_the_first_piece_is_short_and_nothing_comes_for_no_frames() -> None:
    pieces = [len(piece) for piece in MOUTH.stream(VOICE_SAMPLES, 25, 125)]
    assert pieces[0] == 25
    assert sum(pieces) == 125
    assert list(MOUTH.stream(VOICE_SAMPLES, 25, 0)) == []


def test_what_comes_after_the_look_ahead_changes_nothing() -> None:
    assert MOUTH.look_ahead <= 0.225
    frame = 200
    last = int(((frame + 0.5) / FRAME_RATE + MOUTH.look_ahead) * SAMPLE_RATE)
    before = MOUTH.curves(VOICE_SAMPLES, 0, frame + 1)
    changed = VOICE_SAMPLES.copy()
    changed[last:] = np.random.default_rng(0).uniform(-1, 1, len(changed) - last)
    np.testing.assert_allclose(MOUTH.curves(changed, 0, frame + 1), before, atol=1e-6)
    changed[last - 2 * HOP : last] = 1.0
    assert np.abs(MOUTH.curves(changed, frame, frame + 1) - before[-1]).max() > 1e-5


@pytest.mark.parametrize("fps", [25, 30, 60])
def test_a_video_frame_looks_at_most_240_ms_ahead_of_its_middle(fps: int) -> None:
    row = fps * 2
    last = int(((row + 0.5) / fps + 0.240) * SAMPLE_RATE)
    changed = VOICE_SAMPLES.copy()
    changed[last:] = 0.5
    np.testing.assert_allclose(rows(changed, fps)[: row + 1], rows(VOICE_SAMPLES, fps)[: row + 1], atol=1e-6)
    assert np.abs(rows(changed, fps)[row + 10] - rows(VOICE_SAMPLES, fps)[row + 10]).max() > 1e-3


def test_what_is_older_than_the_memory_changes_nothing() -> None:
    frame = MOUTH.behind + MEMORY + 20
    first = (frame - MOUTH.behind - MEMORY) * HOP + HOP // 2 - WINDOW // 2
    changed = VOICE_SAMPLES.copy()
    changed[:first] = 0.9
    np.testing.assert_allclose(
        MOUTH.curves(changed, frame, frame + 5), MOUTH.curves(VOICE_SAMPLES, frame, frame + 5), atol=1e-6
    )


def test_silence_closes_the_mouth() -> None:
    quiet = rows(np.zeros(3 * SAMPLE_RATE, np.float32))
    assert quiet[:, CLOSURE].min() > 0.95
    assert quiet[:, JAW].max() < 0.05
    assert quiet[:, VOICE].max() < 0.05


def test_a_pause_closes_the_mouth_within_200_ms() -> None:
    speech = VOICE_SAMPLES[: 2 * SAMPLE_RATE]
    curves = rows(np.concatenate([speech, np.zeros(2 * SAMPLE_RATE, np.float32)]))
    assert curves[56:, CLOSURE].min() > 0.9
    assert curves[56:, JAW].max() < 0.1
    assert curves[:50, VOICE].max() > 0.9


@pytest.mark.parametrize("name", ["english-woman.wav", "english-man-with-pauses.wav", "mandarin.wav"])
def test_the_mouth_opens_and_closes_with_the_examples(name: str) -> None:
    curves = rows(read(name))
    opening = curves[:, JAW] * (1.0 - curves[:, CLOSURE])
    assert opening.max() > 0.5
    assert opening.min() < 0.02
    spoken = curves[:, VOICE] > 0.5
    assert 0.3 < spoken.mean() < 1.0
    closed = (curves[:, CLOSURE] > 0.5) & spoken
    assert np.count_nonzero(np.diff(closed.astype(int)) == 1) >= 2, "not one p, b or m was seen"


@pytest.mark.parametrize("kind", ["white", "hum", "rumble"])
@pytest.mark.parametrize("level", [0.3, 0.003])
def test_noise_without_a_voice_moves_nothing(kind: str, level: float) -> None:
    rng = np.random.default_rng(3)
    count = 6 * SAMPLE_RATE
    sound = {
        "white": rng.standard_normal(count),
        "hum": np.sin(2 * np.pi * 50 * np.arange(count) / SAMPLE_RATE),
        "rumble": np.cumsum(rng.standard_normal(count)) / 100.0,
    }[kind]
    sound = sound - sound.mean()
    curves = rows((level * sound / np.abs(sound).max()).astype(np.float32))[25:]
    assert (curves[:, VOICE] > 0.5).mean() < 0.05
    assert (curves[:, JAW] * (1.0 - curves[:, CLOSURE])).max() < 0.25


def test_loud_and_quiet_recordings_behave_the_same() -> None:
    # The first tenths of a second are left out: there, no level is known yet.
    loud, quiet = rows(VOICE_SAMPLES)[15:], rows(VOICE_SAMPLES * np.float32(0.1))[15:]
    np.testing.assert_allclose(quiet, loud, atol=0.1)


def test_a_short_closure_between_two_frames_is_kept() -> None:
    curves = np.zeros((FRAME_RATE, len(CHANNELS)), np.float32)
    curves[51] = 1.0
    result = pooled(curves, *hops_of(25, 0, 25))
    assert np.flatnonzero(result[:, CLOSURE] == 1.0).tolist() == [12]
    assert result[12, JAW] == 0.25


def test_features_outside_of_the_recording_are_silence_and_levels_cancel() -> None:
    power = mel_power(VOICE_SAMPLES, -20, 40)
    assert power.shape == (60, BANDS)
    assert power[:18].max() == 0.0
    speech = mel_power(VOICE_SAMPLES, 0, 400)
    np.testing.assert_allclose(normalise(speech * 100.0)[60:], normalise(speech)[60:], atol=0.05)


def test_no_torch_is_needed_and_the_weights_are_small() -> None:
    code = "import sys, engines.preview.mouth as m; m.VoiceToMouth(); sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    for file in ("visemes.safetensors", "visemes-live.safetensors"):
        assert (ROOT / "engines" / "preview" / file).stat().st_size < 2_000_000


def test_the_network_of_live_sessions_waits_for_less_than_80_ms() -> None:
    assert VoiceToMouth(LIVE_WEIGHTS).look_ahead < 0.08


def test_a_network_without_a_tongue_leaves_it_at_rest(tmp_path: Path) -> None:
    tensors = load_file(ROOT / "engines" / "preview" / "visemes.safetensors")
    tensors = {name: tensor[:6] if name.startswith("exit") else tensor for name, tensor in tensors.items()}
    save_file(
        {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, tmp_path / "six.safetensors"
    )
    curves = VoiceToMouth(tmp_path / "six.safetensors").curves(VOICE_SAMPLES, 0, 100)
    assert curves.shape == (100, len(CHANNELS))
    assert not curves[:, TONGUE].any()
    np.testing.assert_allclose(curves[:, :TONGUE], MOUTH.curves(VOICE_SAMPLES, 0, 100)[:, :TONGUE], atol=1e-6)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.safetensors"):
        VoiceToMouth(tmp_path / "nothing.safetensors")


@pytest.mark.parametrize("fps", [12, 24, 25, 60])
def test_the_rows_are_the_means_of_the_curves(fps: int) -> None:
    frames = 3 * fps
    curves = MOUTH.curves(VOICE_SAMPLES, 0, 3 * FRAME_RATE)
    np.testing.assert_array_equal(rows(VOICE_SAMPLES, fps, frames), pooled(curves, *hops_of(fps, 0, frames)))
