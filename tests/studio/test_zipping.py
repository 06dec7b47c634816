"""Several takes in one zip, written while it is sent."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from media.errors import InputError
from studio.gallery import zipping
from studio.gallery.history import History
from studio.gallery.history_file import open_history
from studio.gallery.takes import Take, rename, take_of
from studio.gallery.videos import Gallery
from studio.settings import Settings
from tests.studio.test_history import make_result

VIDEO = bytes(range(256)) * 1000


@pytest.fixture
def takes(settings: Settings) -> list[Take]:
    found = []
    for number in (1, 2, 3):
        path = settings.outputs.resolve() / f"{number:016x}.mp4"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(VIDEO * number)
        result = replace(make_result(path.stem, path), seed=number)
        History(settings.history).record(result, "ann")
        found.append(result.job_id)
    gallery = Gallery("ann", settings)
    rename(gallery, found[1], "The calm / one")
    return [take_of(gallery, one) for one in found]


def test_a_zip_has_the_files_of_every_take(settings: Settings, takes: list[Take]) -> None:
    with open_history(settings.history) as db:
        spoken = {"text": "你好", "engine": "espeak", "language": "zh", "voice": "man", "speed": 1.5}
        given = {"spoken": spoken}
        db.execute("INSERT INTO given VALUES (?, ?)", (takes[0].entry.result.job_id, json.dumps(given)))
    pieces = list(zipping.zip_of(takes, settings, lambda: None))
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        assert [name.split("/")[0] for name in names[::3]] == ["01-take-1", "02-The-calm-one", "03-take-3"]
        assert [Path(name).suffix for name in names[:3]] == [".mp4", ".json", ".yaml"]
        assert packed.read(names[3]) == VIDEO * 2
        facts = json.loads(packed.read(names[1]))
        assert facts["seed"] == 1
        assert facts["spoken"]["text"] == "你好"
        assert "spoken" not in json.loads(packed.read(names[4]))


def test_memory_does_not_grow_with_the_videos(
    settings: Settings, takes: list[Take], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipping, "CHUNK", 10_000)
    sizes = [len(piece) for piece in zipping.zip_of(takes, settings, lambda: None)]
    assert sum(sizes) > 6 * len(VIDEO)
    assert max(sizes) <= 10_000


def test_a_take_that_is_deleted_ends_the_zip(settings: Settings, takes: list[Take]) -> None:
    gallery = Gallery("ann", settings)
    pieces = zipping.zip_of(takes, settings, lambda: [gallery.get(one.entry.result.job_id) for one in takes])
    assert next(pieces)
    gallery.delete(takes[2].entry.result.job_id)
    with pytest.raises(InputError):
        list(pieces)
