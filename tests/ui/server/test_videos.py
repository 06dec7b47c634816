"""The addresses of videos over HTTP: complete and in ranges for their owner, nothing for others."""

from __future__ import annotations

import itertools
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import yaml

from studio.comparison.folders import delete_comparison, new_comparison
from studio.downloads import GONE, KINDS
from studio.gallery.history import History
from studio.gallery.history_file import open_history
from studio.gallery.sharing import revoke, share
from studio.gallery.videos import Gallery
from studio.gallery.visitors import NO_OWNER, new_token, owner_of_token
from studio.motion import motion_path
from studio.settings import Settings
from tests.studio.test_history import make_result
from tests.ui.visit import Site
from ui.app import build, launch_options
from ui.server.addresses import Addresses, shared_address

ANN, BEN = owner_of_token(new_token()), owner_of_token(new_token())
VIDEO = bytes(range(256)) * 1000
PICTURES = ("still", "poster")
"""Made from the first frame, which these bytes do not have."""


@pytest.fixture(autouse=True)
def empty(site: Site) -> None:
    site.reset()
    with open_history(site.settings.history) as db:
        db.execute("DELETE FROM results")


@pytest.fixture
def asker(site: Site) -> Iterator[httpx.Client]:
    """A program without cookies that follows no redirects."""
    with httpx.Client(base_url=site.url) as client:
        yield client


def record(settings: Settings, job_id: str, owner: str = ANN) -> Path:
    """A finished video with its motion, remembered as its owner's."""
    path = settings.outputs.resolve() / f"{job_id}.mp4"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(VIDEO)
    motion_path(path).write_bytes(b"motion")
    result = replace(make_result(job_id, path), motion=motion_path(path))
    History(settings.history).record(result, owner)
    return path


def address(settings: Settings, job_id: str, kind: str = "video", owner: str = ANN) -> str:
    found = History(settings.history).find(job_id)
    assert found is not None
    return "/" + Addresses(settings).video(owner, found[0].result, kind)  # type: ignore[arg-type]


def gone(answer: httpx.Response) -> bool:
    """Whether it is a plain sentence, with nothing of any video."""
    return (
        answer.status_code == 404
        and answer.headers["content-type"].startswith("text/plain")
        and VIDEO[:64] not in answer.content
    )


def test_the_owner_gets_every_file_under_its_name(site: Site, asker: httpx.Client) -> None:
    path = record(site.settings, "a1")
    answers = {kind: asker.get(address(site.settings, "a1", kind)) for kind in KINDS if kind not in PICTURES}
    assert {answer.status_code for answer in answers.values()} == {200}
    told = {kind: answer.headers["content-type"].partition(";")[0] for kind, answer in answers.items()}
    assert told == {
        "video": "video/mp4",
        "preset": "application/yaml",
        "settings": "application/json",
        "motion": "application/octet-stream",
    }
    shown = {kind: answer.headers["content-disposition"] for kind, answer in answers.items()}
    assert shown["video"] == 'inline; filename="joystudio-x-seed3.mp4"'
    assert shown["preset"] == 'attachment; filename="fake-seed3.yaml"'
    for answer in answers.values():
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert answers["video"].content == path.read_bytes()
    assert answers["motion"].content == b"motion"
    assert yaml.safe_load(answers["preset"].text)["options"] == {"level": 1}
    assert str(path.parent) not in json.dumps(answers["settings"].json())
    assert gone(asker.get(address(site.settings, "a1", "still")))  # no picture can be read from these bytes


def test_ranges_and_heads_as_players_ask_for_them(site: Site, asker: httpx.Client) -> None:
    record(site.settings, "a1")
    where = address(site.settings, "a1")
    head = asker.head(where)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(VIDEO))
    assert head.headers["accept-ranges"] == "bytes"
    for asked, begin, end in (
        ("0-99", 0, 100),
        ("1000-", 1000, len(VIDEO)),
        ("-5", len(VIDEO) - 5, len(VIDEO)),
    ):
        part = asker.get(where, headers={"Range": f"bytes={asked}"})
        assert part.status_code == 206
        assert part.content == VIDEO[begin:end]
        assert part.headers["content-range"] == f"bytes {begin}-{end - 1}/{len(VIDEO)}"
    assert asker.get(where, headers={"Range": "bytes=900000-"}).status_code == 416
    for method in ("POST", "PUT", "DELETE"):
        assert asker.request(method, where).status_code == 405
    assert asker.get(where).content == VIDEO


def test_other_visitors_files_cannot_be_opened(site: Site, asker: httpx.Client) -> None:
    """Another's key, another video, another kind, a changed key, paths instead of names."""
    record(site.settings, "a1"), record(site.settings, "b1", BEN), record(site.settings, "s1", NO_OWNER)
    right = address(site.settings, "a1")
    _, top, videos, job_id, kind, key, name = right.split("/")
    wrong = [
        address(site.settings, "a1", owner=BEN),
        address(site.settings, "b1", owner=ANN),
        address(site.settings, "s1", owner=NO_OWNER),  # made in a shell: no visitor's
        *("/".join(["", top, videos, *parts]) for parts in itertools.chain(
            ((other, kind, key, name) for other in ("b1", "s1", "a", "a1 ", "A1", "%", "..%2fa1", "a1%00")),
            ((job_id, other, key, name) for other in (*KINDS[1:], "Video", "", "..", "history.sqlite")),
            ((job_id, kind, other, name) for other in (
                "", key[:-1], key + "=", key[1:] + key[0], key.swapcase(), quote("é" * 43), "x" * 20_000,
            )),
        )),
        right.replace(f"/{name}", ""),
        right + "/more",
        *(f"/{top}/{videos}/{trick}" for trick in (
            "../../history.sqlite", "..%2f..%2fhistory.sqlite", "%2e%2e/%2e%2e/etc/passwd", f"{job_id}.mp4",
        )),
        f"/gradio_api/file={site.settings.outputs.resolve()}/a1.mp4",
        f"/gradio_api/file=joystudio/{right}",
    ]  # fmt: skip
    for where, method in itertools.product(wrong, ("GET", "HEAD")):
        for headers in ({}, {"Range": "bytes=0-63"}):
            answer = asker.request(method, where, headers=headers)
            assert answer.status_code in (403, 404), (where[:200], answer.status_code)
            assert VIDEO[:64] not in answer.content
    assert asker.get(right).content == VIDEO


def test_deleted_videos_are_gone_at_once_also_for_an_open_player(site: Site, asker: httpx.Client) -> None:
    record(site.settings, "a1"), record(site.settings, "a2")
    places = [address(site.settings, "a1", kind) for kind in KINDS if kind not in PICTURES]
    other = address(site.settings, "a2")
    assert asker.get(places[0], headers={"Range": "bytes=0-9"}).status_code == 206
    Gallery(ANN, site.settings).delete("a1")
    for where in places:
        assert gone(asker.get(where, headers={"Range": "bytes=10-19"}))
        assert asker.head(where).status_code == 404
    assert asker.get(places[0]).text == GONE
    assert asker.get(other).content == VIDEO
    (site.settings.outputs / "a2.mp4").unlink()  # somebody has tidied up by hand
    assert gone(asker.get(other))
    History(site.settings.history).delete("a2")  # as `history delete` does, without the file
    assert gone(asker.get(other))


@pytest.mark.parametrize("linked", [False, True])
def test_a_download_ends_when_its_video_is_deleted_or_revoked(
    site: Site, asker: httpx.Client, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    monkeypatch.setattr("ui.server.videos.SECONDS_BETWEEN_LOOKS", 0.0)
    path, size = record(site.settings, "a1"), 200_000_000  # far more than connections hold
    os.truncate(path, size)
    gallery = Gallery(ANN, site.settings)
    where = address(site.settings, "a1")
    if linked:
        where = "/" + shared_address(share(gallery, "a1"), gallery.get("a1").result, "video")
    with asker.stream("GET", where) as answer:
        pieces = answer.iter_bytes()
        got = len(next(pieces))
        (revoke if linked else Gallery.delete)(gallery, "a1")
        with suppress(httpx.RemoteProtocolError):  # the connection is closed
            for piece in pieces:
                got += len(piece)
    assert 0 < got < size
    path.unlink(missing_ok=True)


def test_a_link_serves_its_video_until_it_is_revoked_or_ends(site: Site, asker: httpx.Client) -> None:
    record(site.settings, "a1"), record(site.settings, "b1", BEN)
    gallery = Gallery(ANN, site.settings)
    result = gallery.get("a1").result
    token = share(gallery, "a1")
    where = "/" + shared_address(token, result, "video")
    assert asker.get(where, headers={"Range": "bytes=0-63"}).content == VIDEO[:64]
    assert "joystudio-portrait-seed3.mp4" in asker.get(where).headers["content-disposition"]
    for kind in ("preset", "settings", "motion", "..", ""):  # these are its maker's
        assert asker.get(where.replace("/video/", f"/{kind}/")).status_code == 404
    for other in (token[:-1], token.swapcase(), "%25", "' OR 1=1 --", ""):
        assert gone(asker.get(where.replace(token, quote(other)))) or not other
    revoke(gallery, "a1")
    assert gone(asker.get(where))
    ended = share(gallery, "a1", now=time.time() - 3601 * site.settings.share_hours)
    assert gone(asker.get("/" + shared_address(ended, result, "video")))
    last = "/" + shared_address(share(gallery, "a1"), result, "video")
    assert asker.get(last).content == VIDEO
    gallery.delete("a1")
    assert gone(asker.get(last))


def test_comparisons_belong_to_one_owner_as_well(site: Site, asker: httpx.Client) -> None:
    with new_comparison(ANN, site.settings) as made, new_comparison(BEN, site.settings) as other:
        for one in (made, other):
            (one.path / "1-preview.mp4").write_bytes(VIDEO)
            (one.path / "comparison.html").write_text("<script>alert(1)</script>")
        (made.path / ".joystudio-x.part").write_bytes(b"half")
    addresses = Addresses(site.settings)
    where = "/" + addresses.comparison(made, "1-preview.mp4")
    assert asker.get(where, headers={"Range": "bytes=5-9"}).content == VIDEO[5:10]
    page = asker.get("/" + addresses.comparison(made, "comparison.html"))
    assert page.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in page.headers["content-security-policy"]
    for wrong in (
        where.replace(made.id, other.id),
        "/" + addresses.comparison(made, ".joystudio-x.part"),
        "/" + addresses.comparison(made, f"../{other.id}/1-preview.mp4"),
        "/" + addresses.comparison(made, f"..%2f{other.id}%2f1-preview.mp4"),
        "/" + addresses.comparison(made, "x" * 5000 + ".mp4"),
    ):
        assert gone(asker.get(wrong)) or b"Not Found" in asker.get(wrong).content
    delete_comparison(made, site.settings)
    assert gone(asker.get(where))
    assert asker.get("/" + addresses.comparison(other, "1-preview.mp4")).content == VIDEO


@contextmanager
def second_server(settings: Settings, **more: object) -> Iterator[str]:
    """Another server on the same outputs."""
    page = build(settings, tabs=())
    arguments = launch_options(settings, page) | more
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **arguments)
    yield url
    page.close(verbose=False)


def test_addresses_hold_at_a_second_server_and_behind_a_login(site: Site) -> None:
    """The second server asks for a password: an address needs the login there, a link does not."""
    record(site.settings, "a1")
    gallery = Gallery(ANN, site.settings)
    where = address(site.settings, "a1")
    link = "/" + shared_address(share(gallery, "a1"), gallery.get("a1").result, "video")
    with (
        second_server(site.settings, auth=[("ann", "secret")]) as url,
        httpx.Client(base_url=url) as asker,
    ):
        refused = asker.get(where)
        assert refused.status_code == 401
        assert VIDEO[:64] not in refused.content
        assert asker.get(where, headers={"Cookie": "access-token-x=x"}).status_code == 401
        assert asker.get(link).content == VIDEO
        assert asker.post("/login", data={"username": "ann", "password": "secret"}).status_code == 200
        assert asker.get(where).content == VIDEO
        assert gone(asker.get(address(site.settings, "a1", owner=BEN)))
        gallery.delete("a1")
        assert gone(asker.get(where))


def test_forty_visits_of_a_link_make_no_copies(site: Site, asker: httpx.Client) -> None:
    record(site.settings, "a1")
    token = share(Gallery(ANN, site.settings), "a1")
    show = next(number for number, one in site.page.fns.items() if one.name == "show" and not one.inputs)
    cache = Path(next(iter(site.page.blocks.values())).GRADIO_CACHE)
    folders = (cache, site.settings.outputs)
    before = [sorted(folder.rglob("*")) for folder in folders]
    for visit in range(40):
        asked = {"data": [], "fn_index": show, "session_hash": f"visit{visit}"}
        answer = asker.post(f"/gradio_api/run/predict?run={token}", json=asked)
        (video,) = re.findall(r'<video src="([^"]*)"', answer.json()["data"][1])
        assert video.startswith(f"joystudio/shared/{token}/video/")
        assert asker.get(f"/{video}").content == VIDEO
    assert [sorted(folder.rglob("*")) for folder in folders] == before
