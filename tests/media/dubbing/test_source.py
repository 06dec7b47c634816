"""A stranger's video becomes a source: its facts and times are exact, and it is read in both directions."""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from media.decoding.isolated import IsolatedDecoding
from media.decoding.isolated_source import IsolatedSource
from media.decoding.limits import Limits
from media.dubbing import frame_spool
from media.dubbing.facts import SourceFacts
from media.dubbing.lengths import DubSchedule, SyncMode
from media.dubbing.readers import reader_of
from media.dubbing.source import DubSource, open_source
from media.dubbing.source_reader import SourceReader
from media.dubbing.stored_picture import layout_of
from media.errors import VideoError
from tests.media.clips import trim_start
from tests.media.dubbing.videos import CHAPTERS, CUES, number_in, picture, write_video

NTSC = Fraction(30000, 1001)


@pytest.fixture(scope="module")
def decoding() -> Iterator[IsolatedDecoding]:
    decoding = IsolatedDecoding(Limits(memory_mb=600))
    yield decoding
    decoding.close()


def opened(path: Path, **limits: Any) -> DubSource:
    """Read in this process, which is quicker; one test compares it with the child."""
    return open_source(path, reader=reader_of(path), **limits)


def test_a_child_reads_as_this_process(tmp_path: Path, decoding: IsolatedDecoding) -> None:
    path = write_video(
        tmp_path / "a.mkv", pixels="yuv420p10le", subtitles="subrip", chapters=True, sounds=1, fps=NTSC
    )
    own, child = opened(path), open_source(path, reader=IsolatedSource(path, decoding))
    assert child.facts == own.facts
    for one, other in zip(own.frames(), child.frames(), strict=True):
        assert (one.number, one.time) == (other.number, other.time)
        np.testing.assert_array_equal(one.picture, other.picture)
        np.testing.assert_array_equal(one.packed, other.packed)
    assert list(child.cues(1)) == list(own.cues(1))
    assert [number_in(frame.picture) for frame, _ in child.played(DubSchedule(child.times, 1.0))] == [
        moment.number for moment in DubSchedule(own.times, 1.0)
    ]


@pytest.mark.parametrize("container", ["mp4", "mkv", "mov", "ts", "avi"])
@pytest.mark.parametrize("fps", [Fraction(24000, 1001), NTSC, Fraction(60000, 1001), Fraction(25)])
def test_a_constant_rate_is_an_exact_fraction(tmp_path: Path, container: str, fps: Fraction) -> None:
    codec = {"avi": "mpeg4"}.get(container, "libx264")
    source = opened(write_video(tmp_path / f"a.{container}", fps=fps, codec=codec, options={"bf": "0"}))
    frames = list(source.frames())
    assert source.facts.fps == fps
    assert source.facts.rate_kind == "constant"
    assert [number_in(frame.picture) for frame in frames] == list(range(12))
    assert [frame.number for frame in frames] == list(range(12))
    clock = source.facts.clock
    assert all(abs(frame.time - number / fps) <= clock for number, frame in enumerate(frames))
    assert abs(source.times.duration - 12 / fps) <= clock
    if container == "mp4":
        assert [frame.time for frame in frames] == [number / fps for number in range(12)]


def test_a_variable_rate_keeps_every_time(tmp_path: Path) -> None:
    ticks = [0, 1, 5, 9, 30, 31, 32, 50, 70]
    source = opened(write_video(tmp_path / "a.mp4", ticks=ticks, clock=Fraction(1, 600)))
    assert source.facts.fps is None
    assert source.facts.rate_kind == "variable"
    assert [frame.time * 600 for frame in source.frames()] == ticks


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_frames_are_upright_and_planes_are_as_stored(tmp_path: Path, turns: int, mirrored: bool) -> None:
    stored = [np.rot90(picture(number, (96, 64)), -turns) for number in range(3)]
    stored = [one[:, ::-1] for one in stored] if mirrored else stored
    size = stored[0].shape[1], stored[0].shape[0]
    path = write_video(
        tmp_path / "a.mov", pictures=stored, ticks=[0, 1, 2], size=size, turns=turns, mirrored=mirrored
    )
    source = opened(path)
    assert (source.size, source.facts.stored_size) == ((96, 64), size)
    assert (source.facts.quarter_turns, source.facts.mirrored) == (turns, mirrored)
    with av.open(str(path)) as file:
        assert mirrored or round(next(file.decode(video=0)).rotation / 90) % 4 == turns
    for number, frame in enumerate(source.frames()):
        assert frame.picture.shape == (64, 96, 3)
        assert np.abs(frame.picture.astype(int) - picture(number, (96, 64))).mean() < 8
        assert (frame.stored.width, frame.stored.height) == size


@pytest.mark.parametrize(
    ("pixels", "codec", "colours", "chroma", "depth", "hdr"),
    [
        ("yuv420p10le", "libx264", (9, 9, 16, 1), "4:2:0", 10, "PQ"),
        ("yuv422p10le", "libx264", (9, 9, 18, 1), "4:2:2", 10, "HLG"),
        ("yuv444p", "libx264", (1, 1, 1, 2), "4:4:4", 8, ""),
        ("yuvj420p", "mjpeg", None, "4:2:0", 8, ""),
    ],
)
def test_pixels_and_colours_are_those_of_the_file(
    tmp_path: Path,
    pixels: str,
    codec: str,
    colours: tuple[int, int, int, int] | None,
    chroma: str,
    depth: int,
    hdr: str,
) -> None:
    path = write_video(tmp_path / "a.mov", pixels=pixels, codec=codec, colours=colours, options={"crf": "4"})
    source = opened(path)
    facts = source.facts
    assert (facts.chroma, facts.depth, facts.colours.hdr) == (chroma, depth, hdr)
    if colours:
        given = facts.colours.matrix, facts.colours.primaries, facts.colours.transfer
        assert given == colours[:3]
        assert facts.colours.full_range is (colours[3] == 2)
    else:
        assert facts.colours.full_range
    layout = layout_of(facts)
    with av.open(str(path)) as file:
        for frame, decoded in zip(source.frames(), file.decode(video=0), strict=True):
            for plane, expected in zip(layout.planes(frame.stored), layout.planes(decoded), strict=True):
                np.testing.assert_array_equal(plane, expected)


def test_an_odd_size_is_read_whole(tmp_path: Path) -> None:
    source = opened(write_video(tmp_path / "a.mkv", size=(97, 63), codec="ffv1"))
    assert source.size == (97, 63)
    assert [frame.picture.shape for frame in source.frames()] == [(63, 97, 3)] * 12


@pytest.mark.parametrize("suffix", ["gif", "apng", "webp", "avif"])
def test_animated_pictures_are_sources(tmp_path: Path, suffix: str) -> None:
    from PIL import Image

    images = [Image.fromarray(picture(number, (64, 48))) for number in range(5)]
    path = tmp_path / f"a.{suffix}"
    more: dict[str, Any] = {"lossless": True} if suffix == "webp" else {}
    kind = {"apng": "PNG"}.get(suffix, suffix.upper())
    images[0].save(
        path, kind, save_all=True, append_images=images[1:], duration=[100, 40, 40, 300, 20], loop=0, **more
    )
    source = opened(path)
    frames = list(source.frames())
    assert source.facts.rate_kind == "variable"
    assert [frame.time * 1000 for frame in frames] == [0, 100, 140, 180, 480]
    assert source.times.duration == Fraction(1, 2)
    assert [number_in(frame.picture) for frame in frames] == list(range(5))
    slow, *pixels = source.notes
    assert "The video has 10.0 frames per second" in slow
    assert [("yuv420p" in note) for note in pixels] == [True] * (suffix != "avif")
    played = source.played(DubSchedule(source.times, 1.0, "bounce"))
    numbers = [number_in(frame.picture) for frame, _ in played]
    assert numbers == [moment.number for moment in DubSchedule(source.times, 1.0, "bounce")]


def test_transparent_frames_of_an_animated_picture_are_named(tmp_path: Path) -> None:
    from PIL import Image

    images = [Image.fromarray(picture(number, (64, 48))) for number in range(3)]
    images[1].putalpha(128)
    images[0].save(tmp_path / "a.webp", save_all=True, append_images=images[1:], duration=40, lossless=True)
    assert "The video has transparent parts; they are opaque in the dub." in opened(tmp_path / "a.webp").notes


def test_other_streams_are_known_with_their_times(tmp_path: Path) -> None:
    source = opened(
        write_video(
            tmp_path / "a.mp4",
            frames=30,
            subtitles="mov_text",
            chapters=True,
            sounds=2,
            metadata={"title": "A talk"},
        )
    )
    facts = source.facts
    assert [(one.codec, one.rate, one.channels) for one in facts.sounds] == [("aac", 48_000, 1)] * 2
    assert [(one.track, one.text) for one in facts.subtitles] == [(1, True)]
    assert [(one.start, one.end, one.title) for one in facts.chapters] == list(CHAPTERS)
    assert facts.metadata["title"] == "A talk"
    assert [(cue.start, cue.end) for cue in source.cues(1)] == [cue[:2] for cue in CUES]
    assert next(source.cues(1)).dialogue.split(",", 8)[8] == "First line"


@pytest.mark.parametrize("mode", ["bounce", "loop", "silence"])
@pytest.mark.parametrize("spool", [1, 30_000, 10**9])
def test_frames_play_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: SyncMode, spool: int
) -> None:
    """Also if only one frame, or a part of a group of frames, fits on the disk."""
    monkeypatch.setattr(frame_spool, "SPOOL_BYTES", spool)
    source = opened(write_video(tmp_path / "a.mp4", frames=16, gop=6, fps=NTSC))
    schedule = DubSchedule(source.times, 3 * source.times.duration, mode)
    played = list(source.played(schedule))
    assert [moment for _, moment in played] == list(schedule)
    assert [number_in(frame.picture) for frame, _ in played] == [moment.number for moment in schedule]
    assert all(frame.time == source.times[moment.number] for frame, moment in played)


@pytest.mark.parametrize(
    ("codec", "suffix", "options"),
    [
        ("libx265", "mp4", {"x265-params": "log-level=none:open-gop=1:bframes=3:keyint=5:min-keyint=5"}),
        ("libx264", "ts", {}),
        ("libvpx-vp9", "webm", {"deadline": "realtime", "cpu-used": "8"}),
        ("libx264", "mp4", {"x264-params": "interlaced=1"}),
    ],
)
def test_every_kind_of_file_is_read_backwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str, suffix: str, options: dict[str, str]
) -> None:
    """Also where the frames before a key frame need the group before it, and clocks do not begin at 0."""
    monkeypatch.setattr(frame_spool, "SPOOL_BYTES", 40_000)
    path = write_video(tmp_path / f"a.{suffix}", codec=codec, frames=16, options=options)
    source = opened(path)
    schedule = DubSchedule(source.times, 2 * source.times.duration, "bounce")
    numbers = [number_in(frame.picture) for frame, _ in source.played(schedule)]
    assert numbers == [moment.number for moment in schedule]


class Forgetful(SourceReader):
    """Lacks some frames of a video at 25 frames per second."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.forgotten: set[int] = set()

    def frames(self, facts: SourceFacts, *given: Any) -> Generator[tuple[int, np.ndarray]]:
        for tick, packed in super().frames(facts, *given):
            if round(tick * facts.clock * 25) not in self.forgotten:
                yield tick, packed


def test_frames_that_are_missing_at_the_second_reading_are_replaced(tmp_path: Path) -> None:
    reader = Forgetful(write_video(tmp_path / "a.mp4", frames=10))
    source = open_source(tmp_path / "a.mp4", reader=reader)
    schedule = DubSchedule(source.times, source.times.duration)
    reader.forgotten = {0, 4, 5, 9}
    played = list(source.played(schedule))
    assert [moment.number for _, moment in played] == list(range(10))
    assert [number_in(frame.picture) for frame, _ in played] == [1, 1, 2, 3, 3, 3, 6, 7, 8, 8]
    reader.forgotten = set(range(10))
    with pytest.raises(VideoError, match="cannot be read again from frame 0 on"):
        list(source.played(schedule))


def test_what_an_edit_list_leaves_out_is_left_out(tmp_path: Path) -> None:
    """As phones trim: the data of the first frames stays in the file."""
    path = write_video(tmp_path / "a.mp4", frames=16, gop=16)
    source = opened(trim_start(path, tmp_path / "b.mp4", 0.2))
    assert [number_in(frame.picture) for frame in source.frames()] == list(range(5, 16))
    assert source.times[1] == Fraction(1, 25)
    assert source.facts.frames == 11
    assert source.facts.fps == 25
    assert source.notes == []
    schedule = DubSchedule(source.times, 1.0, "bounce")
    numbers = [number_in(frame.picture) for frame, _ in source.played(schedule)]
    assert numbers == [moment.number + 5 for moment in schedule]


def test_a_file_without_times_is_read_at_its_rate(tmp_path: Path) -> None:
    """A raw stream of MPEG-4 in an AVI has no times where frames are reordered."""
    source = opened(write_video(tmp_path / "a.avi", codec="mpeg4", frames=14, options={"bf": "2"}))
    assert [number_in(frame.picture) for frame in source.frames()] == list(range(14))
    assert all(later > time for time, later in pairwise(source.times[n] for n in range(14)))
    schedule = DubSchedule(source.times, 1.5, "bounce")
    assert [number_in(frame.picture) for frame, _ in source.played(schedule)] == [m.number for m in schedule]


def test_an_interlaced_video_is_deinterlaced_and_that_is_said(tmp_path: Path) -> None:
    combed = []
    for number in range(8):
        one, other = picture(2 * number, (96, 64)), picture(2 * number + 1, (96, 64))
        one[1::2] = other[1::2]
        combed.append(one)
    path = write_video(
        tmp_path / "a.mp4", pictures=combed, frames=8, options={"x264-params": "interlaced=1:tff=1"}
    )
    source = opened(path)
    frames = list(source.frames())
    assert source.facts.interlaced
    assert [frame.time * 25 for frame in frames] == list(range(8))
    assert source.notes == ["The video is interlaced; it was deinterlaced, with as many frames as before."]
    comb = [np.abs(np.diff(one.astype(int), axis=0)).mean() for one in (frames[4].picture, combed[4])]
    assert comb[0] < 0.8 * comb[1]


def test_a_video_that_begins_late_is_not_called_damaged(tmp_path: Path) -> None:
    ticks = [5000 + 40 * number for number in range(12)]
    source = opened(write_video(tmp_path / "a.mkv", ticks=ticks, clock=Fraction(1, 1000), sounds=1))
    assert source.times.duration == Fraction(12, 25)
    assert source.notes == []


def test_the_transparency_of_a_webm_is_named_although_its_decoder_drops_it(tmp_path: Path) -> None:
    fast = {"deadline": "realtime", "cpu-used": "8"}
    path = write_video(tmp_path / "a.webm", codec="libvpx-vp9", pixels="yuva420p", options=fast)
    assert opened(path).notes == ["The video has transparent parts; they are opaque in the dub."]


def test_a_video_too_slow_for_lips_says_so(tmp_path: Path) -> None:
    slow = opened(write_video(tmp_path / "slow.mp4", frames=4, fps=Fraction(5, 2)))
    assert slow.notes == [
        "The video has 2.5 frames per second and keeps them, so its lips move in visible steps. From 12 on, "
        "they follow the voice."
    ]
    assert opened(write_video(tmp_path / "fast.mp4", frames=4, fps=Fraction(25, 2))).notes == []


def test_a_broken_tail_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mkv", frames=50, sounds=1)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: int(0.6 * whole.stat().st_size)])
    source = opened(cut)
    numbers = [number_in(frame.picture) for frame in source.frames()]
    assert 20 < len(numbers) < 45
    assert numbers == [number % 16 for number in range(len(numbers))]
    (note,) = source.notes
    assert note.startswith(f"The video is damaged: {len(numbers)} frames, ")
    assert note.endswith("of 2.0 s, could be read and are used.")
    assert len(list(source.played(DubSchedule(source.times, 1.0)))) == len(numbers)


def test_an_mp4_without_its_tail_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", frames=40, noise=3.0)
    early = tmp_path / "early.mp4"  # its index comes first
    with av.open(str(whole)) as given, av.open(str(early), "w", options={"movflags": "faststart"}) as made:
        stream = made.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                made.mux(packet)
    early.write_bytes(early.read_bytes()[: int(0.6 * early.stat().st_size)])
    source = opened(early)
    numbers = [number_in(frame.picture) for frame in source.frames()]
    assert len(numbers) >= source.facts.frames - 1
    assert 15 < len(numbers) < 30
    assert numbers == [number % 16 for number in range(len(numbers))]
    (note,) = source.notes
    assert note.endswith("of 1.6 s, could be read and are used.")
    whole.write_bytes(whole.read_bytes()[:-200])  # its index came last
    with pytest.raises(VideoError, match="incomplete, damaged or of an unknown kind"):
        opened(whole)


def test_damage_in_the_middle_costs_its_frames_only(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", codec="mjpeg", pixels="yuvj420p", frames=30)
    data = bytearray(path.read_bytes())
    at = [place for place in range(len(data) - 8) if data[place : place + 4] == b"00dc"]
    for place in at[8:10]:
        (size,) = struct.unpack_from("<I", data, place + 4)
        data[place + 8 : place + 8 + size] = bytes(size)
    path.write_bytes(data)
    source = opened(path)
    assert len(list(source.frames())) == 28
    assert any("28 frames" in note for note in source.notes)


def test_a_still_is_the_frame_of_its_second_and_the_last_one_after_the_end(tmp_path: Path) -> None:
    source = opened(write_video(tmp_path / "a.mp4", fps=Fraction(25)))
    for second, number in ((0.0, 0), (0.4, 10), (-1.0, 0)):
        picture, time = source.picture_at(second)
        assert number_in(picture) == number
        assert time == pytest.approx(number / 25)
    assert number_in(source.picture_at(99.0)[0]) == len(source.times) - 1
