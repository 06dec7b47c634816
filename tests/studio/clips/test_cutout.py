"""Exports without a background, with the opacity that a browser would decode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from media.errors import OptionError, PortraitError
from media.video import VideoReader
from studio.clips.export import export
from studio.clips.options import ExportOptions, clip_options
from studio.settings import Settings
from tests.studio.clips.sources import ASTRONAUT, bursts, last, make_video

GROUND = (250, 0, 0)


def decoded(path: Path) -> np.ndarray:
    """(frames, H, W, 4) uint8 RGBA. FFmpeg's own decoder of VP9 leaves the opacity out; libvpx does not."""
    import av

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        packets = [packet for packet in container.demux(stream) if packet.size]
        frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    assert {frame.format.name for frame in frames} == {"yuva420p"}
    return np.stack([np.dstack([frame.to_ndarray(format="rgb24"), opacity_of(frame)]) for frame in frames])


def opacity_of(frame: Any) -> np.ndarray:
    """(H, W) uint8 of a decoded frame."""
    plane = frame.planes[3]
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    """A person before a red wall, with a tone: 12 frames of 320x320 pixels."""
    with Image.open(ASTRONAUT) as image:
        picture = np.asarray(image.convert("RGB").resize((320, 320))).copy()
    picture[:, :40] = picture[:, -24:] = GROUND
    path = tmp_path_factory.mktemp("cutout") / "person.mp4"
    return make_video(path, lambda _: picture, seconds=1.2, fps=10, sound=bursts(1.2))


def test_only_the_person_is_left_and_no_colour_of_the_background(
    person: Path, tmp_path: Path, settings: Settings
) -> None:
    options = clip_options(ExportOptions, {"background": "transparent"})
    edited = last(export(person, tmp_path / "out.webm", options, settings))
    pictures = decoded(edited.path)
    assert pictures.shape == (12, 320, 320, 4)
    corner, face = pictures[:, :60, :24], pictures[:, 50:75, 130:160]
    assert corner[..., 3].max() <= 8
    assert face[..., 3].min() >= 247
    clear = pictures[pictures[..., 3] == 0].astype(int)
    assert (np.abs(clear[:, :3] - GROUND).max(axis=1) > 60).all()
    shown = pictures[:, 50:75, 130:160, :3].astype(int)
    before = next(iter(VideoReader(person)))[50:75, 130:160].astype(int)
    assert np.abs(shown.mean(axis=(0, 1, 2)) - before.mean(axis=(0, 1))).max() < 4
    assert len(np.concatenate(list(VideoReader(edited.path).sound()[1]))) > 0


def test_a_border_is_transparent_and_subtitles_are_not(
    person: Path, tmp_path: Path, settings: Settings
) -> None:
    subtitles = tmp_path / "talk.srt"
    subtitles.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello you there\n")
    options = clip_options(
        ExportOptions, {"background": "transparent", "shape": "vertical", "width": 180, "fit": "blur"}
    )
    edited = last(export(person, tmp_path / "out.webm", options, settings, subtitles=subtitles))
    opacity = decoded(edited.path)[4, :, :, 3]
    assert opacity.shape == (320, 180)
    assert opacity[:60].max() <= 8
    assert opacity[-16:].max() <= 8
    below = opacity[260:-16]  # the frame ends at row 250
    assert below.max() > 240
    assert (below > 128).mean() < 0.5


@pytest.mark.parametrize("ending", ["mp4", "gif"])
def test_other_file_types_are_refused(person: Path, tmp_path: Path, settings: Settings, ending: str) -> None:
    options = clip_options(ExportOptions, {"background": "transparent"})
    with pytest.raises(OptionError, match=r"Only a \.webm file can have a transparent background"):
        list(export(person, tmp_path / f"out.{ending}", options, settings))
    assert list(tmp_path.iterdir()) == []


def test_a_video_without_a_person_is_refused(clock: Path, tmp_path: Path, settings: Settings) -> None:
    options = clip_options(ExportOptions, {"background": "transparent"})
    with pytest.raises(PortraitError, match="recognized as a person"):
        list(export(clock, tmp_path / "out.webm", options, settings))
    assert list(tmp_path.iterdir()) == []
