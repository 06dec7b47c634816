"""The file of a dub has the source's times, pixels, colours and streams; only patches and voice are new."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from media.dubbing.decoded_frame import DecodedFrame
from media.dubbing.lengths import DubSchedule, SyncMode
from media.dubbing.source import DubSource
from media.dubbing.stored_picture import layout_of
from media.dubbing.values import PaintedPatch
from media.dubbing.writer import DubWriter
from media.errors import OutputError
from media.video import VideoReader
from tests.media.dubbing.dubbed import Voice, again, dub
from tests.media.dubbing.videos import number_in, picture, write_video

NTSC = Fraction(30000, 1001)
LEAST = 45.0
"""dB outside of what is painted."""


def times_of(path: Path) -> list[Fraction]:
    """When each frame of a file is shown, in seconds from the first, and when the last one ends."""
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        shown = sorted((one.pts, one.duration) for one in file.demux(stream) if one.pts is not None)
        clock = stream.time_base
    assert clock is not None
    return [Fraction(pts - shown[0][0]) * clock for pts, _ in (*shown, (sum(shown[-1]), 0))]


def psnr(one: DubSource, other: DubSource) -> float:
    """The smallest PSNR of a plane of a frame, in dB."""
    layout = layout_of(one.facts)
    least = 999.0
    for frame, same in zip(one.frames(), other.frames(), strict=True):
        made = layout_of(other.facts).planes(same.stored)
        for plane, coded in zip(layout.planes(frame.stored), made, strict=True):
            error = ((plane.astype(float) - coded[: plane.shape[0], : plane.shape[1]]) ** 2).mean()
            least = min(least, 10 * np.log10(((1 << layout.depth) - 1) ** 2 / max(error, 1e-9)))
    return least


@pytest.mark.parametrize("container", ["mp4", "mov", "mkv"])
@pytest.mark.parametrize("fps", [Fraction(24000, 1001), NTSC, Fraction(60000, 1001), Fraction(25)])
def test_frames_and_times_are_those_of_the_source(tmp_path: Path, container: str, fps: Fraction) -> None:
    path = write_video(tmp_path / f"in.{container}", fps=fps)
    source, _, writer = dub(path, tmp_path / f"out.{container}")
    expected = [source.times[number] for number in range(12)] + [source.times.duration]
    made = times_of(tmp_path / f"out.{container}")
    assert made[:-1] == expected[:-1]
    assert container == "mkv" or made[-1] == expected[-1]
    dubbed = again(tmp_path / f"out.{container}")
    assert dubbed.facts.fps == fps
    assert [number_in(frame.picture) for frame in dubbed.frames()] == list(range(12))
    assert writer.notes == ()


def test_a_variable_rate_is_kept(tmp_path: Path) -> None:
    ticks = [0, 1, 5, 9, 30, 31, 32, 50, 70, 110]
    path = write_video(tmp_path / "in.mp4", ticks=ticks, clock=Fraction(1, 600))
    source, _, _ = dub(path, tmp_path / "out.mp4")
    assert times_of(tmp_path / "out.mp4") == [Fraction(tick, 600) for tick in ticks] + [source.times.duration]
    _, _, writer = dub(path, tmp_path / "out.mkv")
    assert writer.notes == (
        "Matroska rounds times to milliseconds. Choose .mp4 to keep those of the video exactly.",
    )


@pytest.mark.parametrize("mode", ["bounce", "loop", "silence", "cut_off", "remap"])
@pytest.mark.parametrize("seconds", [0.2, 1.25])
def test_every_sync_mode_is_written_as_scheduled(tmp_path: Path, mode: SyncMode, seconds: float) -> None:
    path = write_video(tmp_path / "in.mp4", fps=NTSC, gop=5, subtitles="mov_text", chapters=True)
    _, schedule, _ = dub(path, tmp_path / "out.mp4", seconds, mode)
    assert times_of(tmp_path / "out.mp4") == [moment.time for moment in schedule] + [schedule.duration]
    numbers = [number_in(frame.picture) for frame in again(tmp_path / "out.mp4").frames()]
    assert numbers == [moment.number for moment in schedule]
    with av.open(str(tmp_path / "out.mp4")) as file:
        heard = sum(frame.samples for frame in file.decode(audio=0)) / 24_000
    assert heard == pytest.approx(float(schedule.duration), abs=0.05)


@pytest.mark.parametrize(
    ("pixels", "codec", "colours", "coded"),
    [
        ("yuv420p", "libx264", (1, 1, 1, 1), "h264"),
        ("yuv420p", "libx264", (5, 6, 6, 2), "h264"),
        ("yuv420p", "libx264", None, "h264"),
        ("yuv422p", "libx264", (1, 1, 1, 1), "h264"),
        ("yuv444p", "libx264", (1, 1, 1, 1), "h264"),
        ("yuv420p10le", "libx265", (9, 9, 16, 1), "hevc"),
        ("yuv422p10le", "libx264", (9, 9, 18, 1), "h264"),
        ("yuv420p12le", "libx265", (9, 9, 16, 1), "hevc"),
    ],
)
def test_pixels_and_colours_are_kept_above_45_db(
    tmp_path: Path, pixels: str, codec: str, colours: tuple[int, int, int, int] | None, coded: str
) -> None:
    quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    path = write_video(
        tmp_path / "in.mp4", pixels=pixels, codec=codec, colours=colours, options=quiet, noise=6.0
    )
    source, _, _ = dub(path, tmp_path / "out.mp4")
    dubbed = again(tmp_path / "out.mp4")
    assert (dubbed.facts.codec, dubbed.facts.stored) == (coded, pixels)
    assert dubbed.facts.colours == source.facts.colours
    assert psnr(source, dubbed) >= LEAST


@pytest.mark.parametrize("pixels", ["yuv420p10le", "yuv422p10le"])
def test_the_light_that_an_hdr_video_was_graded_for_is_kept(tmp_path: Path, pixels: str) -> None:
    display = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
    options = {"x265-params": f"log-level=none:master-display={display}:max-cll=1000,400"}
    path = write_video(
        tmp_path / "in.mp4", codec="libx265", pixels=pixels, colours=(9, 9, 16, 1), options=options
    )
    source, _, _ = dub(path, tmp_path / "out.mp4")
    light = (13250, 34500, 7500, 3000, 34000, 16000, 15635, 16450, 10_000_000, 50)
    assert source.facts.hdr.display == light
    assert source.facts.hdr.levels == (1000, 400)
    assert again(tmp_path / "out.mp4").facts.hdr == source.facts.hdr


def test_pure_noise_is_kept_above_45_db(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    noise = [rng.integers(0, 256, (96, 128, 3)).astype(np.uint8) for _ in range(6)]
    path = write_video(
        tmp_path / "in.mkv", pictures=noise, frames=6, size=(128, 96), codec="ffv1", options={"crf": "0"}
    )
    source, _, _ = dub(path, tmp_path / "out.mp4")
    assert psnr(source, again(tmp_path / "out.mp4")) >= LEAST


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_patch_lands_upright_and_changes_nothing_else(tmp_path: Path, turns: int, mirrored: bool) -> None:
    stored = [np.rot90(picture(number, (96, 64)), -turns) for number in range(3)]
    stored = [one[:, ::-1] for one in stored] if mirrored else stored
    size = stored[0].shape[1], stored[0].shape[0]
    path = write_video(
        tmp_path / "in.mp4", pictures=stored, ticks=[0, 1, 2], size=size, turns=turns, mirrored=mirrored
    )
    alpha = np.zeros((20, 30), np.float32)
    alpha[4:-4, 4:-4] = 1

    def red(frame: DecodedFrame) -> list[PaintedPatch]:
        return [PaintedPatch(51, 31, np.full((20, 30, 3), (200, 30, 40), np.uint8), alpha)]

    source, _, writer = dub(path, tmp_path / "out.mp4", paint=red)
    dubbed = again(tmp_path / "out.mp4")
    assert (dubbed.facts.quarter_turns, dubbed.facts.mirrored) == (turns, mirrored)
    assert dubbed.size == writer.size == (96, 64)
    painted = np.zeros((64, 96), bool)
    painted[35:47, 55:77] = True
    near = np.zeros((64, 96), bool)
    near[33:49, 53:79] = True  # chroma samples at the rim
    for frame, same in zip(source.frames(), dubbed.frames(), strict=True):
        inner = same.picture[37:45, 57:75].reshape(-1, 3).mean(0)
        assert np.abs(inner - (200, 30, 40)).max() < 6
        outside = np.abs(frame.picture.astype(int) - same.picture)[~near]
        assert outside.mean() < 1.5


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p10le", "yuv444p"])
def test_planes_stay_bit_for_bit_where_nothing_is_painted(tmp_path: Path, pixels: str) -> None:
    from media.dubbing.blending import PatchBlender

    source = again(write_video(tmp_path / "in.mp4", pixels=pixels, frames=2))
    layout, blender = layout_of(source.facts), PatchBlender(source.facts)
    frame = next(source.frames())
    picture = frame.picture
    alpha = np.zeros((16, 16), np.float32)
    alpha[6:11, 5:10] = np.linspace(0.2, 1, 25).reshape(5, 5)
    before = [plane.copy() for plane in layout.planes(frame.stored)]
    planes = layout.planes(frame.stored)

    blender.blend(planes, picture, [PaintedPatch(10, 12, picture[12:28, 10:26], alpha)])
    for plane, same in zip(planes, before, strict=True):  # painted as it was
        np.testing.assert_array_equal(plane, same)

    blender.blend(planes, picture, [PaintedPatch(10, 12, np.full((16, 16, 3), 255, np.uint8), alpha)])
    where = np.zeros(before[0].shape, bool)
    where[18:23, 15:20] = True
    np.testing.assert_array_equal(planes[0] != before[0], where)
    across, down = layout.steps
    cells = np.zeros(before[1].shape, bool)
    cells[18 // down : -(-23 // down), 15 // across : -(-20 // across)] = True
    for plane, same in zip(planes[1:], before[1:], strict=True):
        np.testing.assert_array_equal(plane[~cells], same[~cells])

    outside = [PaintedPatch(x, y, np.zeros((9, 9, 3), np.uint8), np.ones((9, 9), np.float32)) for x, y in
               ((-20, 3), (96, 0), (5, 64))]  # fmt: skip
    before = [plane.copy() for plane in planes]
    blender.blend(planes, picture, outside)
    for plane, same in zip(planes, before, strict=True):
        np.testing.assert_array_equal(plane, same)


def test_a_patch_over_the_edge_is_cut(tmp_path: Path) -> None:
    def white(frame: DecodedFrame) -> list[PaintedPatch]:
        return [PaintedPatch(x, y, np.full((20, 20, 3), 235, np.uint8), np.ones((20, 20), np.float32))
                for x, y in ((-10, -10), (86, 54))]  # fmt: skip

    dub(write_video(tmp_path / "in.mp4"), tmp_path / "out.mp4", paint=white)
    for frame in again(tmp_path / "out.mp4").frames():
        for corner in (frame.picture[1:8, 1:8], frame.picture[57:63, 89:95]):
            assert np.abs(corner.astype(int) - 235).mean() < 6


def test_odd_sides_are_filled_and_that_is_said(tmp_path: Path) -> None:
    path = write_video(tmp_path / "in.mkv", size=(97, 63), codec="ffv1")
    source, _, writer = dub(path, tmp_path / "out.mp4")
    dubbed = again(tmp_path / "out.mp4")
    assert dubbed.size == writer.size == (98, 64)
    assert psnr(source, dubbed) >= LEAST
    assert writer.notes == (
        "The video has odd sides (97x63 pixels); in the dub, its last row or column is repeated: 98x64.",
    )


def test_the_voice_keeps_its_rate_and_its_loudness(tmp_path: Path) -> None:
    path = write_video(tmp_path / "in.mp4", frames=50, sounds=1)
    dub(path, tmp_path / "out.mp4", 1.0)
    rate, samples = VideoReader(tmp_path / "out.mp4").read_sound()
    given = Voice(1.0).samples[:, 0]
    assert rate == 24_000
    assert len(samples) / rate == pytest.approx(2.0, abs=0.05)
    loudness = [np.sqrt((part[4000:20_000] ** 2).mean()) for part in (samples, given)]
    assert loudness[0] == pytest.approx(loudness[1], rel=0.02)
    assert np.abs(samples[25_000:47_000]).max() < 1e-3


def test_an_animated_picture_becomes_a_video(tmp_path: Path) -> None:
    from PIL import Image

    images = [Image.fromarray(picture(number, (65, 48))) for number in range(5)]
    lasting = [100, 40, 40, 300, 20]
    images[0].save(tmp_path / "in.gif", save_all=True, append_images=images[1:], duration=lasting)
    dub(tmp_path / "in.gif", tmp_path / "out.mp4")
    assert [time * 1000 for time in times_of(tmp_path / "out.mp4")] == [0, 100, 140, 180, 480, 500]
    dubbed = again(tmp_path / "out.mp4")
    assert [number_in(frame.picture) for frame in dubbed.frames()] == list(range(5))
    assert (dubbed.facts.pixel_format, dubbed.size) == ("yuv420p", (66, 48))


def test_what_fails_leaves_no_file(tmp_path: Path) -> None:
    path = write_video(tmp_path / "in.mp4")
    with pytest.raises(OutputError, match=r'A dub is written as \.mp4, .*, not as "out\.gif"'):
        dub(path, tmp_path / "out.gif")
    source = again(path)
    schedule = DubSchedule(source.times, 1.0)
    writer = DubWriter(tmp_path / "out.mp4", source, schedule, Voice(1.0))
    with pytest.raises(KeyError), writer:  # noqa: PT012
        for frame, moment in source.played(schedule):
            writer.write(frame, moment)
            if moment.number == 3:
                raise KeyError
    with (
        pytest.raises(OutputError, match="No frame was written"),
        DubWriter(tmp_path / "out.mp4", source, schedule, Voice(1.0)),
    ):
        pass
    wrong = [PaintedPatch(0, 0, np.zeros((4, 4, 3), np.uint8), np.zeros((5, 5), np.float32))]
    with pytest.raises(ValueError, match="a patch has pixels"):
        dub(path, tmp_path / "out.mp4", paint=lambda _: wrong)
    assert [one.name for one in tmp_path.iterdir()] == ["in.mp4"]
