"""Uploads are in a folder that belongs to one server, and are removed when the server ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from studio.gallery.history import History
from studio.gallery.visitors import NO_OWNER
from studio.in_use import holding
from studio.job import Job
from studio.settings import Settings
from studio.waiting_jobs import WaitingJobs
from studio.waiting_tasks import TaskRequest, WaitingTasks
from tests.studio.test_history import make_result
from ui.tabs.animate.run import run_kept
from ui.tabs.compare.run import compare_work
from ui.uploads import FOLDER, HELD, PREFIX
from ui.uploads_sweep import HOUR, own_uploads, sweep_leftovers
from ui.uploads_used import forget_uploads, note_uploads

ROOT = Path(__file__).resolve().parents[2]
BUILD = """
from ui.gradio_start import import_gradio
import_gradio()
import gradio as gr, os, pathlib, sys
from ui.app import build
for chosen in sys.argv[1:]:
    if os.fork():
        os.wait()
        continue
    if chosen:
        os.environ["GRADIO_TEMP_DIR"] = chosen
    with build(tabs=()) as page:
        place = pathlib.Path(gr.Image().GRADIO_CACHE)
    print(place, oct(place.stat().st_mode & 0o777), flush=True)
    sys.exit()
"""


def folders_of_servers(*chosen: str) -> list[tuple[Path, str]]:
    """Where pages that are built in processes of their own keep uploads, and who may read there.

    chosen: by the owner of each server; "" for none. The processes begin as copies of one, since importing
    the page takes far longer than building it.
    """
    environment = {name: value for name, value in os.environ.items() if name != FOLDER}
    command = [sys.executable, "-c", BUILD, *chosen]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    return [(Path(place), mode) for place, mode in lines]


def test_two_servers_share_no_folder_and_leave_none_and_one_that_the_owner_chose_stays(
    tmp_path: Path,
) -> None:
    (first, mode), (second, _), (third, _) = folders_of_servers("", "", str(tmp_path))
    assert first != second
    assert mode == "0o700"
    assert not first.exists()
    assert not second.exists()
    assert third == tmp_path
    assert tmp_path.is_dir()


def folder_of_uploads(tmp_path: Path) -> Path:
    folder = tmp_path / f"{PREFIX}x"
    for name, size in (("one/woman.png", 10), ("two/voice.wav", 20), ("two/leftover.json", 5)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(bytes(size))
    (folder / HELD).write_bytes(b"")
    return folder


def left(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_leftovers_go_after_their_hours_but_not_what_a_job_reads(tmp_path: Path, settings: Settings) -> None:
    folder, now = folder_of_uploads(tmp_path), time.time()
    everything = left(folder)
    assert sweep_leftovers(folder, settings, now=now + 23 * HOUR) == 0
    assert left(folder) == everything
    keep = frozenset({str(folder / "one" / "woman.png")})
    with holding(folder / "two" / "voice.wav"):
        assert sweep_leftovers(folder, settings, keep=keep, now=now + 25 * HOUR) == 1
    assert left(folder) == [HELD, "one", "one/woman.png", "two", "two/voice.wav"]
    assert sweep_leftovers(folder, settings, now=now + 25 * HOUR) == 4
    assert left(folder) == [HELD]


def test_the_oldest_uploads_go_when_they_take_too_much_room(tmp_path: Path, settings: Settings) -> None:
    folder = folder_of_uploads(tmp_path)
    small = settings.model_copy(update={"keep_uploads_gb": 26e-9})
    assert sweep_leftovers(folder, small) == 0  # their jobs may still wait
    assert sweep_leftovers(folder, small, now=time.time() + 2 * HOUR) == 1
    assert "one/woman.png" not in left(folder)


def test_a_folder_that_others_use_is_not_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    assert own_uploads() is None
    ours = folder_of_uploads(tmp_path)
    monkeypatch.setenv(FOLDER, str(ours))
    assert own_uploads() == ours
    monkeypatch.delenv(FOLDER)
    assert own_uploads() is None


def test_uploads_go_with_the_last_video_made_from_them(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of_uploads(tmp_path)
    monkeypatch.setenv(FOLDER, str(folder))
    woman, voice, leftover = folder / "one/woman.png", folder / "two/voice.wav", folder / "two/leftover.json"
    example = tmp_path / "example.wav"
    example.write_bytes(b"voice")
    history = History(settings.history)
    for job_id, paths in (
        ("a1", (woman, voice)),
        ("a2", (woman, example)),
        ("a3", (leftover, None, b"bytes")),
    ):
        history.record(make_result(job_id, tmp_path / f"{job_id}.mp4"), "ann")
        note_uploads(job_id, paths, settings)
    history.delete("a1")
    assert forget_uploads("a1", settings) == {str(voice)}
    assert woman.is_file()
    history.delete("a2")
    with holding(woman):
        assert forget_uploads("a2", settings) == frozenset()
    assert example.is_file()
    history.delete("a3")
    assert forget_uploads("a3", settings, keep={str(leftover)}) == frozenset()
    assert left(folder) == [HELD, "one", "one/woman.png", "two", "two/leftover.json"]


def test_the_uploads_of_a_waiting_job_stay(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of_uploads(tmp_path)
    monkeypatch.setenv(FOLDER, str(folder))
    woman, voice = folder / "one/woman.png", folder / "two/voice.wav"
    note_uploads("a1", (woman, voice), settings)  # of a video that is deleted below
    kept = WaitingJobs(settings).keep(Job(portrait=woman, voice=voice), NO_OWNER)
    output = SimpleNamespace(output=SimpleNamespace(bar="bar"))
    wish = TaskRequest([], {"portrait": woman, "voice": voice})
    compare = compare_work(cast(Any, output), settings)
    for waiting in (
        run_kept(kept, settings, "b" * 64, ""),
        compare(WaitingTasks(settings).keep("compare", wish, NO_OWNER), None, gr.Request()),
    ):
        next(waiting)
        assert forget_uploads("a1", settings) == frozenset()
        note_uploads("a1", (woman, voice), settings)
        waiting.close()
    assert forget_uploads("a1", settings) == {str(woman), str(voice)}
