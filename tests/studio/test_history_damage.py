"""A damaged history is set aside and rebuilt from the videos; no visitor gets another's."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from media.errors import InputError, OutputError
from studio.events import Finished, Result
from studio.gallery import history_file
from studio.gallery.found_videos import found_videos
from studio.gallery.history import History, remember
from studio.gallery.history_file import HistoryDamaged, repair_history
from studio.gallery.sharing import share, shared
from studio.gallery.videos import Gallery
from studio.job import Job
from studio.run import run
from studio.settings import Settings
from tests.fake_engine import FakeWorld
from tests.studio.test_history import make_result

ROOT = Path(__file__).resolve().parents[2]
ANN, BEN = "a" * 64, "b" * 64


@pytest.fixture
def made(world: FakeWorld, portrait_file: Path, voice_file: Path, settings: Settings) -> list[Result]:
    """A video of Ann's, one of Ben's, and one that was made in the shell, under a name of its own."""

    def make(owner: str, output: Path | None = None, seed: int = 0) -> Result:
        job = Job(engine="fake", portrait=portrait_file, voice=voice_file, seed=seed, output=output)
        *_, last = run(job, settings, owner=owner)
        assert isinstance(last, Finished)
        return last.result

    videos = [make(ANN, seed=1), make(BEN, seed=2), make("", settings.outputs / "mine" / "own.mp4", 3)]
    for folder in ("served", "comparisons/x", "waiting"):
        (settings.outputs / folder).mkdir(parents=True)
        shutil.copy(videos[0].path, settings.outputs / folder / "private.mp4")
    (settings.outputs / "foreign.mp4").write_bytes(b"no video")
    return videos


def text(path: Path) -> None:
    path.write_text("This is not a database. " * 100)


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.truncate(path, path.stat().st_size // 2)


def noise(path: Path, begin: int = 2000) -> None:
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    data[begin:] = random.Random(1).randbytes(len(data) - begin)
    path.write_bytes(data)


def pages(path: Path) -> None:
    """All but the first page, which is read when the file is opened."""
    noise(path, 4096)


def no_tables(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE results")
        db.execute("DROP TABLE shares")


DAMAGES = (text, nothing, cut, noise, pages, no_tables)


@pytest.mark.parametrize("damage", DAMAGES)
def test_it_is_set_aside_and_rebuilt(
    made: list[Result], settings: Settings, damage: Callable[[Path], None]
) -> None:
    damage(settings.history)
    told = repair_history(settings.history, settings.outputs)
    asides = [p for p in settings.outputs.glob("history.sqlite.damaged-*") if p.name[-1] == "Z"]
    assert len(asides) == 1
    assert asides[0].name in told
    assert "outputs folder (3)" in told
    assert repair_history(settings.history, settings.outputs) == ""
    entries = {entry.result.path: entry.result for entry in History(settings.history).list()}
    assert entries.keys() == {result.path.resolve() for result in made}
    for before in made:
        after = entries[before.path.resolve()]
        assert (after.engine, after.seed, after.options) == (before.engine, before.seed, before.options)
        assert (after.frames, after.fps, after.size) == (before.frames, before.fps, before.size)
        assert (after.portrait_sha256, after.speech_sha256) == (before.portrait_sha256, before.speech_sha256)
        assert (after.signed, after.portrait, after.speech) == (True, "", "")
    assert not list(settings.outputs.glob("*.lock"))


def test_other_visitors_videos_stay_invisible(made: list[Result], settings: Settings) -> None:
    token = share(Gallery(ANN, settings), made[0].job_id)
    text(settings.history)
    repair_history(settings.history, settings.outputs)
    for owner in (ANN, BEN, ""):
        assert Gallery(owner, settings).list() == []
        with pytest.raises(InputError):
            Gallery(owner, settings).get(made[0].job_id)
    with pytest.raises(InputError, match="no longer works"):
        shared(token, settings)


def test_a_visitors_job_continues_and_the_visitor_gets_no_note(
    made: list[Result], settings: Settings, portrait_file: Path, voice_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    job = Job(engine="fake", portrait=portrait_file, voice=voice_file)
    noise(settings.history)
    *_, last = run(job, settings, owner=BEN)
    assert isinstance(last, Finished)
    assert (last.result.notes, last.result.incomplete) == ((), ())
    assert "set aside" in caplog.text
    assert [entry.result.job_id for entry in Gallery(BEN, settings).list()] == [last.result.job_id]
    text(settings.history)
    *_, last = run(job, settings)
    assert isinstance(last, Finished)
    assert "outputs folder (5)" in last.result.notes[-1]  # and this one is recorded as it is
    assert History(settings.history).list()[0].result.portrait == portrait_file.name


def test_damage_that_shows_during_an_operation(made: list[Result], settings: Settings) -> None:
    history = History(settings.history)
    assert len(history.list()) == 3  # it was looked through and found whole
    text(settings.history)
    for _ in range(2):
        assert len(history.list()) == 2  # what lies beside it
    pages(settings.history)
    with pytest.raises(HistoryDamaged, match="set aside"):
        history.list()
    for _ in range(2):
        assert len(history.list()) == 2
    pages(settings.history)
    assert remember(make_result("cc33", settings.outputs / "c.mp4"), settings.history) == ""
    assert history.list()[0].result.job_id == "cc33"


FINDER = """
import sys
from pathlib import Path
from studio.gallery.history import History, remember
from studio.gallery.history_file import repair_history
from tests.studio.test_history import make_result
history, outputs, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
print("ready", flush=True)
sys.stdin.readline()
repair_history(history, outputs)
History(history).record(make_result(name, outputs / "x.mp4"))
print(len(History(history).list()))
"""


def test_several_processes_find_it_at_once(made: list[Result], settings: Settings) -> None:
    text(settings.history)
    finders = [
        subprocess.Popen(
            [sys.executable, "-c", FINDER, str(settings.history), str(settings.outputs), f"p{number}"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(3)
    ]  # fmt: skip
    for finder in finders:
        assert finder.stdout is not None
        assert finder.stdout.readline() == "ready\n"
    for finder in finders:
        assert finder.stdin is not None
        finder.stdin.write("\n")
        finder.stdin.flush()
    for finder in finders:
        finder.communicate()
        assert finder.returncode == 0
    assert len(list(settings.outputs.glob("history.sqlite.damaged-*Z"))) == 1
    ids = {entry.result.job_id for entry in History(settings.history).list()}
    assert ids >= {"p0", "p1", "p2", made[0].job_id}
    assert len(ids) == 6


def test_several_processes_that_begin_a_history_at_once_damage_nothing(settings: Settings) -> None:
    settings.outputs.mkdir(parents=True)
    finders = [
        subprocess.Popen(
            [sys.executable, "-c", FINDER, str(settings.history), str(settings.outputs), f"p{number}"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(3)
    ]  # fmt: skip
    for finder in finders:
        finder.communicate("\n")
        assert finder.returncode == 0
    assert not list(settings.outputs.glob("*damaged*"))
    assert len(History(settings.history).list()) == 3


def test_a_history_that_was_deleted_stays_forgotten(made: list[Result], settings: Settings) -> None:
    for path in settings.outputs.glob("history.sqlite*"):
        path.unlink()
    assert repair_history(settings.history, settings.outputs) == ""
    assert History(settings.history).list() == []


def test_a_folder_of_the_users_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        History(tmp_path / "mine").list()
    (tmp_path / "mine" / "letter.txt").write_text("Dear Ann")
    with pytest.raises(OutputError, match="is a folder"):
        History(tmp_path / "mine").list()
    assert (tmp_path / "mine" / "letter.txt").is_file()


def test_other_things_than_regular_files_are_not_touched(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert repair_history(tmp_path / "pipe", tmp_path) == ""
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_locked_history_is_not_damaged(
    made: list[Result], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_file, "_PATIENCE", 0.05)
    other = sqlite3.connect(settings.history, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(OutputError, match="locked by another program"):
        History(settings.history).record(make_result("dd44", settings.outputs / "d.mp4"))
    other.execute("ROLLBACK")
    other.close()
    assert len(History(settings.history).list()) == 3
    assert not list(settings.outputs.glob("*damaged*"))


def test_a_rescue_for_which_there_is_no_room_can_be_tried_again(
    made: list[Result], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    text(settings.history)
    with monkeypatch.context() as patch:

        def full(*_: object) -> object:
            raise OSError(28, "No space left on device")

        patch.setattr(history_file, "_transaction", full)
        with pytest.raises(OutputError, match="not enough disk space for the history"):
            repair_history(settings.history, settings.outputs)
    assert settings.history.read_text().startswith("This is not")
    assert "outputs folder (3)" in repair_history(settings.history, settings.outputs)


def test_a_video_without_its_settings_is_passed_over(made: list[Result], settings: Settings) -> None:
    import av

    with av.open(str(settings.outputs / "a.mp4"), "w") as new, av.open(str(made[0].path)) as old:
        stream = new.add_stream_from_template(old.streams.video[0])
        new.metadata["comment"] = '{"engine": 5, "seed": "x", "options": []}'
        for packet in old.demux(old.streams.video[0]):
            if packet.size:
                packet.stream = stream
                new.mux(packet)
    found = {result.path for _, result in found_videos(settings.outputs)}
    assert found == {result.path.absolute() for result in made}


def test_a_pipe_is_not_a_video(made: list[Result], settings: Settings) -> None:
    os.mkfifo(settings.outputs / "pipe.mp4")
    (settings.outputs / "device.mp4").symlink_to("/dev/zero")
    (settings.outputs / "nowhere.mp4").symlink_to("nowhere")
    (settings.outputs / "folder.mp4").mkdir()
    (settings.outputs / "round").symlink_to(settings.outputs)
    code = "import sys; from pathlib import Path; from studio.gallery.found_videos import found_videos; "
    code += "print(len(found_videos(Path(sys.argv[1]))))"
    command = [sys.executable, "-c", code, str(settings.outputs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"{len(made)}\n"
