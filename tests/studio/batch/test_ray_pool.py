from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from types import ModuleType

import pytest

import cli
from media.errors import EngineError, OptionError
from studio.batch.listing import read_lines
from studio.batch.outcome import JobOutcome
from studio.batch.pool import BatchPlan
from studio.batch.ray_pool import RayPool
from studio.batch.run import run_batch
from studio.settings import Settings
from tests.conftest import write_voice
from tests.studio.batch.clumsy import NAME, attempts
from tests.studio.batch.conftest import Write

TWO = BatchPlan(workers=2)


def outcomes(path: Path, out: Path, settings: Settings, plan: BatchPlan = TWO) -> list[JobOutcome]:
    events = run_batch(read_lines(path, out, engine=NAME), out, plan=plan, settings=settings)
    return [event for event in events if isinstance(event, JobOutcome)]


def in_order(ended: list[JobOutcome]) -> list[tuple[int, str, int]]:
    return sorted((one.line.number, one.status, one.attempts) for one in ended)


def test_a_worker_that_dies_is_replaced_and_its_job_tried_again(
    ray: ModuleType, engine: str, listed: Write, tmp_path: Path, settings: Settings
) -> None:
    notes = str(tmp_path / "notes")
    path = listed(
        {"seed": 0, "notes": notes}, {"seed": 1, "notes": notes, "dies": 1},
        {"seed": 2, "notes": notes, "dies": 3}, {"seed": 3, "notes": notes, "fails": 2},
        {"seed": 4, "notes": notes, "voice": "absent.wav"}, {"seed": 5, "notes": notes},
    )  # fmt: skip
    out = tmp_path / "out"
    ended = outcomes(path, out, settings)
    assert in_order(ended) == [
        (1, "made", 1), (2, "made", 2), (3, "failed", 3), (4, "made", 3), (5, "refused", 1), (6, "made", 1)
    ]  # fmt: skip
    assert attempts(tmp_path / "notes") == {"0": 1, "1": 2, "2": 3, "3": 3, "5": 1}
    (failed,) = (one for one in ended if one.status == "failed")
    assert "process ended" in failed.reason
    with (out / "report.csv").open(encoding="utf-8") as file:
        assert [int(row["line"]) for row in csv.DictReader(file)] == [1, 2, 3, 4, 5, 6]
    assert not list(out.rglob(".joystudio-*"))
    assert not any(actor["State"] == "ALIVE" for actor in _actors(ray))


def test_a_fast_worker_does_not_wait_for_a_slow_one(
    ray: ModuleType, engine: str, listed: Write, tmp_path: Path, settings: Settings
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    path = listed(
        {"seed": 0, "notes": str(tmp_path), "waits_for": str(pipe)}, *({"seed": n} for n in range(1, 5))
    )
    lines = read_lines(path, tmp_path / "out", engine=NAME)
    ended = []
    for event in run_batch(lines, tmp_path / "out", plan=TWO, settings=settings):
        if isinstance(event, JobOutcome):
            ended.append(event.line.number)
        if len(ended) == 4 and 1 not in ended and not pipe.with_suffix(".told").exists():
            pipe.with_suffix(".told").touch()
            pipe.write_bytes(b"go on")
    assert sorted(ended) == [1, 2, 3, 4, 5]
    assert ended[-1] == 1
    rows = (tmp_path / "out" / "report.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["line"] for row in rows] == [1, 2, 3, 4, 5]


def test_stopping_ends_the_workers_and_keeps_what_is_done(
    ray: ModuleType, engine: str, listed: Write, tmp_path: Path, settings: Settings
) -> None:
    pipe, out = tmp_path / "pipe", tmp_path / "out"
    os.mkfifo(pipe)
    path = listed({"seed": 0, "notes": str(tmp_path), "waits_for": str(pipe)}, {"seed": 1}, {"seed": 2})
    events = run_batch(read_lines(path, out, engine=NAME), out, plan=TWO, settings=settings)
    done = 0
    for event in events:
        done += isinstance(event, JobOutcome)
        if done == 2:
            break
    with pipe.open("wb"):  # opens when the first job waits in the middle of its work
        events.close()
    assert [json.loads(row)["status"] for row in (out / "report.jsonl").read_text().splitlines()] == [
        "waiting", "made", "made"
    ]  # fmt: skip
    assert in_order(outcomes(path, out, settings)) == [(1, "made", 1), (2, "kept", 0), (3, "kept", 0)]


def test_workers_that_cannot_begin_end_the_batch(
    ray: ModuleType,
    engine: str,
    listed: Write,
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("studio.batch.ray_pool.JobWorker", Unable)
    monkeypatch.setattr("studio.batch.run.DEATHS", 2)
    path = listed(*({"seed": seed} for seed in range(4)))
    with pytest.raises(EngineError, match="2 workers ended one after the other"):
        outcomes(path, tmp_path / "out", settings)


class Unable:
    """A worker whose machine lacks something."""

    def __init__(self, *given: object) -> None:
        raise ModuleNotFoundError("No module named 'av'")

    def make(self, job: object) -> None:
        """Never comes to this."""


def test_workers_that_fit_on_no_machine_are_refused(ray: ModuleType, settings: Settings) -> None:
    for plan, said in (
        (BatchPlan(workers=2, gpus=1), "1 GPUs"),
        (BatchPlan(workers=2, cores=64), "64 cores"),
    ):
        with pytest.raises(OptionError, match=said):
            RayPool(ray, plan, settings, {})


def test_the_command_makes_twenty_videos_by_two_workers(
    ray: ModuleType,
    portrait_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path / "outputs"))
    for number in range(4):
        write_voice(tmp_path / f"v{number}.wav", seconds=0.5 + 0.1 * number, pitch=150 + 20 * number)
    rows = "".join(f"{portrait_file},v{n % 4}.wav,{n}\n" for n in range(20))
    (tmp_path / "jobs.csv").write_text(f"portrait,voice,seed\n{rows}x.png,v0.wav,0\n", encoding="utf-8")
    out = tmp_path / "out"
    command = ["batch", str(tmp_path / "jobs.csv"), "-o", str(out), "--workers", "2", "--preset", "calm"]
    assert cli.main(command) == 1  # one line has no portrait
    told = capsys.readouterr()
    assert told.out.startswith("20 made, 1 refused in ")
    assert told.err.startswith("refused: line 22, x_v0: There is no portrait")
    assert len(list((out / "videos").iterdir())) == 20
    assert cli.main([*command, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["counts"]["kept"] == 20


def _actors(ray: ModuleType) -> list[dict[str, str]]:
    from ray._private.state import actors

    return list(actors().values())
