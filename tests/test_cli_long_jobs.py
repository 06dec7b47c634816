"""Every command asks on a terminal before hours of work, and refuses them in a script without --yes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import cli
from engines.cost import CostModel
from tests.fake_engine import FakeOptions, FakeWorld, registered, spec_for

SLOW = CostModel(steps=1, stretch=1.0, step_gflop=1e9, frame_gflop=0, gpu_start=1, gpu_step=1, gpu_frame=1)

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "clips" / "example.mp4"


class Terminal(io.StringIO):
    """A user who types, and a screen."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def command(
    portrait_file: Path, voice_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[str]]:
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path))
    with registered(spec_for("slow", FakeOptions, FakeWorld().engine(), cost=SLOW)):
        yield ["animate", str(portrait_file), str(voice_file), "--engine", "slow"]


def videos(folder: Path) -> int:
    return len(list(folder.glob("*.mp4")))


def test_a_script_says_yes(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(command) == 2
    told = capsys.readouterr().err
    assert "not practical" in told
    assert "--yes" in told
    assert videos(tmp_path) == 0
    assert cli.main([*command, "--yes"]) == 0
    assert videos(tmp_path) == 1


@pytest.mark.parametrize(("typed", "code", "made"), [("n\n", 1, 0), ("\n", 1, 0), ("y\n", 0, 1)])
def test_a_terminal_asks(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, made: int
) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    monkeypatch.setattr("sys.stderr", screen)
    assert cli.main(command) == code
    assert "Start it anyway?" in screen.getvalue()
    assert videos(tmp_path) == made


def test_comparisons_lists_and_the_files_of_joyhallo_say_yes_too(
    command: list[str],
    tmp_path: Path,
    portrait_file: Path,
    voice_file: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, portrait, voice, *_ = command
    table = tmp_path / "list.csv"
    table.write_text(f"portrait,voice\n{portrait},{voice}\n", encoding="utf-8")
    config = tmp_path / "inference.yaml"
    config.write_text(
        f"ref_img_path: [{portrait}]\naudio_path: [{voice}]\noutput_dir: {tmp_path / 'listed'}\n",
        encoding="utf-8",
    )
    out = str(tmp_path / "out")
    compared = ["compare", "-r", portrait, "-a", voice, "-o", out, "--columns", "slow", "slow:,level=7"]
    for words, told in (
        (["animate", "--config", str(config), "--engine", "slow"], "face.png with tone.wav: The video"),
        (["batch", str(table), "-o", out, "--engine", "slow"], "face.png with tone.wav: The video"),
        (["evaluate", "--pairs", str(table), "-o", out, "--engine", "slow"], "The video would take"),
        (compared, "in all"),
    ):
        assert cli.main(words) == 2, words
        said = capsys.readouterr().err
        assert "--yes" in said
        assert told in said
        assert list(tmp_path.rglob("*.mp4")) == []
    dubs = replace(spec_for("slowdub", FakeOptions, FakeWorld().engine(), cost=SLOW), dubs=True)
    clip, dub_table = str(EXAMPLE), tmp_path / "dubs.csv"
    dub_table.write_text(f"video,voice\n{clip},{voice}\n", encoding="utf-8")
    with registered(dubs):
        for words in (["dub", clip, voice], ["batch", str(dub_table), "-o", out]):
            assert cli.main([*words, "--engine", "slowdub"]) == 2
            said = capsys.readouterr().err
            assert "The dub would take about" in said
            assert "--yes" in said
    assert cli.main(["batch", str(table), "-o", out, "--engine", "slow", "--yes"]) == 0
    assert cli.main(["batch", str(table), "-o", out, "--engine", "slow"]) == 0  # there is nothing to make
    assert len(list(tmp_path.rglob("*.mp4"))) == 1
