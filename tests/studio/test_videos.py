"""Owners of videos, links that end, and histories of older versions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from media.errors import InputError
from media.thumbnail import thumbnail
from media.video import VideoWriter
from studio.clock import SureClock
from studio.downloads import KINDS, download_name, download_of, preset_yaml, settings_json, still
from studio.gallery.history import History
from studio.gallery.history_file import open_history
from studio.gallery.history_schema import SCHEMA_VERSION
from studio.gallery.sharing import forget_expired, link_of, revoke, share, shared
from studio.gallery.videos import Gallery
from studio.gallery.visitors import NO_OWNER, new_token, owner_of_login, owner_of_token
from studio.settings import Settings
from tests.studio.test_history import make_result

Made = Callable[[str, str], Path]
HOUR = 3600.0


@pytest.fixture
def made(settings: Settings) -> Made:
    """Records a video of an owner under an id, with a file."""

    def make(job_id: str, owner: str) -> Path:
        path = settings.outputs / f"{job_id}.mp4"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"video")
        History(settings.history).record(make_result(job_id, path), owner)
        return path

    return make


def test_the_beginning_of_an_id_names_no_video_of_a_visitor(settings: Settings, made: Made) -> None:
    """What belongs to a video besides its files, such as its uploads, is found by the whole id."""
    ann = owner_of_token(new_token())
    made("a1b2c3", ann)
    with pytest.raises(InputError, match="You have no video 'a1b2'"):
        Gallery(ann, settings).delete("a1b2")
    assert [entry.result.job_id for entry in Gallery(ann, settings).list()] == ["a1b2c3"]


def test_each_visitor_has_their_own_videos_and_no_one_has_none(settings: Settings, made: Made) -> None:
    ann, ben = owner_of_token(new_token()), owner_of_token(new_token())
    made("a1", ann), made("b1", ben), made("a2", ann)
    shell = made("s1", NO_OWNER)
    assert [entry.result.job_id for entry in Gallery(ann, settings).list()] == ["a2", "a1"]
    assert [entry.result.job_id for entry in Gallery(ben, settings).list()] == ["b1"]
    assert Gallery(NO_OWNER, settings).list() == []
    for owner, job_id in (
        (ann, "b1"),
        (ann, "s1"),
        (ann, ""),
        (ann, "a"),
        (NO_OWNER, "s1"),
        (NO_OWNER, "a1"),
    ):
        gallery = Gallery(owner, settings)
        for act in (gallery.get, gallery.delete, lambda one, g=gallery: share(g, one)):
            with pytest.raises(InputError):
                act(job_id)
    assert len(History(settings.history).list()) == 4
    assert shell.is_file()


def test_deleting_takes_the_files_and_the_link(settings: Settings, made: Made) -> None:
    gallery = Gallery("ann", settings)
    path = made("a1", "ann")
    motion = path.with_suffix(".motion.safetensors")
    motion.write_bytes(b"motion")
    token = share(gallery, "a1")
    gallery.delete("a1")
    assert not path.exists()
    assert not motion.exists()
    assert gallery.list() == []
    with pytest.raises(InputError, match="no longer works"):
        shared(token, settings)


def test_a_video_whose_file_is_gone_is_not_shown(settings: Settings, made: Made) -> None:
    made("a1", "ann").unlink()
    assert Gallery("ann", settings).list() == []
    with pytest.raises(InputError, match="no longer exists"):
        Gallery("ann", settings).get("a1")


def test_a_link_holds_for_its_hours_and_is_prolonged(settings: Settings, made: Made) -> None:
    settings = settings.model_copy(update={"share_hours": 2.0})
    gallery = Gallery("ann", settings)
    made("a1", "ann")
    token = share(gallery, "a1", now=0)
    assert shared(token, settings, now=2 * HOUR - 1).result.job_id == "a1"
    assert share(gallery, "a1", now=HOUR) == token
    assert shared(token, settings, now=3 * HOUR - 1).result.job_id == "a1"
    assert link_of(gallery, "a1", now=3 * HOUR) is None
    for wrong in (token, token[:-1], "", "' OR 1=1 --"):
        with pytest.raises(InputError, match="no longer works"):
            shared(wrong, settings, now=3 * HOUR)
    assert share(gallery, "a1", now=3 * HOUR) != token


def test_a_clock_that_is_ahead_for_a_while_costs_no_link(settings: Settings, made: Made) -> None:
    settings = settings.model_copy(update={"share_hours": 6.0})
    gallery = Gallery("ann", settings)
    ahead, passed = [0.0], [0.0]
    clock = SureClock(wall=lambda: passed[0] + ahead[0], steady=lambda: passed[0])
    made("a1", "ann"), made("b1", "ann")
    first = share(gallery, "a1", now=0)
    ahead[0], passed[0] = 365 * 24 * HOUR, 2 * HOUR
    with pytest.raises(InputError, match="no longer works"):
        shared(first, settings, now=ahead[0])
    second = share(gallery, "b1", now=ahead[0])
    assert forget_expired(settings, clock) == 0
    ahead[0] = 0.0
    assert shared(first, settings, now=2 * HOUR).result.job_id == "a1"
    for passed[0], gone in ((4 * HOUR, 0), (7 * HOUR, 1)):
        assert forget_expired(settings, clock) == gone
    assert shared(second, settings, now=7 * HOUR).result.job_id == "b1"
    with pytest.raises(InputError, match="no longer works"):
        shared(second, settings, now=14 * HOUR)  # and not a year later


def test_revoking_ends_a_link_at_once(settings: Settings, made: Made) -> None:
    made("a1", "ann")
    gallery = Gallery("ann", settings)
    token = share(gallery, "a1")
    with pytest.raises(InputError):
        revoke(Gallery("ben", settings), "a1")
    assert link_of(gallery, "a1") == token
    revoke(gallery, "a1")
    with pytest.raises(InputError):
        shared(token, settings)


def test_links_can_be_switched_off(settings: Settings, made: Made) -> None:
    made("a1", "ann")
    token = share(Gallery("ann", settings), "a1")
    off = settings.model_copy(update={"share_hours": 0.0})
    with pytest.raises(InputError, match="switched off"):
        share(Gallery("ann", off), "a1")
    with pytest.raises(InputError):
        shared(token, off)


def test_tokens_cannot_be_read_from_owners_and_users_are_no_tokens() -> None:
    token = new_token()
    assert len(token) > 40
    assert token not in owner_of_token(token)
    assert owner_of_token("ann") != owner_of_login("ann", "ann")
    assert owner_of_token("") == NO_OWNER


def test_a_history_of_version_1_is_taken_over(settings: Settings) -> None:
    settings.outputs.mkdir()
    old = make_result("old1", settings.outputs / "old.mp4")
    with sqlite3.connect(settings.history) as db:
        db.execute(
            "CREATE TABLE results (number INTEGER PRIMARY KEY, job_id TEXT NOT NULL UNIQUE,"
            " created TEXT NOT NULL,"
            " engine TEXT NOT NULL, portrait_sha256 TEXT NOT NULL, speech_sha256 TEXT NOT NULL,"
            " result TEXT NOT NULL)"
        )
        row = ("old1", "2026-01-02T03:04:05+00:00", "fake", "p", "s", json.dumps(old.as_json()))
        db.execute("INSERT INTO results VALUES (1, ?, ?, ?, ?, ?, ?)", row)
        db.execute("PRAGMA user_version = 1")
    db.close()
    history = History(settings.history)
    assert history.get("old1").result == old
    assert history.list(owner="ann") == []
    history.record(make_result("new1", settings.outputs / "new.mp4"), "ann")
    assert [entry.result.job_id for entry in history.list()] == ["new1", "old1"]
    with open_history(settings.history) as opened:
        assert opened.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION


def test_stills_are_small_and_made_once(settings: Settings) -> None:
    path = settings.outputs / "a1.mp4"
    path.parent.mkdir()
    with VideoWriter(path, (640, 320), 25) as video:
        video.write(np.full((3, 320, 640, 3), 128, np.uint8))
    result = make_result("a1", path)
    still_file = download_of(result, "still")
    assert still_file.content == thumbnail(path)
    assert still_file.content is download_of(result, "still").content
    assert len(still_file.content) < 20_000
    path.write_bytes(b"other")
    with pytest.raises(InputError):
        still(result)
    path.unlink()
    with pytest.raises(InputError, match="This video does not exist"):
        still(result)


def test_downloads_contain_no_paths(tmp_path: Path) -> None:
    result = make_result("a1", tmp_path / "a1.mp4")
    assert yaml.safe_load(preset_yaml(result))["options"] == result.options
    facts = json.loads(settings_json(result))
    assert facts["seed"] == 3
    assert facts["portrait"] == "臉 'x'.png"
    assert str(tmp_path) not in settings_json(result)
    assert "job_id" not in facts


def test_every_file_has_a_name_that_can_be_saved_and_no_copy(tmp_path: Path) -> None:
    result = make_result("a1", tmp_path / "a1.mp4")
    with pytest.raises(InputError, match="This video does not exist"):
        download_of(result, "video")
    result.path.write_bytes(b"video")
    video = download_of(result, "video")
    assert (video.name, video.media_type, video.content) == (
        "joystudio-x-seed3.mp4",
        "video/mp4",
        result.path,
    )
    assert download_of(result, "video", named=False).name == "joystudio-portrait-seed3.mp4"
    assert download_of(result, "preset").name == "fake-seed3.yaml"
    with pytest.raises(InputError):
        download_of(result, "motion")
    names = {download_name(result, kind) for kind in KINDS}
    assert len(names) == len(KINDS)
    assert all(name.isascii() and "/" not in name for name in names)
