"""One video in other shapes and file types, decoded again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media.errors import InputError, OptionError, OutputError, VoiceError
from media.faces import default_detector
from media.video import VideoReader
from studio.clips.export import export
from studio.clips.options import ExportOptions, clip_options
from studio.settings import Settings
from tests.studio.clips.sources import bursts, changes, face_at, frames_of, last, levels, make_video, onsets

FRAME = 0.041


def near(found: Sequence[float], wanted: Sequence[float], within: float) -> bool:
    return len(found) == len(wanted) and np.allclose(found, wanted, rtol=0, atol=within)


@pytest.mark.parametrize("ending", ["mp4", "webm"])
def test_frames_and_sound_stay_where_they_are(
    clock: Path, tmp_path: Path, settings: Settings, ending: str
) -> None:
    edited = last(export(clock, tmp_path / f"out.{ending}", settings=settings))
    assert (edited.size, edited.fps, edited.frames, edited.duration) == ((96, 64), 25, 75, 3.0)
    reader = VideoReader(edited.path)
    assert len(list(reader)) == 75
    assert reader.size == (96, 64)
    assert near(changes(edited.path), [1.0, 2.0], FRAME / 10)
    assert near(onsets(edited.path), [1.0, 2.0], 0.004)
    assert edited.bytes == edited.path.stat().st_size


def test_colours_stay_what_they_are_in_hd(tmp_path: Path, settings: Settings) -> None:
    skin = np.full((720, 1280, 3), (200, 140, 120), np.uint8)
    source = make_video(tmp_path / "skin.mp4", lambda _: skin, seconds=0.2)
    edited = last(export(source, tmp_path / "out.mp4", settings=settings))
    assert np.abs(frames_of(edited.path)[0].astype(int) - skin).max() <= 2


@pytest.mark.parametrize(("shape", "size"), [("vertical", (180, 320)), ("square", (180, 180))])
def test_a_crop_holds_the_face(
    wide: Path, tmp_path: Path, settings: Settings, shape: str, size: tuple[int, int]
) -> None:
    options = clip_options(ExportOptions, {"shape": shape, "width": 180})
    edited = last(export(wide, tmp_path / "out.mp4", options, settings))
    assert edited.size == size
    assert edited.notes == ()
    pictures = frames_of(edited.path)
    assert pictures.shape[1:3] == size[::-1]
    for picture in pictures[::13]:
        face = default_detector().detect(picture)[0]
        assert 0.25 * size[0] < (face.box[0] + face.box[2]) / 2 < 0.75 * size[0]
        assert face.box[0] > 0
        assert face.box[2] < size[0]
        assert face.box[1] > 0
        assert face.box[3] < size[1]


def test_a_head_that_moves_too_far_for_the_crop_is_shown_whole(tmp_path: Path, settings: Settings) -> None:
    def walking(time: float) -> np.ndarray:
        return face_at((480, 240), int(150 * time), 180)(0.0)

    source = make_video(tmp_path / "walking.mp4", walking, seconds=1.6)
    options = clip_options(ExportOptions, {"shape": "vertical", "width": 180})
    edited = last(export(source, tmp_path / "out.mp4", options, settings))
    assert "the crop has 135x240" in edited.notes[0]
    picture = frames_of(edited.path)[0].astype(int)
    corner = picture[116:119, 0:4].mean(axis=(0, 1))  # the source's red corner, at 3/8 of its size
    assert corner[0] > 180
    assert corner[1] < 80


def test_without_a_face_the_whole_frame_is_shown(clock: Path, tmp_path: Path, settings: Settings) -> None:
    options = clip_options(ExportOptions, {"shape": "square", "width": 64})
    edited = last(export(clock, tmp_path / "out.mp4", options, settings))
    assert "No face was found in 6 frames of clock.mp4" in edited.notes[0]


def test_a_plain_border_has_its_colour(clock: Path, tmp_path: Path, settings: Settings) -> None:
    options = clip_options(
        ExportOptions, {"shape": "vertical", "width": 90, "fit": "plain", "border": "#2040a0"}
    )
    edited = last(export(clock, tmp_path / "out.mp4", options, settings))
    picture = frames_of(edited.path)[30].astype(int)
    assert picture.shape == (160, 90, 3)
    assert np.abs(picture[10, 45] - (0x20, 0x40, 0xA0)).max() <= 4
    assert np.abs(picture[80, 45] - 200).max() <= 4


def test_a_blurred_border_is_darker_than_the_video(clock: Path, tmp_path: Path, settings: Settings) -> None:
    options = clip_options(ExportOptions, {"shape": "vertical", "width": 90, "fit": "blur"})
    picture = frames_of(last(export(clock, tmp_path / "out.mp4", options, settings)).path)[30].astype(int)
    assert np.abs(picture[80, 45] - 200).max() <= 4
    assert np.abs(picture[10, 45] - 110).max() <= 4


def test_a_gif_loops_and_keeps_its_time(clock: Path, tmp_path: Path, settings: Settings) -> None:
    edited = last(export(clock, tmp_path / "out.gif", settings=settings))
    assert (edited.fps, edited.frames, edited.size) == (12, 36, (96, 64))
    with Image.open(edited.path) as gif:
        assert gif.info["loop"] == 0
        spent, bright = 0.0, []
        for number in range(gif.n_frames):
            gif.seek(number)
            bright.append((spent, np.asarray(gif.convert("L")).mean() > 120))
            spent += gif.info["duration"] / 1000
    assert spent == pytest.approx(3.0, abs=0.02)
    turned = [time for (time, now), (_, before) in zip(bright[1:], bright, strict=False) if now != before]
    assert near(turned, [1.0, 2.0], 0.05)


def test_a_gif_of_a_still_background_is_small(wide: Path, tmp_path: Path, settings: Settings) -> None:
    noise = np.random.default_rng(1)

    def grainy(time: float) -> np.ndarray:
        picture = face_at((320, 240), 90, 140)(time).astype(int)
        return np.clip(picture + noise.integers(-3, 4, picture.shape), 0, 255).astype(np.uint8)

    source = make_video(tmp_path / "grainy.mp4", grainy, seconds=2.0)
    edited = last(export(source, tmp_path / "out.gif", settings=settings))
    whole = 320 * 240 * edited.frames
    assert edited.bytes < 0.2 * whole


def test_a_video_without_sound_stays_silent(tmp_path: Path, settings: Settings) -> None:
    source = make_video(tmp_path / "silent.mp4", levels((64, 64)), seconds=0.5)
    edited = last(export(source, tmp_path / "out.webm", settings=settings))
    assert len(frames_of(edited.path)) == edited.frames
    with pytest.raises(VoiceError):
        VideoReader(edited.path).sound()


def test_stereo_stays_stereo(tmp_path: Path, settings: Settings) -> None:
    tone = bursts(2.0)
    left_only = np.stack([tone, 0 * tone], axis=1)
    source = make_video(tmp_path / "stereo.mp4", levels((64, 64)), seconds=2.0, sound=left_only)
    edited = last(export(source, tmp_path / "out.mp4", settings=settings))
    about, blocks = VideoReader(edited.path).sound()
    samples = np.concatenate(list(blocks))
    assert about.channels == 2
    assert np.abs(samples[:, 0]).max() > 0.4
    assert np.abs(samples[:, 1]).max() < 0.02


def test_a_rate_can_be_chosen(clock: Path, tmp_path: Path, settings: Settings) -> None:
    options = clip_options(ExportOptions, {"fps": 50})
    edited = last(export(clock, tmp_path / "out.mp4", options, settings))
    assert edited.frames == len(frames_of(edited.path)) == 150
    assert near(changes(edited.path), [1.0, 2.0], FRAME / 10)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"width": 20}, "The option width is 20, but takes 64 to 2160"),
        ({"width": 9000}, "takes 0 to 2160"),
        ({"fps": 90}, "takes 0 to 60"),
        ({"shape": "round"}, "original or vertical or square"),
        ({"border": "red"}, "The option border"),
        ({"depth": 1}, "depth"),
    ],
)
def test_options_out_of_range_are_refused_with_the_range(values: dict[str, object], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        clip_options(ExportOptions, values)


def test_an_unwritable_output_is_refused_before_any_work(
    clock: Path, tmp_path: Path, settings: Settings
) -> None:
    for target, kind, said in (
        (tmp_path / "out.avi", OutputError, ".mp4, .webm or .gif"),
        (clock, OutputError, "the video itself"),
        (tmp_path / "no" / "out.mp4", OutputError, "no folder"),
    ):
        with pytest.raises(kind, match=said):
            next(export(clock, target, settings=settings))
    with pytest.raises(InputError, match="There is no video"):
        last(export(tmp_path / "none.mp4", tmp_path / "out.mp4", settings=settings))
    fast = clip_options(ExportOptions, {"fps": 50})
    with pytest.raises(OptionError, match="at most 25 frames per second, not 50"):
        last(export(clock, tmp_path / "out.gif", fast, settings))
    assert list(tmp_path.iterdir()) == []


def test_a_long_gif_is_refused(tmp_path: Path, settings: Settings) -> None:
    source = make_video(tmp_path / "long.mp4", levels((64, 64)), seconds=61, fps=12)
    with pytest.raises(OptionError, match=r"lasts 61\.0 s, and a GIF at most 60 s"):
        last(export(source, tmp_path / "out.gif", settings=settings))
    assert [path.name for path in tmp_path.iterdir()] == ["long.mp4"]
