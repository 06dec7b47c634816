"""The frames of a dub follow the source's times and the voice's length, in each sync mode."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice, pairwise

import numpy as np
import pytest

from media.dubbing.lengths import SYNC_MODES, DubSchedule, FrameRun, FrameTimes, ScheduledFrame, SyncMode
from media.errors import OptionError

RATES = (Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001))


def even(count: int, fps: Fraction) -> FrameTimes:
    """A constant rate."""
    return FrameTimes.of([number / fps for number in range(count)], count / fps)


def uneven(seed: int, count: int | None = None) -> FrameTimes:
    """A variable rate, on a clock of 600 to 90,000 ticks per second."""
    rng = np.random.default_rng(seed)
    steps = rng.integers(1, 4000, count or int(rng.integers(1, 60)))
    ticks = np.concatenate([[0], np.cumsum(steps)])
    return FrameTimes(
        ticks[:-1].astype(np.int64), int(ticks[-1]), Fraction(1, int(rng.integers(600, 90_000)))
    )


def cases() -> list[tuple[FrameTimes, Fraction]]:
    """Sources with voices from a tenth to ten times as long."""
    rng = np.random.default_rng(0)
    sources = [even(int(rng.integers(1, 90)), fps) for fps in RATES for _ in range(5)]
    sources += [uneven(seed) for seed in range(60)]
    return [(times, times.duration * Fraction(int(rng.integers(100, 10_000)), 1000)) for times in sources]


CASES = cases()


@pytest.mark.parametrize("mode", [None, *SYNC_MODES])
def test_frames_follow_each_other_without_gap_and_end_with_the_dub(mode: SyncMode | None) -> None:
    for times, voice in CASES:
        schedule = DubSchedule(times, voice, mode)
        moments = list(schedule)
        assert moments[0].time == 0
        assert all(one.time + one.duration == next_one.time for one, next_one in pairwise(moments))
        assert moments[-1].time + moments[-1].duration == schedule.duration
        assert all(one.duration > 0 and 0 <= one.number < len(times) for one in moments)
        assert all((one.time / schedule.clock).denominator == 1 for one in moments)


@pytest.mark.parametrize("mode", [None, *SYNC_MODES])
def test_runs_are_the_same_frames(mode: SyncMode | None) -> None:
    for times, voice in CASES:
        schedule = DubSchedule(times, voice, mode)
        read = [run.first + place * run.step for run in schedule.runs() for place in range(run.count)]
        assert read == [moment.number for moment in schedule]
        assert len(schedule) == len(read)


def test_by_default_a_longer_voice_bounces_and_a_shorter_one_ends_in_silence() -> None:
    times = even(50, Fraction(25))
    assert DubSchedule(times, 5.0).mode == "bounce"
    assert DubSchedule(times, 5.0).duration == 5
    assert DubSchedule(times, 1.0).mode == "silence"
    assert DubSchedule(times, 1.0).duration == 2
    almost = DubSchedule(times, Fraction("2.015"))
    assert (almost.mode, len(list(almost))) == ("silence", 50)


def test_the_sound_of_the_video_itself_which_an_encoder_padded_adds_no_frame() -> None:
    times = even(50, Fraction(25))
    padded = DubSchedule(times, Fraction("2.048"))
    assert padded.mode == "silence"
    assert padded.duration == 2
    assert len(DubSchedule(times, Fraction("2.048"), "bounce")) == 51


@pytest.mark.parametrize("mode", ["bounce", "loop", "silence"])
def test_a_shorter_voice_costs_no_frame(mode: SyncMode) -> None:
    for times, _ in CASES:
        moments = list(DubSchedule(times, times.duration / 3, mode))
        assert [moment.time for moment in moments] == [times[number] for number in range(len(times))]
        assert moments[-1].time + moments[-1].duration == times.duration


@pytest.mark.parametrize("mode", ["bounce", "loop", "silence"])
def test_a_longer_voice_is_heard_to_its_end(mode: SyncMode) -> None:
    for times, _ in CASES:
        voice = times.duration * Fraction(37, 10)
        assert abs(DubSchedule(times, voice, mode).duration - voice) <= times.clock


def test_a_bounce_neither_doubles_nor_leaves_out_a_frame() -> None:
    for times, voice in CASES:
        if len(times) < 2:
            continue
        numbers = [moment.number for moment in DubSchedule(times, 3 * voice + times.duration, "bounce")]
        assert all(abs(one - next_one) == 1 for one, next_one in pairwise(numbers))


def test_a_bounce_mirrors_the_times_at_its_turns() -> None:
    for times, _ in CASES:
        if len(times) < 2:
            continue
        turn = times[len(times) - 1]
        for moment in DubSchedule(times, 5 * times.duration, "bounce"):
            phase = moment.time % (2 * turn)
            assert min(phase, 2 * turn - phase) == times[moment.number]


def test_a_bounce_of_a_variable_rate() -> None:
    times = FrameTimes(np.array([0, 1, 4, 5]), 7, Fraction(1))
    shown = [(moment.number, int(moment.time)) for moment in DubSchedule(times, 16, "bounce")]
    assert shown == [(0, 0), (1, 1), (2, 4), (3, 5), (2, 6), (1, 9), (0, 10), (1, 11), (2, 14), (3, 15)]
    assert list(DubSchedule(times, 16, "bounce").runs()) == [
        FrameRun(0, 4, 1),
        FrameRun(2, 3, -1),
        FrameRun(1, 3, 1),
    ]


def test_a_loop_begins_again_after_the_last_frame_was_shown_as_long_as_in_the_source() -> None:
    for times, _ in CASES:
        for moment in DubSchedule(times, 3 * times.duration, "loop"):
            assert moment.time % times.duration == times[moment.number]


def test_cut_off_ends_with_the_shorter() -> None:
    for times, voice in CASES:
        schedule = DubSchedule(times, voice, "cut_off")
        assert schedule.duration <= times.duration
        assert (
            abs(schedule.duration - min(voice, times.duration))
            <= times.duration / (2 * len(times)) + times.clock
        )
        assert all(moment.time == times[moment.number] for moment in schedule)


def test_silence_under_a_longer_voice_holds_the_last_frame_at_the_rate_of_the_video() -> None:
    moments = list(DubSchedule(even(3, Fraction(25)), Fraction(1, 5), "silence"))
    assert [moment.number for moment in moments] == [0, 1, 2, 2, 2]
    assert {moment.duration for moment in moments} == {Fraction(1, 25)}


def test_remap_shows_every_frame_once_and_ends_with_the_voice() -> None:
    for times, voice in CASES:
        schedule = DubSchedule(times, voice, "remap")
        moments = list(schedule)
        assert [moment.number for moment in moments] == list(range(len(times)))
        assert abs(schedule.duration - voice) <= schedule.clock
        stretch = voice / times.duration
        if stretch * 600 > 1:
            near = (len(times) + 1) * schedule.clock if stretch < 1 else 2 * schedule.clock
            assert all(abs(moment.time - stretch * times[moment.number]) <= near for moment in moments)


def test_hours_of_a_bounce_are_not_kept_in_memory() -> None:
    schedule = DubSchedule(even(250, Fraction(25)), 10**9, "bounce")
    first = list(islice(schedule, 501))
    assert first[498] == ScheduledFrame(0, Fraction(498, 25), Fraction(1, 25))
    assert len(list(islice(schedule.runs(), 3))) == 3


@pytest.mark.parametrize(
    ("voice", "mode", "says"),
    [
        (0.0, None, "The voice is 0 seconds long"),
        (1.0, "stretch", '"stretch" is not a sync mode; choose one of bounce, loop'),
    ],
)
def test_what_cannot_be_scheduled_is_refused(voice: float, mode: SyncMode, says: str) -> None:
    with pytest.raises(OptionError, match=says):
        DubSchedule(even(5, Fraction(25)), voice, mode)
