"""What visitors bring lies in a folder that belongs to one server, and goes when the server ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ui.uploads import FOLDER

ROOT = Path(__file__).resolve().parents[2]
BUILD = """
import gradio as gr, pathlib
from ui.app import build
with build(tabs=()) as page:
    place = pathlib.Path(gr.Image().GRADIO_CACHE)
print(place, oct(place.stat().st_mode & 0o777))
"""


def folder_of_a_server(chosen: Path | None = None) -> tuple[Path, str]:
    """Where a page that is built in a process of its own keeps uploads, and who may read there."""
    environment = {name: value for name, value in os.environ.items() if name != FOLDER}
    if chosen is not None:
        environment[FOLDER] = str(chosen)
    done = subprocess.run(
        [sys.executable, "-c", BUILD], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    place, mode = done.stdout.split()
    return Path(place), mode


def test_two_servers_share_no_folder_and_leave_none() -> None:
    (first, mode), (second, _) = folder_of_a_server(), folder_of_a_server()
    assert first != second
    assert mode == "0o700"
    assert not first.exists()
    assert not second.exists()


def test_a_folder_that_the_owner_chose_stays(tmp_path: Path) -> None:
    place, _ = folder_of_a_server(tmp_path)
    assert place == tmp_path
    assert tmp_path.is_dir()
