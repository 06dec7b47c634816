"""Visitors' exports: limited, private, and deleted with their video."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import pytest

from media.errors import InputError, LineFull
from media.performance.formats import format_named
from media.performance.reading import read_performance
from studio.clips.options import ExportOptions, clip_options
from studio.events import Finished, Result
from studio.gallery.export_bounds import check_bounds
from studio.gallery.exported_curves import curves_of, export_curves
from studio.gallery.exports import (
    FOLDER,
    ExportRequest,
    export_video,
    exports_folder,
    exports_size,
    find_export,
    list_exports,
)
from studio.gallery.found_videos import found_videos
from studio.gallery.videos import Gallery
from studio.job import Job
from studio.retention import sweep_finished
from studio.run import run
from studio.settings import Settings
from tests.fake_engine import FakeWorld

OWNER = "owner"
SQUARE = ExportRequest(clip_options(ExportOptions, {"shape": "square", "width": 64, "fit": "plain"}), "gif")


@pytest.fixture
def made(world: FakeWorld, portrait_file: Path, voice_file: Path, settings: Settings) -> Result:
    """A finished video of a visitor."""
    *_, last = run(Job(engine="fake", portrait=portrait_file, voice=voice_file), settings, owner=OWNER)
    assert isinstance(last, Finished)
    return last.result


def test_an_export_lies_beside_its_video_and_goes_with_it(made: Result, settings: Settings) -> None:
    list(export_video(made, SQUARE, settings))
    (path,) = list_exports(made.path)
    assert path == settings.outputs.resolve() / FOLDER / made.job_id / "joystudio-face-seed0-square.gif"
    assert find_export(made.path, path.name) == path
    assert exports_size(made.path) == path.stat().st_size > 0
    for name in ("other.gif", "../" + path.name, "", "a" * 5000, "a\0b"):
        with pytest.raises(InputError):
            find_export(made.path, name)
    Gallery(OWNER, settings).delete(made.job_id)
    assert not path.exists()
    assert list_exports(made.path) == []


@pytest.mark.parametrize("name", ["live-link-face", "moho"])
def test_curves_lie_among_the_exports(made: Result, settings: Settings, name: str) -> None:
    kind = format_named(name)
    assert list(export_curves(made, kind, settings))[-1] == 1
    (path,) = list_exports(made.path)
    assert path.name == f"joystudio-face-seed0.{kind.mark}{kind.ending}"
    assert find_export(made.path, path.name) == path
    assert abs(read_performance(path).duration - made.duration) < 0.05
    wish = curves_of(dataclasses.replace(made, engine="preview", options={"smoothing": 0.7}, fps=12), kind)
    assert wish.options.smoothing == 0.7
    assert wish.fps == (12 if name == "live-link-face" else 24)
    Gallery(OWNER, settings).delete(made.job_id)
    assert not path.exists()


def test_a_video_that_followed_a_performance_gives_no_curves_of_its_voice(
    made: Result, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = SimpleNamespace(facts={"performance": {"sha256": "0" * 64}})
    monkeypatch.setattr("studio.gallery.exported_curves.inspect_video", lambda path: facts)
    with pytest.raises(InputError, match="follows a recorded performance"):
        list(export_curves(made, format_named("moho"), settings))
    assert list_exports(made.path) == []


def test_an_export_of_a_video_that_is_deleted_meanwhile_is_removed(made: Result, settings: Settings) -> None:
    events = export_video(made, SQUARE, settings)
    next(events)
    made.path.unlink()
    with pytest.raises(InputError):
        list(events)
    assert list_exports(made.path) == []


def test_too_long_videos_and_too_much_in_all_are_refused(made: Result, settings: Settings) -> None:
    gallery = Gallery(OWNER, settings)
    check_bounds(gallery, made)
    long = dataclasses.replace(made, duration=180.5)
    with pytest.raises(InputError, match=r"lasts 180\.5 s, and this page exports at most 180 s"):
        check_bounds(gallery, long)
    folder = exports_folder(made.path)
    assert folder is not None
    folder.mkdir(parents=True)
    with (folder / "large.mp4").open("wb") as file:
        file.truncate(1_000_001)
    small = settings.model_copy(update={"export_mb": 1})
    with pytest.raises(LineFull, match="take 1 MB; at most 1 MB are kept for one visitor"):
        check_bounds(Gallery(OWNER, small), made)
    check_bounds(Gallery("other", small), made)


def test_exports_count_where_room_is_short_and_orphans_go(made: Result, settings: Settings) -> None:
    folder = exports_folder(made.path)
    assert folder is not None
    folder.mkdir(parents=True)
    with (folder / "large.webm").open("wb") as file:
        file.truncate(3_000_000)
    orphan = folder.parent / ("0" * 16)
    orphan.mkdir()
    (orphan / "old.gif").write_bytes(b"GIF89a")
    bounded = settings.model_copy(update={"keep_gb": 2e-3})
    swept = sweep_finished(bounded, now=made.path.stat().st_mtime + 1000)
    assert (swept.videos, swept.bytes > 3_000_000) == (1, True)
    assert not folder.exists()
    assert not orphan.exists()


def test_a_rebuilt_history_takes_no_export_for_a_video(made: Result, settings: Settings) -> None:
    list(export_video(made, dataclasses.replace(SQUARE, format="mp4"), settings))
    assert [result.path.name for _, result in found_videos(settings.outputs)] == [made.path.name]


def test_a_video_with_a_name_of_its_own_has_no_folder(tmp_path: Path) -> None:
    assert exports_folder(tmp_path / "talk.mp4") is None
    assert list_exports(tmp_path / "talk.mp4") == []
