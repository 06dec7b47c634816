from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from media.errors import OutputError
from media.ray_session import ROOT
from studio.batch.folder import batch_folder
from studio.batch.listing import read_lines
from studio.batch.outcome import Advanced, BatchEvent, JobOutcome, Summary
from studio.batch.run import run_batch
from studio.gallery.history import History
from studio.settings import Settings
from tests.studio.batch.clumsy import NAME, attempts
from tests.studio.batch.conftest import Write


def made(path: Path, out: Path, settings: Settings, *, resume: bool = True) -> list[BatchEvent]:
    return list(run_batch(read_lines(path, out, engine=NAME), out, settings=settings, resume=resume))


def statuses(events: Sequence[BatchEvent]) -> list[tuple[int, str, int]]:
    ended = [event for event in events if isinstance(event, JobOutcome)]
    return sorted((one.line.number, one.status, one.attempts) for one in ended)


def report_of(out: Path) -> list[dict[str, str]]:
    with (out / "report.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_failures_are_tried_again_and_bad_input_is_not(
    engine: str, listed: Write, tmp_path: Path, settings: Settings
) -> None:
    out, notes = tmp_path / "out", str(tmp_path / "notes")
    path = listed(
        {"seed": 1, "notes": notes, "fails": 2}, {"seed": 2, "notes": notes, "fails": 3},
        {"seed": 3, "voice": "absent.wav", "notes": notes}, {"seed": 4, "fails": -1},
        {"seed": 5, "notes": notes},
    )  # fmt: skip
    events = made(path, out, settings)
    assert statuses(events) == [
        (1, "made", 3), (2, "failed", 3), (3, "refused", 1), (4, "refused", 0), (5, "made", 1)
    ]  # fmt: skip
    assert attempts(tmp_path / "notes") == {"1": 3, "2": 3, "5": 1}
    summary = events[-1]
    assert isinstance(summary, Summary)
    assert not summary.complete
    assert {name: count for name, count in summary.counts.items() if count} == {
        "made": 2, "failed": 1, "refused": 2
    }  # fmt: skip
    assert not list(out.rglob(".joystudio*"))


def test_the_report_is_in_the_order_of_the_list(
    engine: str, listed: Write, tmp_path: Path, settings: Settings
) -> None:
    out, notes = tmp_path / "out", str(tmp_path / "notes")
    lines = [{"seed": seed, "notes": notes, "fails": seed % 3, "name": f"n{9 - seed}"} for seed in range(7)]
    events = made(listed(*lines), out, settings)
    ended = [event.line.number for event in events if isinstance(event, JobOutcome)]
    assert ended == [1, 4, 7, 2, 5, 3, 6]  # what failed comes again when the others have had their turn
    rows = report_of(out)
    assert [int(row["line"]) for row in rows] == list(range(1, 8))
    assert [row["name"] for row in rows] == [f"n{9 - seed}" for seed in range(7)]
    assert [row["attempts"] for row in rows] == ["1", "2", "3", "1", "2", "3", "1"]
    in_json = [json.loads(line) for line in (out / "report.jsonl").read_text().splitlines()]
    assert [row["frames"] for row in in_json] == [in_json[0]["frames"]] * 7
    assert "| made | 7 |" in (out / "report.md").read_text()
    assert len(History(settings.history).list()) == 7


def test_progress_never_goes_back_and_reports_rate_and_time_left(
    engine: str, listed: Write, tmp_path: Path, settings: Settings
) -> None:
    path = listed(*({"seed": seed} for seed in range(3)))
    told = [event for event in made(path, tmp_path / "out", settings) if isinstance(event, Advanced)]
    assert [event.fraction for event in told] == sorted(event.fraction for event in told)
    assert (told[0].fraction, told[0].seconds_left, told[-1].fraction, told[-1].seconds_left) == (
        0,
        None,
        1,
        0,
    )
    assert all(event.jobs_per_minute for event in told[len(told) // 2 :])
    assert {event.workers for event in told} == {1}


def test_existing_videos_are_kept_and_changed_ones_are_made_again(
    engine: str, listed: Write, tmp_path: Path, settings: Settings
) -> None:
    out, notes = tmp_path / "out", str(tmp_path / "notes")
    lines: list[dict[str, object]] = [{"seed": seed, "notes": notes, "name": f"n{seed}"} for seed in range(4)]
    made(listed(*lines), out, settings)
    lines[1]["fps"] = 30
    videos = out / "videos"
    (videos / "n2.mp4").write_bytes((videos / "n2.mp4").read_bytes()[:-1])
    again = made(listed(*reversed(lines)), out, settings)
    assert statuses(again) == [(1, "kept", 0), (2, "made", 1), (3, "made", 1), (4, "kept", 0)]
    assert attempts(tmp_path / "notes") == {"0": 1, "1": 2, "2": 2, "3": 1}
    assert all(row["frames"] for row in report_of(out))  # of the kept ones, too
    assert statuses(made(listed(*lines), out, settings.model_copy(update={"quality": 35}))) == [
        (line, "made", 1) for line in range(1, 5)
    ]
    anew = made(listed(lines[0]), out, settings.model_copy(update={"quality": 35}), resume=False)
    assert statuses(anew) == [(1, "made", 1)]


def test_closing_keeps_what_is_done_and_reports_it(
    engine: str, listed: Write, tmp_path: Path, settings: Settings
) -> None:
    out = tmp_path / "out"
    lines = read_lines(listed(*({"seed": seed} for seed in range(4))), out, engine=NAME)
    events = run_batch(lines, out, settings=settings)
    for event in events:
        if isinstance(event, Advanced) and 1 < event.fraction * 4 < 2:
            break  # in the middle of the second video
    events.close()
    assert [row["status"] for row in report_of(out)] == ["made", "waiting", "waiting", "waiting"]
    assert [path.name for path in (out / "videos").iterdir()] == [f"{lines[0].name}.mp4"]
    assert statuses(list(run_batch(lines, out, settings=settings)))[:2] == [(1, "kept", 0), (2, "made", 1)]


KILLED = """
import sys
from pathlib import Path
from studio.batch.listing import read_lines
from studio.batch.outcome import JobOutcome
from studio.batch.run import run_batch
from tests.studio.batch.clumsy import NAME, register

register()
out = Path(sys.argv[2])
for event in run_batch(read_lines(Path(sys.argv[1]), out, engine=NAME), out):
    if isinstance(event, JobOutcome):
        print(event.line.number, flush=True)
"""


def test_a_process_that_is_killed_loses_the_job_in_work_only(
    engine: str, listed: Write, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(settings.outputs))
    out, notes, pipe = tmp_path / "out", str(tmp_path / "notes"), tmp_path / "pipe"
    os.mkfifo(pipe)
    lines = [{"seed": seed, "notes": notes} for seed in range(4)]
    lines[2]["waits_for"] = str(pipe)
    path = listed(*lines)
    command = [sys.executable, "-c", KILLED, str(path), str(out)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["1\n", "2\n"]
        with pipe.open("wb"):  # opens when the third job waits in the middle of its work
            process.kill()
            process.wait()
    assert len(list((out / "videos").glob(".joystudio-*.part"))) == 1
    assert statuses(made(path, out, settings)) == [
        (1, "kept", 0), (2, "kept", 0), (3, "made", 1), (4, "made", 1)
    ]  # fmt: skip
    assert attempts(tmp_path / "notes") == {"0": 1, "1": 1, "2": 2, "3": 1}
    assert not list(out.rglob(".joystudio-*"))


def test_one_folder_takes_one_batch_at_a_time(
    engine: str, listed: Write, tmp_path: Path, settings: Settings
) -> None:
    out = tmp_path / "out"
    with batch_folder(out), pytest.raises(OutputError, match="Another batch"):
        made(listed({"seed": 1}), out, settings)
    assert statuses(made(listed({"seed": 1}), out, settings)) == [(1, "made", 1)]


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path, listed: Write, settings: Settings) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be created"):
        list(run_batch([], tmp_path / "file" / "out", settings=settings))
