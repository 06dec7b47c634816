"""Lists whose videos go into folders of groups, as `evaluate --pairs` makes them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from media.errors import OptionError
from studio.batch.listing import JobLine, read_lines
from studio.batch.outcome import Advanced, JobOutcome, Summary
from studio.batch.run import run_batch
from studio.settings import Settings
from tests.fake_engine import FakeWorld

Listed = Callable[..., list[JobLine]]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def listed(tmp_path: Path, portrait_file: Path, voice_file: Path, out: Path) -> Listed:
    """Reads a list; P and V stand for a portrait and a voice."""

    def read(text: str, engine: str = "fake") -> list[JobLine]:
        path = tmp_path / "list.csv"
        filled = text.replace("P", str(portrait_file)).replace("V", str(voice_file))
        path.write_text(filled, encoding="utf-8")
        return read_lines(path, out, engine=engine, by_group=True)

    return read


LINES = "portrait,voice,name,group,seed\nP,V,one,a,\nP,V,one,b,7\nP,missing.wav,three,b,0\n"


def outcomes(lines: list[JobLine], out: Path, settings: Settings) -> list[JobOutcome]:
    events = run_batch(lines, out, reported=False, settings=settings)
    return [event for event in events if isinstance(event, JobOutcome)]


def videos(out: Path) -> list[str]:
    return sorted(path.relative_to(out / "videos").as_posix() for path in out.rglob("*.mp4"))


def test_every_line_becomes_a_video_in_its_group(
    listed: Listed, world: FakeWorld, out: Path, settings: Settings
) -> None:
    done = {one.line.number: one for one in outcomes(listed(LINES), out, settings)}
    assert [done[number].status for number in (2, 3, 4)] == ["made", "made", "refused"]
    assert "missing.wav" in done[4].reason
    assert videos(out) == ["a/one.mp4", "b/one.mp4"]
    assert [done[number].line.job.seed for number in (2, 3)] == [0, 7]  # type: ignore[union-attr]


def test_no_report_lies_beside_the_groups_unless_asked_for(
    listed: Listed, world: FakeWorld, out: Path, settings: Settings
) -> None:
    *_, summary = run_batch(listed("portrait,voice\nP,V\n"), out, reported=False, settings=settings)
    assert isinstance(summary, Summary)
    assert (summary.reports, list(out.glob("report*"))) == ((), [])


def test_a_stopped_list_resumes(listed: Listed, world: FakeWorld, out: Path, settings: Settings) -> None:
    lines = listed("portrait,voice,name\nP,V,one\nP,V,two\n")
    with closing(run_batch(lines, out, reported=False, settings=settings)) as events:
        assert any(isinstance(event, Advanced) and event.done for event in events)
    assert videos(out) == ["all/one.mp4"]
    written = (out / "videos" / "all" / "one.mp4").stat().st_mtime_ns
    assert [one.status for one in outcomes(lines, out, settings)] == ["kept", "made"]
    assert (out / "videos" / "all" / "one.mp4").stat().st_mtime_ns == written
    before = world.batches
    assert [one.status for one in outcomes(lines, out, settings)] == ["kept", "kept"]
    assert world.batches == before


def test_what_a_killed_run_left_in_a_group_is_removed(
    listed: Listed, world: FakeWorld, out: Path, settings: Settings
) -> None:
    group = out / "videos" / "all"
    group.mkdir(parents=True)
    (group / ".joystudio-one.mp4.part").write_bytes(b"half a video")
    outcomes(listed("portrait,voice,name\nP,V,one\n"), out, settings)
    assert [path.name for path in group.iterdir()] == ["one.mp4"]


def test_an_engine_that_does_not_exist_stops_the_list(listed: Listed) -> None:
    with pytest.raises(OptionError, match="no engine"):
        listed(LINES, "nothing")


def test_a_bad_group_or_a_name_taken_in_it_stops_no_other(listed: Listed, world: FakeWorld) -> None:
    lines = listed(
        "portrait,voice,name,group\nP,V,one,a\nP,V,one,a\nP,V,one,..\nP,V,../../up,a\nP,V,a/b,\nP,V,one,\n"
    )
    assert [line.name for line in lines if line.job] == ["a/one", "all/one"]
    told = [line.reason for line in lines if not line.job]
    for reason, said in zip(told, ("line 2 already", *["cannot be the name"] * 3), strict=True):
        assert said in reason
