from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from media.errors import EngineError, OptionError, VoiceError
from media.video import VideoReader
from studio.comparison.run import (
    ColumnDone,
    ColumnProgress,
    Compared,
    Finishing,
    Subject,
    compare,
    parse_column,
)
from studio.comparison.scores import score_columns
from studio.comparison.video import CAPTION
from studio.efficiency import CLIP, measure_efficiency
from studio.provenance.inspection import inspect_video
from studio.settings import Settings
from tests.fake_engine import FakeWorld

ROOT = Path(__file__).resolve().parents[2]
ASTRONAUT = ROOT / "examples" / "portraits" / "astronaut.png"


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    return Settings(outputs=tmp_path / "outputs", max_side=256)


@pytest.fixture
def compared(world: FakeWorld, voice_file: Path, tmp_path: Path, small: Settings) -> Compared:
    """Two columns of the preview engine and one of an engine that breaks off."""
    world.fail_at, world.failure = 5, EngineError("It broke <here>.")
    columns = [parse_column(text) for text in ("preview", "preview:lively,fps=30", "fake")]
    events = list(compare(columns, ASTRONAUT, voice_file, tmp_path / "out", settings=small))
    assert {event.number for event in events if isinstance(event, ColumnProgress)} == {0, 1, 2}
    assert [event.number for event in events if isinstance(event, ColumnDone)] == [0, 1, 2]
    last = events[-1]
    assert isinstance(last, Compared)
    return last


def test_every_column_is_made_scored_and_packed(compared: Compared, tmp_path: Path) -> None:
    first, second, broken = compared.columns
    assert first.result is not None
    assert second.result is not None
    assert (first.result.fps, second.result.fps) == (25, 30)
    assert (broken.result, broken.error) == (None, "It broke <here>.")
    with zipfile.ZipFile(compared.archive) as archive:
        assert sorted(archive.namelist()) == [
            "comparison/1-preview.mp4",
            "comparison/2-preview-lively-fps=30.mp4",
            "comparison/comparison.csv",
            "comparison/comparison.html",
            "comparison/comparison.json",
            "comparison/side-by-side.mp4",
        ]
    together = VideoReader(tmp_path / "out" / "side-by-side.mp4")
    said = inspect_video(tmp_path / "out" / "side-by-side.mp4")
    assert said.settings_hold is True
    assert said.manifest is not None
    assert (said.manifest.state, said.manifest.claims["engine"]) == ("valid", "comparison")
    assert together.size == (512, 256 + CAPTION)
    assert together.fps == 30
    assert together.read_sound()[1].max() > 0.1
    table = list(csv.reader((tmp_path / "out" / "comparison.csv").open(encoding="utf-8")))
    assert table[0] == ["", "preview", "preview:lively,fps=30", "fake"]
    rows = {row[0]: row[1:] for row in table[1:]}
    assert rows["Frame rate"] == ["25 per second", "30 per second", "–"]
    assert float(rows["Mouth sharpness ↑".replace(" ↑", "\N{NO-BREAK SPACE}↑")][0].split()[0]) > 0
    content = json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))
    assert content["columns"][0]["scores"]["blink_rate"]["value"] is None  # 1.2 s are too short
    assert content["columns"][2]["error"] == "It broke <here>."


def test_the_page_plays_from_the_unpacked_zip(compared: Compared, tmp_path: Path) -> None:
    zipfile.ZipFile(compared.archive).extractall(tmp_path / "there")
    script = ROOT / "tests" / "evaluation" / "visit_report.py"
    page = tmp_path / "there" / "comparison" / "comparison.html"
    done = subprocess.run(
        [sys.executable, str(script), str(page), "1280"], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert all(url.startswith("file://") for url in told["asked"])
    assert told["faults"] == []
    assert told["too_wide"] <= 0
    assert told["videos"] == pytest.approx([1.22, 1.22], abs=0.06)
    assert told["plots"] == 2
    assert "It broke <here>." in told["text"]


def test_a_name_with_half_a_character_costs_no_comparison(
    world: FakeWorld, voice_file: Path, tmp_path: Path, small: Settings
) -> None:
    named = tmp_path / os.fsdecode(b"half-\xff.png")
    shutil.copy(ASTRONAUT, named)
    column = parse_column("fake")
    *_, last = compare([column], named, voice_file, tmp_path / "out", settings=small, metrics=())
    assert isinstance(last, Compared)
    facts = json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))
    assert facts["columns"][0]["result"]["portrait"] == named.name
    assert "half-\\udcff.png" in (tmp_path / "out" / "comparison.html").read_text(encoding="utf-8")


def test_when_no_column_can_be_made_its_reason_is_raised(tmp_path: Path, small: Settings) -> None:
    with pytest.raises(VoiceError, match="no voice"):
        list(compare([parse_column("preview")], ASTRONAUT, tmp_path / "no.wav", tmp_path, settings=small))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing", "no engine"),
        ("preview:nothing", "no preset"),
        ("preview,fps", "cannot be read"),
        ("preview,fps=fast", "takes"),
        ("preview,what=1", "no option"),
        ("preview,blink-rate=1,blink_rate=2", 'gives "blink_rate" twice'),
    ],
)
def test_a_column_that_is_impossible_is_refused(text: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        parse_column(text)


def test_columns_are_few_and_different(voice_file: Path, tmp_path: Path) -> None:
    preview = parse_column("preview")
    for columns, said in (([], "1 to 8"), ([preview, parse_column("preview:natural")], "are the same")):
        with pytest.raises(OptionError, match=said):
            next(compare(columns, ASTRONAUT, voice_file, tmp_path))


def test_a_comparison_that_is_closed_leaves_no_half_video(
    world: FakeWorld, voice_file: Path, tmp_path: Path, small: Settings
) -> None:
    events = compare([parse_column("fake")], ASTRONAUT, voice_file, tmp_path / "out", settings=small)
    for event in events:
        if isinstance(event, ColumnProgress) and event.fraction > 0.3:
            break
    events.close()
    assert list((tmp_path / "out").iterdir()) == []
    assert world.open_generators == 0


def test_a_column_that_is_not_for_the_portrait_or_crashes_leaves_the_others(
    world: FakeWorld, voice_file: Path, tmp_path: Path, small: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    world.fail_at = 5  # with an error that nobody foresaw
    columns = [parse_column(text) for text in ("joyhallo", "fake", "preview")]
    points = ((200.0, 110.0), (250.0, 110.0), (225.0, 160.0))
    subject = Subject("animal", anchors=points)
    events = compare(columns, ASTRONAUT, voice_file, tmp_path / "out", subject=subject, settings=small)
    last = list(events)[-1]
    assert isinstance(last, Compared)
    told = [one.error for one in last.columns]
    assert "supports human, not animal" in told[0]
    assert "report it with the number" in told[1]
    assert told[1].split()[-1].rstrip(".") in caplog.text
    assert last.columns[2].result is not None
    assert last.columns[2].result.options["animation_mode"] == "animal"


def test_scoring_stops_when_its_reader_leaves(
    world: FakeWorld, voice_file: Path, tmp_path: Path, small: Settings
) -> None:
    settings = small.model_copy(update={"history": tmp_path / "history.sqlite"})
    events = compare(
        [parse_column("fake")], ASTRONAUT, voice_file, tmp_path / "out", settings=settings, remembered=False
    )
    for event in events:
        if isinstance(event, Finishing) and event.what == "joining":
            break
    events.close()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["1-fake.mp4"]
    assert not settings.history.exists()
    watching = score_columns([("fake", tmp_path / "out" / "1-fake.mp4")], ["builtin"])
    assert isinstance(next(watching), float)
    watching.close()
    assert not any(thread.name.startswith("score") for thread in threading.enumerate())


def test_efficiency_counts_what_runs_and_keeps_nothing(
    world: FakeWorld, portrait_file: Path, voice_file: Path, settings: Settings
) -> None:
    told = measure_efficiency("fake", portrait_file, voice_file, settings=settings)
    assert told.frames in (30, 31)
    assert 0 < told.seconds_per_clip / CLIP * (told.frames - 5) < told.seconds
    assert told.gpu_mb is None
    assert told.ram_mb is None or told.ram_mb > 10
    assert "core" in told.machine
    assert not settings.outputs.exists()
