"""`animate` asks on a terminal before hours of work, and refuses them in a script without --yes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

import cli
from engines import registry
from engines.cost import CostModel
from tests.fake_engine import FakeOptions, FakeWorld, spec_for

SLOW = CostModel(steps=1, stretch=1.0, step_gflop=1e9, frame_gflop=0, gpu_start=1, gpu_step=1, gpu_frame=1)


class Terminal(io.StringIO):
    """A user who types, and a screen."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def command(
    portrait_file: Path, voice_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[str]]:
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path))
    with registry.registered(spec_for("slow", FakeOptions, FakeWorld().engine(), cost=SLOW)):
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
