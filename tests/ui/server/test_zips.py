"""The addresses of zips over HTTP: complete for the owner of all their takes, nothing for others."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import httpx
import pytest

from studio.gallery.history_file import open_history
from studio.gallery.videos import Gallery
from studio.gallery.zipping import MOST
from studio.settings import Settings
from tests.ui.server.test_videos import ANN, BEN, VIDEO, gone, record
from tests.ui.visit import Site
from ui.server.addresses import Addresses

ONE, TWO, BENS = (f"{number:016x}" for number in (1, 2, 3))


@pytest.fixture
def asker(site: Site) -> Iterator[httpx.Client]:
    site.reset()
    with open_history(site.settings.history) as db:
        db.execute("DELETE FROM results")
    for job_id, owner in ((ONE, ANN), (TWO, ANN), (BENS, BEN)):
        record(site.settings, job_id, owner)
    with httpx.Client(base_url=site.url) as client:
        yield client


def address(settings: Settings, *ids: str, owner: str = ANN) -> str:
    return "/" + Addresses(settings).zip(owner, ids)


def test_the_owner_gets_all_takes_in_one_file(site: Site, asker: httpx.Client) -> None:
    where = address(site.settings, TWO, ONE)
    answer = asker.get(where)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="joystudio-2-takes.zip"'
    assert answer.headers["cache-control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        assert [packed.read(name) for name in packed.namelist() if name.endswith(".mp4")] == [VIDEO, VIDEO]
    head = asker.head(where)
    assert (head.status_code, head.content) == (200, b"")


def test_nothing_for_others_and_nothing_that_is_gone(site: Site, asker: httpx.Client) -> None:
    settings = site.settings
    where = address(settings, ONE, TWO)
    assert gone(asker.get(where.replace(TWO, BENS)))
    assert gone(asker.get(address(settings, ONE, BENS)))
    assert gone(asker.get(address(settings, BENS, ONE)))
    assert gone(asker.get(address(settings, ONE, TWO, owner=BEN)))
    assert gone(asker.get(where.replace(f"{ONE}.", "")))
    assert gone(asker.get(address(settings, *[ONE] * (MOST + 1))))
    Gallery(ANN, settings).delete(TWO)
    assert gone(asker.get(where))
