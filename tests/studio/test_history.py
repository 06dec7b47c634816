from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from media.errors import InputError, OutputError
from media.messages import Message, said
from studio.events import Result
from studio.gallery.history import History, remember
from studio.gallery.history_schema import SCHEMA_VERSION


def make_result(job_id: str, path: Path) -> Result:
    return Result(
        job_id=job_id, path=path, frames=30, fps=25, size=(128, 96), duration=1.2, seconds=0.5,
        first_chunk_seconds=0.2, realtime_factor=0.42, engine="fake", preset="calm", options={"level": 1},
        seed=3, portrait="臉 'x'.png", speech="a.wav", portrait_sha256="p", speech_sha256="s",
        random_weights=False, notes=("one", "two"),
    )  # fmt: skip


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "new" / "history.sqlite")


def test_what_is_recorded_comes_back(history: History, tmp_path: Path) -> None:
    result = make_result("aa11", tmp_path / "out.mp4")
    history.record(result)
    entry = history.get("aa11")
    assert entry.result == result
    assert entry.created.utcoffset() is not None
    assert entry.as_json()["job_id"] == "aa11"


def test_notes_keep_what_they_are_translated_by(history: History, tmp_path: Path) -> None:
    note = said("{faces} faces were found.", faces=3)
    history.record(replace(make_result("aa11", tmp_path / "out.mp4"), notes=("one", note)))
    found = history.get("aa11").result.notes
    assert found == ("one", "3 faces were found.")
    assert isinstance(found[1], Message)
    assert (found[1].template, found[1].values) == ("… faces were found.", ("3",))


@pytest.mark.parametrize("kept", ["x", [1, 2], [["… faces", "4"], "two"], [["…", "one", "more"], "two"]])
def test_templates_that_do_not_fit_their_notes_are_left_out(tmp_path: Path, kept: object) -> None:
    stored = make_result("aa11", tmp_path / "out.mp4").as_json() | {"messages": kept}
    notes = Result.from_json(stored).notes
    assert notes == ("one", "two")
    assert not any(isinstance(note, Message) for note in notes)


def test_newest_first_and_no_more_than_asked(history: History, tmp_path: Path) -> None:
    assert history.list() == []
    for n in range(5):
        history.record(make_result(f"id{n}", tmp_path / "out.mp4"))
    assert [e.result.job_id for e in history.list()] == ["id4", "id3", "id2", "id1", "id0"]
    assert [e.result.job_id for e in history.list(limit=2)] == ["id4", "id3"]


def test_the_beginning_of_an_id_is_enough_when_it_is_the_only_one(history: History, tmp_path: Path) -> None:
    history.record(make_result("abc1", tmp_path / "1.mp4"))
    history.record(make_result("abd2", tmp_path / "2.mp4"))
    assert history.get("abc").result.job_id == "abc1"
    with pytest.raises(InputError, match="More than one"):
        history.get("ab")
    for nothing in ("x", "", "%", "ab_", "abc1'; DROP TABLE results; --"):
        with pytest.raises(InputError, match="has no video"):
            history.get(nothing)
    assert len(history.list()) == 2


def test_deleting_forgets_and_on_wish_removes_the_file(history: History, tmp_path: Path) -> None:
    for name in ("keep", "gone"):
        (tmp_path / f"{name}.mp4").write_bytes(b"video")
        history.record(make_result(name, tmp_path / f"{name}.mp4"))
    history.delete("keep")
    history.delete("gone", file=True)
    assert history.list() == []
    assert (tmp_path / "keep.mp4").exists()
    assert not (tmp_path / "gone.mp4").exists()


def test_a_file_that_is_gone_can_be_deleted(history: History, tmp_path: Path) -> None:
    history.record(make_result("a", tmp_path / "never.mp4"))
    history.delete("a", file=True)
    assert history.list() == []


def test_many_threads_write_at_once(history: History, tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def write(n: int) -> None:
        start.wait(30)
        for k in range(5):
            history.record(make_result(f"{n}-{k}", tmp_path / "out.mp4"))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(history.list()) == 40


def test_a_file_of_a_newer_version_stays_unchanged(history: History, tmp_path: Path) -> None:
    history.record(make_result("a", tmp_path / "x.mp4"))
    db = sqlite3.connect(history.path)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    with pytest.raises(OutputError, match="newer JoyStudio"):
        history.list()


def test_remembering_twice_is_reported_not_raised(history: History, tmp_path: Path) -> None:
    result = make_result("a", tmp_path / "x.mp4")
    assert remember(result, history.path) == ""
    assert "could not be remembered" in remember(result, history.path)


def test_names_that_are_not_text_are_remembered(history: History, tmp_path: Path) -> None:
    path = tmp_path / "bad-\udcff.mp4"
    history.record(make_result("a", path))
    assert history.get("a").result.path == path
