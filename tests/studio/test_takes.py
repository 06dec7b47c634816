"""Takes of one portrait and voice: their order, numbers, names, differences and kept inputs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from media.errors import InputError
from studio.events import Result
from studio.gallery.differences import ComparedTake, differences, made_from
from studio.gallery.history import History
from studio.gallery.history_schema import SCHEMA_VERSION
from studio.gallery.kept_inputs import FOLDER, folder_of, keep_inputs, kept_file
from studio.gallery.takes import (
    LONGEST_NAME,
    ON_PAGE,
    delete_project,
    page_of_takes,
    rename,
    take_of,
)
from studio.gallery.videos import Gallery
from studio.retention import DAY, sweep_finished
from studio.settings import Settings
from tests.studio.test_history import make_result

Make = Callable[..., Result]


@pytest.fixture
def make(settings: Settings) -> Make:
    """Records a video under a number, by default Ann's of the portrait p and the voice s."""

    def make(number: int, owner: str = "ann", **changed: Any) -> Result:
        path = settings.outputs.resolve() / f"{number:016x}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"video")
        result = replace(make_result(path.stem, path), **changed)
        History(settings.history).record(result, owner)
        return result

    return make


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    found = {"portrait": tmp_path / "woman.png", "voice": tmp_path / "voice.wav"}
    found["second_voice"] = tmp_path / "answer.wav"
    for part, path in found.items():
        path.write_bytes(part.encode() * 100)
    return found


def numbers(settings: Settings, owner: str = "ann", start: int = 0) -> list[int]:
    return [
        int(take.entry.result.job_id, 16) for take in page_of_takes(Gallery(owner, settings), start).takes
    ]


def test_takes_of_a_pair_are_together_and_the_pair_with_the_latest_is_first(
    settings: Settings, make: Make
) -> None:
    make(1)
    make(2, portrait_sha256="other")
    make(3)
    make(4, owner="eve")
    make(5, portrait_sha256="other")
    make(6)
    assert numbers(settings) == [6, 3, 1, 5, 2]
    page = page_of_takes(Gallery("ann", settings))
    assert [(take.number, take.takes) for take in page.takes] == [(3, 3), (2, 3), (1, 3), (2, 2), (1, 2)]
    assert numbers(settings, "eve") == [4]
    assert numbers(settings, "") == []


def test_pages_hold_every_take_once_and_leave_out_missing_files(settings: Settings, make: Make) -> None:
    count = 2 * ON_PAGE + 1
    made = [make(number) for number in range(1, count + 3)]
    made[3].path.unlink()
    made[-1].path.unlink()
    found, start = [], 0
    for left in (ON_PAGE, ON_PAGE, 1):
        page = page_of_takes(Gallery("ann", settings), start)
        assert len(page.takes) == left
        found += [int(take.entry.result.job_id, 16) for take in page.takes]
        start = page.older or 0
    assert start == 0
    assert found == sorted(set(range(1, count + 2)) - {4}, reverse=True)


def test_a_search_fills_its_pages(settings: Settings, make: Make) -> None:
    for number in range(3 * ON_PAGE):
        make(number, seed=number % 3)
    page = page_of_takes(Gallery("ann", settings), 0, lambda take: take.entry.result.seed == 1)
    assert len(page.takes) == ON_PAGE
    assert page.older is None


def test_numbers_stay_when_others_are_deleted(settings: Settings, make: Make) -> None:
    one, _, three = make(1), make(2), make(3)
    gallery = Gallery("ann", settings)
    gallery.delete(one.job_id)
    assert take_of(gallery, three.job_id).number == 3
    assert take_of(gallery, make(4).job_id).number == 4


def test_a_take_has_the_name_that_its_visitor_gave_it(settings: Settings, make: Make) -> None:
    job_id, gallery = make(1).job_id, Gallery("ann", settings)
    assert rename(gallery, job_id, "  The\tcalm\0 one\n 平静 ") == "The calm one 平静"
    assert take_of(gallery, job_id).name == "The calm one 平静"
    with pytest.raises(InputError, match=f"has {LONGEST_NAME + 1} characters"):
        rename(gallery, job_id, "x" * (LONGEST_NAME + 1))
    with pytest.raises(InputError, match="no video"):
        rename(Gallery("eve", settings), job_id, "mine")
    assert take_of(gallery, job_id).name == "The calm one 平静"
    rename(gallery, job_id, "")
    assert take_of(gallery, job_id).name == ""


def test_a_take_tells_what_differs_from_the_others(settings: Settings, make: Make) -> None:
    options = {"level": 1, "mood": "calm"}
    a, b, c = (
        make(1, options=options),
        make(2, options=options | {"level": 2}),
        make(3, options=options, seed=9),
    )
    other = make(4, engine="another", options={"level": 5}, seed=77)
    pair = take_of(Gallery("ann", settings), a.job_id).pair
    made = made_from(pair, settings)
    assert list(made) == [other.job_id, c.job_id, b.job_id, a.job_id]

    def of(result: Result, *others: Result) -> dict[str, Any]:
        return differences(made[result.job_id], [made[one.job_id] for one in others])

    assert of(a, b) == {"level": 1}
    assert of(a, c) == {"seed": 3}
    assert of(b, a, c, other) == {"engine": "fake", "level": 2, "seed": 3}
    assert of(other, a, b) == {"engine": "another"}
    assert of(a) == {}
    points = ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))
    assert differences(ComparedTake(a, 1, points), [ComparedTake(a)]) == {"face": 1, "points": points}


def test_deleting_a_project_deletes_its_takes_and_nothing_else(
    settings: Settings, make: Make, files: dict[str, Path]
) -> None:
    one, two = make(1), make(2)
    other, strange = make(3, speech_sha256="other"), make(4, owner="eve")
    for result in (one, other, strange):
        keep_inputs(result, files, settings)
    gallery = Gallery("ann", settings)
    with pytest.raises(InputError):
        delete_project(Gallery("eve", settings), one.job_id)
    assert sorted(delete_project(gallery, two.job_id)) == [one.job_id, two.job_id]
    assert numbers(settings) == [3]
    assert numbers(settings, "eve") == [4]
    assert not one.path.exists()
    assert other.path.exists()
    assert len(list((settings.outputs / FOLDER).iterdir())) == 2


def test_inputs_are_kept_once_and_until_the_last_take_is_deleted(
    settings: Settings, make: Make, files: dict[str, Path]
) -> None:
    one, two, gallery = make(1), make(2), Gallery("ann", settings)
    for result in (one, two):
        keep_inputs(result, files, settings)
    folder = folder_of(one.path, take_of(gallery, one.job_id).pair)
    assert folder is not None
    kept = {part: kept_file(folder, part) for part in files}
    assert {part: path and path.read_bytes() for part, path in kept.items()} == {
        part: path.read_bytes() for part, path in files.items()
    }
    assert folder.stat().st_mode & 0o077 == 0
    assert folder.parent.stat().st_mode & 0o077 == 0
    gallery.delete(one.job_id)
    assert kept_file(folder, "portrait") is not None
    gallery.delete(two.job_id)
    assert list(folder.parent.iterdir()) == []
    keep_inputs(two, files, settings)  # it ended after its take was deleted
    assert list(folder.parent.iterdir()) == []
    keep_inputs(make(5, owner=""), files, settings)  # made in a shell
    assert list(folder.parent.iterdir()) == []


def test_kept_inputs_count_as_room_and_go_with_the_last_take(
    settings: Settings, make: Make, files: dict[str, Path]
) -> None:
    one, two = make(1), make(2)
    keep_inputs(two, files, settings)
    size = sum(path.stat().st_size for path in files.values())
    videos = len(b"video")
    later = time.time() + DAY / 2
    limited = settings.model_copy(update={"keep_gb": (size + 2 * videos - 1) / 1e9})
    assert sweep_finished(limited, now=later).bytes == videos
    assert not one.path.exists()
    limited = settings.model_copy(update={"keep_gb": (size + videos - 1) / 1e9})
    assert sweep_finished(limited, now=later).bytes == size + videos
    assert list((settings.outputs / FOLDER).iterdir()) == []


def test_inputs_whose_videos_are_gone_are_removed(
    settings: Settings, make: Make, files: dict[str, Path]
) -> None:
    result = make(1)
    keep_inputs(result, files, settings)
    result.path.unlink()
    later = time.time() + 3600 * settings.keep_hours
    sweep_finished(settings, now=later - 60)
    (folder,) = (settings.outputs / FOLDER).iterdir()
    sweep_finished(settings, now=later + 60)
    assert not folder.exists()


def test_a_history_of_an_earlier_version_gets_numbers(settings: Settings, make: Make) -> None:
    for number in (1, 2, 3):
        make(number, speech_sha256="other" if number == 2 else "s")
    db = sqlite3.connect(settings.history)
    with db:
        db.execute("DROP INDEX results_of_pair")
        for column in ("take", "name"):
            db.execute(f"ALTER TABLE results DROP COLUMN {column}")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION - 1}")
    db.close()
    page = page_of_takes(Gallery("ann", settings))
    assert [(int(take.entry.result.job_id, 16), take.number) for take in page.takes] == [
        (3, 2),
        (1, 1),
        (2, 1),
    ]
