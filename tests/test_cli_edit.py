"""`export`, `join` and `beside` in a shell."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cli
from media.video import VideoReader
from tests.media.decoding.processes import children, name_of, wait_until
from tests.studio.clips.sources import bursts, frames_of, levels, make_video

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    path = tmp_path_factory.mktemp("talk") / "talk.mp4"
    return make_video(path, levels((96, 64)), seconds=1.2, sound=bursts(1.2))


def shell(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


def test_a_video_is_exported_and_reported(
    talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "square.webm"
    flags = ["--shape", "square", "--width", 64, "--fit", "plain", "--border", "#ff0000"]
    assert shell("export", talk, "-o", out, *flags) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert f"{out}: 1.2 s of video, 64x64, 25 frames per second, 0.0 MB" in said.out
    assert VideoReader(out).size == (64, 64)
    assert frames_of(out)[0][2, 30, 0] > 200


def test_json_is_one_object(talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subtitles = tmp_path / "talk.vtt"
    subtitles.write_text("WEBVTT\n\n00:00.000 --> 00:05.000\nHello\n")
    out = tmp_path / "out.mp4"
    assert shell("export", talk, "-o", out, "--subtitles", subtitles, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["path"], told["size"], told["frames"]) == (str(out), [96, 64], 30)
    assert (told["signed"], told["incomplete"], told["notes"]) == (True, [], [])
    assert np.abs(frames_of(out)[5].astype(int) - 40).max() > 100


def test_takes_are_joined_and_put_side_by_side(
    talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell("join", talk, talk, "-o", tmp_path / "joined.mp4", "--crossfade", "0.2") == 0
    assert len(frames_of(tmp_path / "joined.mp4")) == 55
    labels = ["--label", "A", "--label", "B"]
    assert shell("beside", talk, talk, "-o", tmp_path / "both.mp4", *labels) == 0
    assert VideoReader(tmp_path / "both.mp4").size == (192, 84)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "{talk}", "-o", "{out}.avi"], ".mp4, .webm or .gif"),
        (["export", "{talk}", "-o", "{out}.mp4", "--shape", "round"], "takes original or vertical or square"),
        (["export", "{talk}", "-o", "{out}.mp4", "--fps", "fast"], "fps is 'fast', but takes 0 to 60"),
        (["export", "{talk}"], "Missing option"),
        (["export", "none.mp4", "-o", "{out}.mp4"], 'There is no video at "none.mp4"'),
        (["join", "{talk}", "-o", "{out}.mp4"], "2 to 12 videos to join; 1 given"),
        (["beside", "{talk}", "{talk}", "-o", "{out}.mp4", "--label", "A"], "1 labels for 2 videos"),
    ],
)
def test_refusals_are_one_line_and_exit_code_2(
    talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    places = {"talk": talk, "out": tmp_path / "out"}
    assert shell(*(argument.format(**places) for argument in arguments)) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert said in error
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_no_file_and_the_old_one(tmp_path: Path, keys: Path) -> None:
    """As a terminal sends it: to the command and to the FFmpeg that it has started."""
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    long = make_video(tmp_path / "long.mp4", lambda time: np.roll(noise, int(25 * time), 1), seconds=12)
    target = tmp_path / "out.webm"
    target.write_text("old")
    command = [sys.executable, "cli.py", "export", str(long), "-o", str(target), "--width", "1280"]
    process = subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: list(tmp_path.glob(".joystudio-*.part")), "a file")
    wait_until(lambda: "ffmpeg" in " ".join(map(name_of, children(process.pid))), "its FFmpeg")
    os.killpg(process.pid, signal.SIGINT)
    out, error = process.communicate()
    assert (process.returncode, out, error) == (130, "", "cancelled\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.mp4", "out.webm"]
    assert target.read_text() == "old"
