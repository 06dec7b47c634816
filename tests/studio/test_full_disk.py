"""A disk that is full at the worst moment: the sentence, the exit code and the files that are left are right.

The limit on the size of a file stands for the disk: every write beyond it fails as on a full one, and
no privileges are needed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from media.errors import OutputError
from media.output_file import OutputFile
from media.video import VideoReader
from tests.packets import packets

ROOT = Path(__file__).resolve().parents[2]
ANIMATE = """
import json, resource, sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
import cli
from tests.fake_engine import fake_engine

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

with fake_engine() as world:
    for line in sys.stdin:
        size, arguments = json.loads(line)
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            limit(size if size else resource.RLIM_INFINITY)
            code = cli.main(arguments)
            limit(resource.RLIM_INFINITY)
        print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""
Said = tuple[int, str, str]


class Shell:
    """A process in which commands run one after the other, each with a limit of its own on files."""

    def __init__(self, folder: Path, inputs: list[Path]) -> None:
        self.folder, self._inputs = folder, [str(path) for path in inputs]
        environment = {"JOYSTUDIO_OUTPUTS": str(folder / "outputs"), "JOYSTUDIO_KEYS": str(folder / "keys")}
        self._process = subprocess.Popen(
            [sys.executable, "-c", ANIMATE], cwd=ROOT, text=True, env=os.environ | environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def animate(self, name: str, size: int = 0) -> Said:
        """Make a video of a name; gives code, stdout and stderr. size: of the largest file, 0 for any."""
        wish = ["animate", *self._inputs, "--engine", "fake", "-o", str(self.folder / name), "--json"]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([size, wish]) + "\n")
        self._process.stdin.flush()
        code, out, err = json.loads(self._process.stdout.readline())
        return code, out, err

    def close(self) -> str:
        """What the process itself has said."""
        return self._process.communicate()[1]

    def videos(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.is_file())


def test_at_every_size_there_is_a_whole_video_or_a_sentence(
    tmp_path: Path, portrait_file: Path, voice_file: Path
) -> None:
    shell = Shell(tmp_path, [portrait_file, voice_file])
    assert shell.animate("whole.mp4")[0] == 0
    signed = (tmp_path / "whole.mp4").stat().st_size
    seen: set[tuple[int, tuple[str, ...]]] = set()
    for size in range(500, signed + 4000, max(1, signed // 24)):
        code, out, err = shell.animate("video.mp4", size)
        if code == 2:
            assert err.startswith("error: There is not enough disk space for the video in")
            assert err.count("\n") == 1
            assert shell.videos() == ["whole.mp4"]
            seen.add((2, ()))
            continue
        told: dict[str, Any] = json.loads(out)
        assert err == ""
        assert packets(tmp_path / "video.mp4") == packets(tmp_path / "whole.mp4")
        assert VideoReader(tmp_path / "video.mp4").metadata["comment"]
        assert told["signed"] is (told["incomplete"] == [])
        assert code == (1 if told["incomplete"] else 0)
        if told["incomplete"]:
            assert "There is not enough disk space for the signed copy" in told["notes"][0]
        assert shell.videos() == ["video.mp4", "whole.mp4"]
        seen.add((code, tuple(told["incomplete"])))
        (tmp_path / "video.mp4").unlink()
    assert seen == {(2, ()), (1, ("signature",)), (0, ())}
    assert shell.animate("after.mp4")[0] == 0  # the next job works
    assert shell.close() == ""


def test_a_place_that_is_taken_while_the_video_was_made(tmp_path: Path) -> None:
    file = OutputFile(tmp_path / "video.mp4")
    file.path.write_bytes(b"video")
    (tmp_path / "video.mp4").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        file.keep()
    assert [path.name for path in tmp_path.iterdir()] == ["video.mp4"]
