from __future__ import annotations

import numpy as np
import pytest
import torch

from engines.joyvasa.live import motion as motion_module
from engines.joyvasa.live.motion import MORE_AHEAD, FrameNoise, LiveMotion
from engines.joyvasa.live.timeline import Timeline
from engines.joyvasa.live.window import Continued, LiveWindow, WindowStart
from engines.joyvasa.motion.audio_to_motion import AudioToMotion, only_motion
from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.retargeting import LIP_POINTS
from engines.joyvasa.motion.sampler import SamplerSettings, plan_sampling
from engines.joyvasa.motion.schedule import VarianceSchedule
from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.spec import ADVANCE
from tests.engines.joyvasa.live.hearing import FRAME, heard_by_frames
from tests.engines.joyvasa.tiny_motion import tiny_generator, voice

QUICK = SamplerSettings(inference_steps=5, cfg_scale=2.0)
AHEAD = 1280
SPOKEN = voice(130 * FRAME)


@pytest.fixture(scope="module")
def model() -> AudioToMotion:
    return AudioToMotion(tiny_generator(), MotionTemplate.random_weights())


def live(
    model: AudioToMotion,
    sound: np.ndarray,
    frames: int,
    *,
    seed: int = 0,
    ahead: int = AHEAD,
    settings: SamplerSettings = QUICK,
    given: int | None = None,
) -> tuple[np.ndarray, LiveMotion]:
    """(frames, 70), and what made them. given: samples ahead, if not all that it wants."""
    motion = LiveMotion(model, settings, seed, ahead)
    rows = []
    for heard, after, ended in heard_by_frames(sound, ahead + MORE_AHEAD if given is None else given, frames):
        motion.listen(heard, after, ended=ended)
        rows.append(motion.around(0)[0])
    return np.stack(rows), motion


@pytest.fixture(scope="module")
def spoken(model: AudioToMotion) -> tuple[np.ndarray, int]:
    """(130, 70) for `SPOKEN`, and how many windows made them. A shorter session has the first of them."""
    rows, motion = live(model, SPOKEN, 130)
    return rows, motion.windows


def offline(model: AudioToMotion, sound: np.ndarray, settings: SamplerSettings = QUICK) -> np.ndarray:
    whole = HeadMotion.joined(list(only_motion(model.sequence(sound, None, settings, seed=0))))
    return model.template.vectors(whole)


@pytest.mark.parametrize(
    "settings", [QUICK, SamplerSettings(inference_steps=5, sampler="ancestral", cfg_scale=2.0)]
)
def test_a_short_voice_moves_as_in_a_video(model: AudioToMotion, settings: SamplerSettings) -> None:
    """All of it is known when its window is made, so it is the window of a video."""
    short = SPOKEN[: AHEAD + MORE_AHEAD]
    made, motion = live(model, short, len(short) // FRAME, settings=settings)
    assert motion.windows == 1
    assert made == pytest.approx(offline(model, short, settings), abs=1e-5)


def test_the_first_frames_of_a_long_voice_are_those_of_its_known_beginning(
    model: AudioToMotion, spoken: tuple[np.ndarray, int]
) -> None:
    made, _ = spoken
    known = SPOKEN[: FRAME + AHEAD + MORE_AHEAD]
    video = offline(model, known)
    assert made[:9] == pytest.approx(video[:9], abs=1e-5)
    assert np.abs(made[9:11] - video[9:11]).max() > 1e-4  # these hear more than that


def test_windows_advance_while_someone_speaks_and_are_used_up_in_silence(
    model: AudioToMotion, spoken: tuple[np.ndarray, int]
) -> None:
    frames = len(spoken[0])
    assert spoken[1] == pytest.approx(frames / ADVANCE, abs=2)
    _, silent = live(model, np.zeros(0, np.float32), frames)
    assert silent.windows <= 4
    noise = 0.0004 * np.random.default_rng(0).uniform(-1, 1, frames * FRAME).astype(np.float32)
    _, room = live(model, noise, frames)
    assert room.windows <= 4


def test_a_frame_depends_on_no_sound_beyond_what_is_stated(
    model: AudioToMotion, spoken: tuple[np.ndarray, int]
) -> None:
    other = SPOKEN.copy()
    at = 76
    until = (at + 1) * FRAME + AHEAD + MORE_AHEAD
    other[until:] = voice(len(other) - until, seed=9)
    one, again = spoken[0][:90], live(model, other, 90)[0]
    assert np.array_equal(one[: at + 1], again[: at + 1])
    assert not np.array_equal(one[at + 1 :], again[at + 1 :])


@pytest.mark.parametrize("at", [*range(10, 10 + ADVANCE), 85, 84 + ADVANCE])
def test_every_frame_hears_its_own_sound_and_the_look_ahead(
    model: AudioToMotion, spoken: tuple[np.ndarray, int], at: int
) -> None:
    """Whatever the place of a frame among those that its window makes, at the beginning and later."""
    other = SPOKEN.copy()
    other[(at + 1) * FRAME + AHEAD - FRAME :][:FRAME] += 0.5
    made, _ = live(model, other, at + 1)
    assert np.abs(made[at] - spoken[0][at]).max() > 1e-4


def test_the_seed_decides(model: AudioToMotion) -> None:
    one, again, other = (live(model, SPOKEN, 12, seed=seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert np.abs(one - other).max() > 1e-3


def test_new_frames_continue_those_that_were_shown(model: AudioToMotion) -> None:
    plan = plan_sampling(model.generator.diffusion_sched, QUICK)
    noise = torch.randn((1, 1, 100, 70), generator=torch.Generator().manual_seed(0))
    made = []
    for shown in (np.zeros((70, 70), np.float32), np.full((70, 70), 0.5, np.float32)):
        start = WindowStart(-2, 68, SPOKEN[: 100 * FRAME], None, shown, noise)
        made.append(LiveWindow(model, plan, start).rows())
        assert np.array_equal(made[-1][:70], shown)
    assert np.abs(made[0] - made[1])[70:].max() > 1e-3


def test_the_first_frames_of_a_window_lean_on_the_one_before_but_their_lips_do_not(
    model: AudioToMotion, spoken: tuple[np.ndarray, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed, _ = spoken
    monkeypatch.setattr(motion_module, "OVERLAP", np.zeros(0, np.float32))
    plain, _ = live(model, SPOKEN, 10)
    lips = [3 * point + axis for point in LIP_POINTS for axis in range(3)]
    assert np.array_equal(mixed[:9], plain[:9])
    differs = mixed[9] != plain[9]
    assert not differs[lips].any()
    assert differs.sum() > 40


def test_windows_join_without_a_jump(spoken: tuple[np.ndarray, int]) -> None:
    """Steps from one frame to the next are no larger where one window takes over from another."""
    lips = [3 * point + axis for point in LIP_POINTS for axis in range(3)]
    made, _ = spoken
    steps = np.abs(np.diff(np.delete(made, lips, axis=1), axis=0)).mean(axis=1)
    joins = np.arange(len(steps)) % ADVANCE == (ADVANCE - 1)
    assert steps[joins].mean() < 1.25 * steps[~joins].mean()


def test_sound_that_comes_late_is_heard_all_the_same(model: AudioToMotion) -> None:
    made, motion = live(model, SPOKEN, 25, given=0)
    assert np.isfinite(made).all()
    assert motion.windows >= 21  # each frame brings sound that no window has heard


def test_a_voice_after_silence_continues_the_motion(model: AudioToMotion) -> None:
    late = np.concatenate([np.zeros(40 * FRAME, np.float32), SPOKEN])
    quiet = live(model, np.zeros(0, np.float32), 40)[0]
    made = live(model, late, 60)[0]
    begun = 40 - (AHEAD + MORE_AHEAD) // FRAME
    assert np.array_equal(made[: begun - 1], quiet[: begun - 1])
    assert np.abs(made[40:] - live(model, np.zeros(0, np.float32), 60)[0][40:]).max() > 1e-3


def test_a_window_whose_network_predicts_noise_keeps_what_was_shown() -> None:
    bars = VarianceSchedule(10).alpha_bars
    shown, noise = torch.randn(1, 4, 70), torch.randn(1, 4, 70)
    state = VarianceSchedule(10).diffuse(
        torch.cat([shown, shown], dim=1), noise.repeat(1, 2, 1), torch.tensor([7])
    )
    predict = Continued(lambda motion, step: torch.zeros(2, *motion.shape), shown, bars, of_noise=True)
    predicted = predict(state, 7)
    assert torch.allclose(predicted[:, 0, :4], noise[0].expand(2, -1, -1), atol=1e-4)
    assert not predicted[:, :, 4:].any()


def test_noise_belongs_to_frames() -> None:
    def made() -> FrameNoise:
        return FrameNoise(3, 2, 100, 70, -2)

    first = torch.randn((2, 1, 100, 70), generator=torch.Generator().manual_seed(3))
    assert torch.equal(made().window(-2), first)
    stepwise = made()
    for start in (0, 5, 31, 29):
        stepwise.window(start)
    assert torch.equal(stepwise.window(60), made().window(60))


def test_a_timeline_knows_what_it_was_given() -> None:
    line = Timeline(3)
    sound = np.arange(1, 2001, dtype=np.float32)
    known = []
    for heard, after, ended in heard_by_frames(sound, 700, 4):
        line.listen(heard, after, ended=ended)
        known.append(line.known)
    assert known == [1340, 1980, None, None]
    assert line.frame == 3
    assert line.samples(2, 800).tolist() == [*range(1281, 2001), *[0] * 80]
    assert not line.samples(0, FRAME).any()  # that is forgotten
    line.forget()
    assert not line.samples(1, 3 * FRAME).any()
