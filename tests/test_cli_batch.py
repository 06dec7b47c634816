from __future__ import annotations

import json
from pathlib import Path

import pytest

import cli
from tests.fake_engine import FakeWorld


@pytest.fixture
def listed(
    tmp_path: Path, portrait_file: Path, voice_file: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """The command for a list of two videos by the fake engine."""
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path / "outputs"))
    rows = "".join(f"{portrait_file},{voice_file},{seed}\n" for seed in (1, 2))
    (tmp_path / "jobs.csv").write_text(f"portrait,voice,seed\n{rows}", encoding="utf-8")
    return ["batch", str(tmp_path / "jobs.csv"), "-o", str(tmp_path / "out"), "--engine", "fake"]


def test_a_list_is_made_and_kept(
    world: FakeWorld, listed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(listed) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("2 made in ")
    assert told[1:] == [str(tmp_path / "out" / f"report.{ending}") for ending in ("csv", "jsonl", "md")]
    assert cli.main([*listed, "--resume", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["kept"] == 2
    assert world.loads == 1


def test_failures_are_reported_and_decide_the_exit_code(
    world: FakeWorld, listed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    world.fail_at = 5
    assert cli.main(listed) == 1
    told = capsys.readouterr()
    assert [line.split(",")[0] for line in told.err.splitlines()] == ["failed: line 2", "failed: line 3"]
    assert "after 3 attempts: RuntimeError: broken" in told.err
    assert told.out.startswith("2 failed in ")


def test_ctrl_c_ends_it_cleanly(
    world: FakeWorld, listed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.fail_at, world.failure = 5, KeyboardInterrupt()
    assert cli.main(listed) == 130
    assert capsys.readouterr().err == "cancelled\n"
    assert "waiting | 2" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert list((tmp_path / "out" / "videos").iterdir()) == []


def test_a_missing_list_is_one_line(
    listed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "jobs.csv").unlink()
    assert cli.main([*listed[:-1], "preview"]) == 2
    assert capsys.readouterr().err.startswith("error: The list")


def test_texts_are_spoken_and_kept(
    world: FakeWorld,
    listed: list[str],
    portrait_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = f"{portrait_file},Hello.,hello\n{portrait_file},你好。,nihao\n"
    (tmp_path / "jobs.csv").write_text(f"portrait,text,name\n{rows}", encoding="utf-8")
    assert cli.main(listed) == 0
    reports = [
        json.loads(line) for line in (tmp_path / "out" / "report.jsonl").read_text("utf-8").splitlines()
    ]
    assert [(one["name"], one["voice"]) for one in reports] == [("hello", "(text)"), ("nihao", "(text)")]
    assert all("The voice is generated from a text" in " ".join(one["notes"]) for one in reports)
    (tmp_path / "jobs.csv").write_text(f"portrait,text,name\n{rows.replace('Hello', 'Bye')}", "utf-8")
    capsys.readouterr()
    assert cli.main([*listed, "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert (counts["kept"], counts["made"]) == (1, 1)
