"""What cannot be a source is refused with its reason: other files, limits, damage, and decoders that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from media.decoding.isolated import IsolatedDecoding
from media.decoding.isolated_source import IsolatedSource
from media.decoding.limits import Limits
from media.dubbing.facts import SourceFacts
from media.dubbing.readers import reader_of
from media.dubbing.source import DubSource, open_source
from media.dubbing.source_reader import SourceReader
from media.errors import VideoError
from media.video_writer import VideoWriter
from tests.media.conftest import tone, write_wav
from tests.media.dubbing.videos import picture, write_video


def opened(path: Path, **limits: Any) -> DubSource:
    """Read in this process, which is quicker."""
    return open_source(path, reader=reader_of(path), **limits)


def test_a_voice_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r'no frames in "a\.wav", only sound\. .*as the voice'):
        opened(write_wav(tmp_path / "a.wav", tone(1.0, 16_000), 16_000))


def test_a_single_frame_is_a_portrait(tmp_path: Path) -> None:
    from PIL import Image

    for name in ("a.png", "a.jpg", "a.bmp"):
        Image.fromarray(picture(0, (64, 64))).save(tmp_path / name)
    with VideoWriter(tmp_path / "one.mp4", (64, 64), 25) as writer:
        writer.write(picture(0, (64, 64))[None])
    for name in ("a.png", "a.jpg", "a.bmp", "one.mp4"):
        with pytest.raises(VideoError, match=r"has 1 frame; at least 2 are needed\. .*as a portrait"):
            opened(tmp_path / name)


def test_a_kind_of_file_that_is_not_admitted_is_unknown(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mxf", codec="mpeg2video", options={"qscale": "2"})
    with pytest.raises(VideoError, match=r'"a\.mxf" is incomplete, damaged or of an unknown kind\. .*as MP4'):
        opened(path)


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"longest": 0.4}, "is 0 s long; at most 0 s are allowed"),
        ({"most_pixels": 5000}, r"has 96x64 = 0\.0 million pixels; at most 0\.0 million"),
    ],
)
def test_a_video_over_a_limit_is_refused(tmp_path: Path, limits: dict[str, Any], says: str) -> None:
    with pytest.raises(VideoError, match=says):
        opened(write_video(tmp_path / "a.mp4"), **limits)


class Modest(SourceReader):
    """Finds less in a file's header than there is."""

    def facts(self, alive: Callable[[], None] = lambda: None) -> SourceFacts:
        return super().facts(alive).model_copy(update={"duration": Fraction(1, 2)})


def test_a_video_that_is_longer_than_its_header_says_is_refused_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(tmp_path / "a.mp4", frames=60)
    source = open_source(path, longest=1.0, reader=Modest(path))
    with pytest.raises(VideoError, match="at most 1 s are allowed"):
        list(source.frames())
    source = opened(path)
    monkeypatch.setattr("media.dubbing.source.MOST_FRAMES", 5)
    for read in (lambda: list(source.frames()), lambda: opened(path)):
        with pytest.raises(VideoError, match="has more than 2000000 frames"):
            read()


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "a.mp4"
    text.write_text("This is no video.")
    with pytest.raises(VideoError, match=r'"a\.mp4" is incomplete, damaged or of an unknown kind'):
        opened(text)
    with pytest.raises(VideoError, match=r'"b\.mp4" cannot be read \(No such file'):
        opened(tmp_path / "b.mp4")
    tiny = write_video(tmp_path / "tiny.mp4", size=(16, 8))
    with pytest.raises(VideoError, match="has 16x8 pixels; each side needs at least 16"):
        opened(tiny)


def test_an_encrypted_video_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"encv"))
    with pytest.raises(VideoError, match=r"it is an encrypted track \(DRM\)\. Use a copy without"):
        opened(path)


@pytest.fixture(scope="module")
def clumsy() -> Iterator[IsolatedDecoding]:
    """Reads in children that do what their file says."""
    decoding = IsolatedDecoding(Limits(memory_mb=600), "tests.media.decoding.clumsy_work")
    yield decoding
    decoding.close()


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("crash", r"the decoder crashed \(signal 11\)"),
        ("grow", "it needs more than 600 MB of memory"),
        ("no source", r"the decoder's answer has \d+ errors"),
        ("huge source", r"the decoder's answer has \d+ errors"),
        ("other", "the decoder gave an unexpected answer"),
    ],
)
def test_a_child_that_fails_is_an_error_of_the_file(
    tmp_path: Path, clumsy: IsolatedDecoding, does: str, says: str
) -> None:
    path = tmp_path / "video.mp4"
    path.write_text(does)
    with pytest.raises(VideoError, match=says):
        open_source(path, reader=IsolatedSource(path, clumsy))


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("short frame", "5 bytes, which are not a frame"),
        ("no tick", "5 bytes, which are not a frame"),
        ("crash", r"crashed \(signal 11\)"),
    ],
)
def test_a_child_that_fails_later_is_one_too(
    tmp_path: Path, clumsy: IsolatedDecoding, does: str, says: str
) -> None:
    path = write_video(tmp_path / "video.mp4", subtitles="mov_text")
    source = open_source(path, reader=IsolatedSource(path, clumsy))
    path.write_text(does)
    with pytest.raises(VideoError, match=says):
        list(source.frames())
    path.write_text("no line")
    with pytest.raises(VideoError, match="answer has 1 errors"):
        list(source.cues(1))

    path.write_text("crash")
    clumsy = IsolatedDecoding(Limits(memory_mb=600), "tests.media.decoding.clumsy_work")
    try:
        with pytest.raises(VideoError, match=r"the decoder crashed \(signal 11\)"):
            open_source(path, reader=IsolatedSource(path, clumsy))
    finally:
        clumsy.close()
