from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cli
from media.voice import open_voice
from tests.fake_engine import FakeWorld

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path / "outputs"))
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "weights"))


def shell(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


@pytest.fixture
def listed(tmp_path: Path, portrait_file: Path, voice_file: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(f"portrait,voice,name\n{portrait_file},{voice_file},one\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("command", ["evaluate", "compare", "batch"])
def test_help_brings_nothing_heavy(command: str) -> None:
    code = (
        "import sys, cli\n"
        f"cli.main([{command!r}, '--help'])\n"
        "heavy = {'numpy', 'torch', 'cv2', 'av', 'mediapipe', 'PIL', 'gradio'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--out" in done.stdout


def test_a_list_is_made_scored_and_reported(
    world: FakeWorld, listed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    assert shell("evaluate", "--pairs", listed, "--engine", "fake", "--metrics", "builtin", "-o", out) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == str(out / "report.html")
    content = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert content["title"] == "fake: list.csv"
    flicker = content["rows"][0]["scores"]["flicker"]["value"]
    told = next(line.split() for line in printed if line.startswith("Flicker"))
    assert abs(float(told[-1]) - flicker) < 0.01
    assert any(line.startswith("licence of ") and "Flicker" in line for line in printed)
    batches = world.batches
    assert shell("evaluate", "--pairs", listed, "--engine", "fake", "--metrics", "builtin", "-o", out) == 0
    assert world.batches == batches


def test_missing_metrics_name_the_command(
    world: FakeWorld, listed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    assert shell("evaluate", "--pairs", listed, "--engine", "fake", "--metrics", "sync,own", "-o", out) == 0
    printed = capsys.readouterr().out
    assert "not measured: Sync-C" in printed
    assert "python cli.py weights download metrics" in printed


def test_the_form_that_is_asked_for_acts_and_stands_in_the_report(tmp_path: Path, voice_file: Path) -> None:
    from evaluation.weights import catalogue
    from evaluation.weights.random_weights import synthesize
    from media.video import VideoWriter
    from media.voice import open_voice

    list(synthesize(catalogue.folder(), "tiny"))
    with VideoWriter(tmp_path / "a.mp4", (64, 64), 25, sound=open_voice(voice_file), metadata={}) as writer:
        writer.write(np.random.default_rng(0).integers(0, 255, (20, 64, 64, 3), np.uint8))
    forms = ("--sync-mode", "demo", "--vshift", 4, "--reference-conversion", "--fp16")
    metrics = ("--metrics", "sync,background", "-o", tmp_path / "report")
    assert shell("evaluate", tmp_path / "a.mp4", *metrics, *forms) == 0
    content = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert content["forms"]["sync_d"]["vshift"] == 4
    assert content["forms"]["background"] == {"fp16": True}
    scores = content["rows"][0]["scores"]
    assert len(scores["sync_d"]["extras"]["curve"]) == 9
    assert scores["sync_d"]["extras"]["reference_conversion"]
    assert scores["background"]["extras"]["fp16"]
    written = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert "demo form" in written
    assert "vshift 4" in written
    assert "after the original's conversion" in written
    assert "rounded to float16" in written


def test_only_broken_videos_exit_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nothing")
    assert shell("evaluate", broken, "--metrics", "builtin", "-o", tmp_path / "report") == 1
    assert "note: broken.mp4: " in capsys.readouterr().out
    assert (tmp_path / "report" / "report.html").is_file()


def test_json_is_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    shell("evaluate", tmp_path, "--metrics", "builtin", "-o", tmp_path / "report", "--json")
    assert json.loads(capsys.readouterr().out)["rows"][0]["video"] == "broken.mp4"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Give videos or folders"),
        (("a.mp4", "--pairs", "b.csv"), "Give videos or folders"),
        (("absent.mp4",), "no video or folder"),
        ((".", "--metrics", "all"), "There is no metric"),
        ((".", "--audio", "absent.wav"), "--audio"),
        ((".", "--sync-mode", "wav2lip"), "Available: pipeline and demo"),
        ((".", "--vshift", "0"), "1 to 50 frames, not 0"),
        (("--install", "everything"), "Available: qalign"),
        (("--efficiency", "nothing"), "no engine"),
    ],
)
def test_invalid_values_are_refused_in_one_line(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell("evaluate", *arguments) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_efficiency_stands_beside_the_published_rows(
    world: FakeWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell("evaluate", "--efficiency", "fake") == 0
    printed = capsys.readouterr().out
    assert printed.count("s per 16 frames") == 3
    assert "24.000 s per 16 frames   19049 MB" in printed
    assert "on: " in printed


def test_columns_may_follow_one_another(
    world: FakeWorld,
    portrait_file: Path,
    voice_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    arguments = ("--columns", "fake", "fake,level=7", "-r", portrait_file, "-a", voice_file, "-o", out)
    assert shell("compare", *arguments) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        str(out / "comparison.html"),
        str(out / "comparison.zip"),
    ]
    assert (out / "2-fake-level=7.mp4").is_file()


def test_a_comparison_needs_columns(
    portrait_file: Path, voice_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell("compare", "-r", portrait_file, "-a", voice_file) == 2
    assert "--columns" in capsys.readouterr().err


def test_a_comparison_speaks_a_text_once_for_all_columns(
    world: FakeWorld, portrait_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    spoken = ("--text", "Hello.", "--speech-voice", "man")
    columns = ("--columns", "fake", "fake,level=7", "--metrics", "builtin")
    assert shell("compare", *columns, "-r", portrait_file, *spoken, "-o", out) == 0
    assert open_voice(out / "voice.wav").generated == {
        "engine": "espeak", "voice": "man", "language": "en", "speed": 1.0,
    }  # fmt: skip
    assert "voice.wav" in (out / "comparison.html").read_text()


@pytest.mark.parametrize("voices", [(), ("-a", "voice.wav", "--text", "Hello.")])
def test_a_comparison_takes_a_recording_or_a_text(
    voices: tuple[str, ...], portrait_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell("compare", "--columns", "preview", "-r", portrait_file, *voices) == 2
    assert "Give either a recording with --voice or a text with --text." in capsys.readouterr().err
