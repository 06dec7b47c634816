"""Outputs that cannot store a video are reported at the start, not at the end of the first job."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from media.errors import OutputError
from media.held_folder import HELD, LIVE, PALETTES, PORTRAITS, REQUESTS, UPLOADS, HeldFolder
from media.output_file import OutputFile
from studio.outputs_ready import prepare_outputs
from studio.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TRIED = """
import os, sys
from pathlib import Path
from media.errors import JoyStudioError
from studio.outputs_ready import prepare_outputs
from studio.settings import Settings
if os.getuid() == 0 and "locked" in sys.argv[1]:
    os.setgid(65_534)  # no permission stops root
    os.setuid(65_534)
try:
    prepare_outputs(Settings(outputs=Path(sys.argv[1])))
except JoyStudioError as error:
    sys.exit(str(error))
"""


def told(outputs: Path, limit: Callable[[], None] | None = None) -> str:
    """What is said at the start of a process."""
    command = [sys.executable, "-c", TRIED, str(outputs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, preexec_fn=limit)
    assert "Traceback" not in done.stderr
    return done.stderr


def test_missing_folders_are_created_and_no_test_file_stays(settings: Settings) -> None:
    prepare_outputs(settings)
    assert sorted(path.name for path in settings.outputs.iterdir()) == ["history.sqlite"]


def test_files_of_killed_servers_are_swept(settings: Settings) -> None:
    (settings.outputs / "served").mkdir(parents=True)
    (settings.outputs / "served" / ".joystudio-x.part").write_bytes(b"half")
    at_work = OutputFile(settings.outputs / "served" / "a.mp4")
    prepare_outputs(settings, history=False)
    assert [path for path in settings.outputs.rglob("*") if path.is_file()] == [at_work.path]
    at_work.discard()


@pytest.mark.parametrize("prefix", [LIVE, UPLOADS, PALETTES, PORTRAITS, REQUESTS])
def test_temporary_folders_of_a_killed_server_are_swept(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with HeldFolder(prefix) as at_work:
        left = tmp_path / f"{prefix}left"
        left.mkdir()
        for name in (HELD, "portrait"):
            (left / name).touch()
        prepare_outputs(settings, history=False)
        assert [path for path in tmp_path.iterdir() if path.name.startswith(prefix)] == [at_work]


def test_a_file_in_the_folders_place(settings: Settings) -> None:
    settings.outputs.write_bytes(b"")
    with pytest.raises(OutputError, match="a file is in its place"):
        prepare_outputs(settings)
    with pytest.raises(OutputError, match="cannot be created"):
        prepare_outputs(settings.model_copy(update={"outputs": settings.outputs / "below"}))


def test_a_history_that_cannot_be_used(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"):
        prepare_outputs(settings.model_copy(update={"history": tmp_path}))


def test_a_disk_without_room(tmp_path: Path) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    said = told(tmp_path / "outputs", no_room)
    assert said.startswith("There is not enough disk space for the video in")
    assert list((tmp_path / "outputs").iterdir()) == []


def test_a_folder_that_may_not_be_written(tmp_path_factory: pytest.TempPathFactory) -> None:
    outputs = tmp_path_factory.mktemp("locked")
    above = [folder for folder in outputs.parents if folder.name.startswith(("pytest-", "popen-"))]
    for folder in above:  # as deep as the tests run side by side
        folder.chmod(0o755)
    outputs.chmod(0o555)
    said = told(outputs)
    assert f'The folder "{outputs}" is not writable' in said


@pytest.mark.parametrize(
    "command",
    [
        lambda out: ["app.py", "--port", "0"],
        lambda out: ["cli.py", "batch", str(out.parent / "list.csv"), "-o", str(out)],
    ],
)
def test_page_and_batch_say_so_and_end_with_2(
    tmp_path: Path, portrait_file: Path, voice_file: Path, command: Callable[[Path], list[str]]
) -> None:
    out = tmp_path / "outputs"
    out.write_bytes(b"a file")
    (tmp_path / "list.csv").write_text(f"portrait,voice\n{portrait_file},{voice_file}\n")
    environment = os.environ | {"JOYSTUDIO_OUTPUTS": str(out)}
    done = subprocess.run(
        [sys.executable, *command(out)], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: The folder")
    assert done.stderr.count("\n") == 1
