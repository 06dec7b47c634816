from __future__ import annotations

import numpy as np
import pytest

from benchmarks.figures import Figure, report
from benchmarks.lip_tracks import CLOSED, best_lag, closures_shown, correlation, silence_shown
from benchmarks.lipsync import speak
from benchmarks.stillness import changes
from training.visemes.phoneme import Phoneme
from training.visemes.synthesis import Manner

FPS = 25


def test_a_closure_counts_when_any_overlapping_frame_is_closed() -> None:
    gap = np.full(50, 0.1)
    gap[10] = CLOSED / 2  # 0.40 .. 0.44 s
    closures = [(0.36, 0.43), (0.43, 0.52), (0.45, 0.55), (0.41, 0.44)]
    assert closures_shown(gap, closures, FPS) == (2, 3)  # the last is too short to be asked for


def test_a_frame_without_a_face_is_not_closed() -> None:
    assert closures_shown(np.full(50, np.nan), [(0.4, 0.5)], FPS) == (0, 1)
    assert silence_shown(np.full(50, np.nan), [(0.4, 0.5)], FPS)[0] == 0


def test_silence_counts_only_once_it_has_settled() -> None:
    gap = np.zeros(100)
    gap[25:50] = 0.1  # speech from 1 s to 2 s
    speech = [(1.0, 2.0)]
    closed, silent = silence_shown(gap, speech, FPS)
    assert closed == silent
    assert silent == 22 + 45  # until 0.88 s; from 2.2 s
    gap[90] = 0.1
    assert silence_shown(gap, speech, FPS) == (silent - 1, silent)
    gap[51] = 0.1  # 2.04 s: the lips may still be on their way
    assert silence_shown(gap, speech, FPS) == (silent - 1, silent)


@pytest.mark.parametrize("late", [-3, 0, 4])
def test_the_lag_is_found_with_its_sign(late: int) -> None:
    rng = np.random.default_rng(0)
    target = np.convolve(rng.random(240), np.ones(5) / 5, "same")
    gap = 0.2 * np.roll(target, late)
    assert best_lag(gap, target) == late
    assert correlation(gap, target, late) == pytest.approx(1.0, abs=0.05)


def test_correlation_leaves_out_frames_without_a_face() -> None:
    target = np.sin(np.arange(100) / 4)
    gap = target.copy()
    gap[40:60] = np.nan
    assert correlation(gap, target) == pytest.approx(1.0)


def test_the_spoken_text_and_its_times_belong_together(monkeypatch: pytest.MonkeyPatch) -> None:
    def synthesise(text: str, voice: str, manner: Manner) -> tuple[np.ndarray, int, list[Phoneme]]:
        """ "mapa", twice as long when it is said at half the speed: 0.1 s of silence, then 0.1 s a sound."""
        at = np.array([0.1, 0.2, 0.3, 0.4, 0.5]) / manner.speed
        tone = (
            0.2
            * np.sin(np.arange(int(16000 * at[-1])) / 5)
            * (np.arange(int(16000 * at[-1])) > 16000 * at[0])
        )
        phonemes = [Phoneme(name, at[i], at[i + 1]) for i, name in enumerate("mapa")]
        return tone.astype(np.float32), 16000, phonemes

    monkeypatch.setattr("training.visemes.synthesis.synthesise", synthesise)
    sound, spoken = speak("english", 3)
    assert len(spoken.opening) == round(len(sound) / 16000 * FPS)
    assert spoken.opening.max() > 0.6
    assert len(spoken.closures) == 2 * 6
    assert len(spoken.speech) == 6
    settled = np.ones(len(spoken.opening), bool)
    for start, end in spoken.speech:
        assert np.abs(sound[int(start * 16000) - 1000 : int(start * 16000) - 10]).max() == 0
        assert np.abs(sound[int(start * 16000) : int(end * 16000)]).max() == pytest.approx(0.7, abs=0.01)
        settled[int(start * FPS) - 2 : int((end + 0.16) * FPS) + 1] = False
    assert spoken.opening[settled].max() < 0.05
    for start, end in spoken.closures:
        assert spoken.opening[int((start + end) / 2 * FPS)] < 0.3


def test_changes_outside_the_map_are_counted() -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    influence = np.zeros((8, 8), bool)
    influence[2:4, 2:6] = True
    frames = np.zeros((3, 8, 8, 3), np.uint8)
    frames[1, 2, 2:6] = 9
    assert changes(iter([frames]), image, influence) == (0, 0.5)
    frames[2, 7, 7, 2] = 1
    assert changes(iter([frames[:2], frames[2:]]), image, influence)[0] == 1


def test_gates_and_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = Figure("speed", 2.0, "s", 2.5, at_least=False), Figure("share", 80.0, "%", 90)
    free, broken = Figure("ratio", 3.0), Figure("share", float("nan"), "%", 90)
    assert good.ok
    assert free.ok
    assert not bad.ok
    assert not broken.ok
    assert report([good, free], as_json=False) == 0
    assert report([good, bad], as_json=True) == 1
    printed = capsys.readouterr().out
    assert "<= 2.5     ok" in printed
    assert '"ok": false' in printed
