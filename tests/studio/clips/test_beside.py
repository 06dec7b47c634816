"""Videos side by side: places, labels, ends and sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.errors import OptionError, VoiceError
from media.video import VideoReader
from studio.clips.beside import PAPER, beside
from studio.clips.options import BesideOptions, clip_options
from studio.settings import Settings
from tests.studio.clips.sources import bursts, frames_of, last, levels, make_video, onsets


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    """2 s of 48x32 pixels, brighter than the clock, with a tone that begins half a second later."""
    path = tmp_path_factory.mktemp("beside") / "short.mp4"
    late = np.roll(bursts(2.0), 8000)
    return make_video(path, levels((48, 32), 80, 250), seconds=2.0, sound=late)


def test_the_shorter_one_holds_its_last_frame(
    clock: Path, short: Path, tmp_path: Path, settings: Settings
) -> None:
    edited = last(beside([clock, short], tmp_path / "out.mp4", settings=settings))
    assert (edited.size, edited.frames) == ((192, 64), 75)
    assert edited.notes == ("These videos hold their last frame until 3.0 s: short.mp4 (2.0 s).",)
    pictures = frames_of(edited.path)
    for second, (left, right) in enumerate(((40, 80), (200, 250), (40, 250))):
        picture = pictures[25 * second + 12]
        assert picture[:, :90].mean() == pytest.approx(left, abs=3)
        assert picture[:, 102:].mean() == pytest.approx(right, abs=3)
    assert onsets(edited.path) == pytest.approx([1.0, 2.0], abs=0.004)


def test_all_end_with_the_shortest(clock: Path, short: Path, tmp_path: Path, settings: Settings) -> None:
    options = clip_options(BesideOptions, {"end": "shortest", "sound": 2})
    edited = last(beside([clock, short], tmp_path / "out.mp4", options, settings))
    assert edited.frames == len(frames_of(edited.path)) == 50
    assert "these are longer: clock.mp4 (3.0 s)" in edited.notes[0]
    assert onsets(edited.path) == pytest.approx([1.5], abs=0.004)


def test_no_sound_can_be_chosen(clock: Path, tmp_path: Path, settings: Settings) -> None:
    options = clip_options(BesideOptions, {"sound": 0})
    edited = last(beside([clock, clock], tmp_path / "out.mp4", options, settings))
    with pytest.raises(VoiceError):
        VideoReader(edited.path).sound()


def test_labels_stand_above_their_videos(clock: Path, tmp_path: Path, settings: Settings) -> None:
    options = clip_options(BesideOptions, {"height": 128})
    edited = last(beside([clock, clock], tmp_path / "out.mp4", options, settings, labels=["", "Zwei"]))
    picture = frames_of(edited.path)[5]
    strip = picture.shape[0] - 128
    assert strip == 20
    left, right = picture[:strip, :180].astype(int), picture[:strip, 204:].astype(int)
    assert np.abs(left - PAPER).max() < 12
    assert right.max() > 200
    assert picture[strip + 4 :, :180].mean() == pytest.approx(40, abs=3)


def test_inputs_that_do_not_fit_are_refused(clock: Path, tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(OptionError, match="1 labels for 2 videos"):
        last(beside([clock, clock], tmp_path / "out.mp4", settings=settings, labels=["one"]))
    options = clip_options(BesideOptions, {"sound": 3})
    with pytest.raises(OptionError, match="sound is 3, but there are 2 videos"):
        last(beside([clock, clock], tmp_path / "out.mp4", options, settings))
    options = clip_options(BesideOptions, {"height": 1920})
    with pytest.raises(OptionError, match="8640 pixels wide together; at most 7680"):
        last(beside([clock] * 3, tmp_path / "out.mp4", options, settings))
