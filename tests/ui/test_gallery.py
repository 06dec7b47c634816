"""The gallery and links: a browser's own videos, what it may see, and what it can share."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from PIL import Image
from playwright.sync_api import Page, Route, expect

from studio.gallery.history import History
from studio.options import make_options
from studio.presets import load_preset
from tests.conftest import write_voice
from tests.ui.rehearsal import ENCORE, ENGINE
from tests.ui.visit import Files, Site, agree, at, finish, give, open_in, open_tab, preset_choice, unfold
from ui.tabs.gallery.screen import GALLERY
from ui.visitor import KEY

TABS = (ENGINE, ENCORE, GALLERY)
SHARED = "shared"


def open_gallery(page: Page, videos: int) -> None:
    page.get_by_role("tab", name="Gallery").click()
    expect(at(page, "stills button.thumbnail-item", GALLERY)).to_have_count(videos)


def choose(page: Page, number: int = 0) -> None:
    at(page, "stills button.thumbnail-item", GALLERY).nth(number).click()
    expect(at(page, "open", GALLERY)).to_be_enabled()


def test_the_settings_can_be_taken_along_and_opened_in_a_tab_that_was_never_opened(
    visitor: Page, site: Site, files: Files, tmp_path: Path
) -> None:
    unfold(visitor)
    strength = at(visitor, "option-strength input[type=range]")
    strength.press("ArrowRight")
    expect(at(visitor, "download-preset")).to_be_disabled()
    expect(at(visitor, "download-motion")).to_be_hidden()  # this engine keeps none
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    with visitor.expect_download() as download:
        at(visitor, "download-preset").click()
    name = download.value.suggested_filename
    assert name == f"{ENGINE}-seed0.yaml"
    (tmp_path / ENGINE).mkdir()
    download.value.save_as(tmp_path / ENGINE / name)
    preset = load_preset(ENGINE, Path(name).stem, tmp_path)
    assert preset.options == make_options(ENGINE, {"strength": 1.25})
    assert yaml.safe_load(download.value.path().read_text())["options"]["strength"] == 1.25
    with visitor.expect_download() as download:
        at(visitor, "download-settings").click()
    facts = json.loads(download.value.path().read_text())
    assert facts["options"]["strength"] == 1.25
    assert facts["engine"] == ENGINE
    assert str(site.settings.outputs) not in json.dumps(facts)

    open_tab(visitor, "Encore", ENCORE)
    unfold(visitor, ENCORE)
    at(visitor, "option-guidance input[type=range]", ENCORE).press("ArrowRight")
    finish(visitor, ENCORE)
    with visitor.expect_download() as download:
        at(visitor, "download-motion", ENCORE).click()
    assert download.value.suggested_filename.endswith(".motion.safetensors")

    visitor.reload()
    at(visitor, "generate").wait_for()
    open_gallery(visitor, 2)  # the browser is known again
    choose(visitor)
    at(visitor, "open", GALLERY).click()
    unfold(visitor, ENCORE)
    expect(at(visitor, "option-guidance input[type=range]", ENCORE)).to_have_value("3.5")


def test_a_video_is_seen_reopened_and_deleted(
    visitor: Page, site: Site, files: Files, tmp_path: Path
) -> None:
    # Gradio names an upload after its content, and another visitor's of the same content would stay.
    portrait, voice = tmp_path / "alone.png", write_voice(tmp_path / "alone.wav", seconds=2)
    Image.open(files.portrait).crop((0, 0, 320, 319)).save(portrait)
    asked: list[tuple[str, int]] = []
    visitor.on("response", lambda answer: asked.append((answer.url, answer.status)))
    history = History(site.settings.history)
    for entry in history.list():  # an upload stays while any other video was made from it
        history.delete(entry.result.job_id)
    open_gallery(visitor, 0)
    expect(at(visitor, "hint", GALLERY)).to_contain_text("No videos yet")
    visitor.get_by_role("tab", name="Rehearsal").click()
    give(visitor, portrait, voice)
    unfold(visitor)
    at(visitor, "option-strength input[type=range]").press("ArrowRight")
    at(visitor, "seed input").fill("7")
    finish(visitor)
    at(visitor, "defaults").click()
    at(visitor, "seed input").fill("0")
    expect(at(visitor, "option-strength input[type=range]")).to_have_value("1")

    open_gallery(visitor, 1)
    expect(at(visitor, "stills", GALLERY)).to_contain_text(re.compile(r"Rehearsal · .* · 2\.0 s"))
    choose(visitor)
    expect(at(visitor, "settings", GALLERY)).to_contain_text("1.25")
    seek(visitor)
    sent = [status for url, status in asked if "/joystudio/videos/" in url and "/video/" in url]
    assert sent
    assert set(sent) == {206}
    served = addresses(visitor)
    assert len(served) == 5
    assert {visitor.request.get(file).status for file in served} == {200}
    at(visitor, "open", GALLERY).click()
    expect(visitor.get_by_role("tab", name="Rehearsal")).to_have_attribute("aria-selected", "true")
    expect(at(visitor, "option-strength input[type=range]")).to_have_value("1.25")
    expect(at(visitor, "seed input")).to_have_value("7")
    expect(preset_choice(visitor, "Custom")).to_be_checked()

    uploads = [
        visitor.evaluate("document.querySelector('#page-portrait img').src"),
        f"{site.url}gradio_api/file={next(cache_of(site).rglob(voice.name))}",
    ]
    assert {visitor.request.get(file).status for file in uploads} == {200}
    open_gallery(visitor, 1)
    at(visitor, "delete", GALLERY).click()
    expect(at(visitor, "delete", GALLERY)).to_have_text("Delete permanently?")
    assert site.videos()
    at(visitor, "delete", GALLERY).click()
    expect(at(visitor, "stills button.thumbnail-item", GALLERY)).to_have_count(0)
    expect(at(visitor, "open", GALLERY)).to_be_disabled()
    assert site.videos() == []
    assert {visitor.request.get(file).status for file in served} == {404}
    assert copies(site) == []
    assert {visitor.request.get(file).status for file in uploads} <= {403, 404}
    visitor.get_by_role("tab", name="Rehearsal").click()
    expect(at(visitor, "portrait img")).to_have_count(0)  # what is gone is not offered for the next video
    give(visitor, files.portrait, files.voice)
    finish(visitor)


def test_a_gallery_that_is_open_before_the_visitor_is_known_lists_the_videos(
    visitor: Page, files: Files
) -> None:
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    token = visitor.evaluate("localStorage.getItem('joystudio-visitor')")
    assert token
    meeting: list[Route] = []

    def answer(route: Route) -> None:
        data = (route.request.post_data_json or {}).get("data")
        is_token = (
            isinstance(data, list) and len(data) == 1 and isinstance(data[0], str) and len(data[0]) > 31
        )
        if is_token and not meeting:
            meeting.append(route)
        else:
            route.continue_()

    visitor.route("**/gradio_api/run/predict", answer)
    visitor.reload()
    at(visitor, "generate").wait_for()
    open_gallery(visitor, 0)
    expect(at(visitor, "hint", GALLERY)).to_contain_text("No videos yet")
    meeting[0].continue_()
    expect(at(visitor, "stills button.thumbnail-item", GALLERY)).to_have_count(1)


def seek(page: Page) -> None:
    """The player goes to any time, in ranges of the file."""
    video = f"document.querySelector('#{GALLERY}-result video')"
    page.wait_for_function(f"{video}?.readyState > 2")
    for time in (1.7, 0.2, 1.2):
        page.evaluate(
            f"time => new Promise(done => {{ {video}.onseeked = done; {video}.currentTime = time; }})", time
        )
        assert abs(page.evaluate(f"{video}.currentTime") - time) < 0.05
    assert page.evaluate(f"{video}.seekable.end(0)") > 1.9
    assert page.evaluate(f"{video}.duration") > 1.9


def addresses(page: Page) -> list[str]:
    """The addresses of all the chosen video's files in the gallery: video, still and downloads."""
    found: list[str] = page.evaluate(
        f"""() => [
          document.querySelector('#{GALLERY}-result video').src,
          document.querySelector('#{GALLERY}-stills img').src,
          ...[...document.querySelectorAll('[id^="{GALLERY}-download"]')].map(link => link.href),
        ]"""
    )
    return found


def copies(site: Site) -> list[Path]:
    """Videos, presets and settings in the folder that Gradio serves."""
    return [
        path
        for path in cache_of(site).rglob("*")
        if path.suffix in (".mp4", ".yaml", ".json", ".safetensors")
    ]


def cache_of(site: Site) -> Path:
    """The folder that Gradio serves."""
    return Path(next(iter(site.page.blocks.values())).GRADIO_CACHE)


def test_a_video_is_its_visitors_own_and_a_link_shows_it_until_it_is_revoked(
    visitor: Page, stranger: Page, site: Site, files: Files
) -> None:
    expect(at(visitor, "share")).to_be_disabled()
    unfold(visitor)
    at(visitor, "option-strength input[type=range]").press("ArrowRight")
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    (entry,) = History(site.settings.history).list(1)
    kept = visitor.evaluate(f"localStorage.getItem({KEY!r})")
    assert kept
    assert kept.encode() not in site.settings.history.read_bytes()

    open_in(stranger, site)
    open_gallery(stranger, 0)
    expect(at(stranger, "hint", GALLERY)).to_contain_text("No videos yet")
    # A token of one's own making is somebody else's.
    stranger.evaluate(f"localStorage.setItem({KEY!r}, JSON.stringify('x'.repeat(40)))")
    stranger.reload()
    at(stranger, "generate").wait_for()
    open_gallery(stranger, 0)
    # A video of another cannot be asked for by its id either.
    assert entry.result.job_id not in stranger.content()

    at(visitor, "share").click()
    panel = at(visitor, "share-link")
    field = panel.get_by_label("Link", exact=True)
    expect(field).to_have_value(re.compile(r"\?run=[\w-]{32}$"))
    link = field.input_value()
    assert link.startswith(site.url)
    expect(panel).to_contain_text("works on this computer only")
    expect(panel.locator("svg, [data-send]")).to_have_count(0)  # they would lead another device nowhere
    panel.get_by_role("button", name="Copy").click()
    expect(panel.get_by_text("Copied")).to_be_visible()
    see(stranger, link)
    player = at(stranger, "result .shared-player", SHARED)
    play = player.get_by_role("button", name="Play")
    expect(play).to_be_visible()
    poster = stranger.request.get(str(player.locator("video").evaluate("video => video.poster")))
    assert (poster.status, poster.headers["content-type"]) == (200, "image/jpeg")
    play.click()
    expect(play).to_be_hidden()
    stranger.wait_for_function(f"document.querySelector('#{SHARED}-result video').currentTime > 0")
    stranger.wait_for_function(f"document.querySelector('#{SHARED}-result video')?.duration > 1.9")
    expect(at(stranger, "settings", SHARED)).to_contain_text("1.25")
    expect(at(stranger, "generate")).to_be_hidden()
    shown = stranger.evaluate(f"document.querySelector('#{SHARED}-result video').src")
    assert stranger.request.get(shown).status == 200
    assert "joystudio-woman" not in stranger.content()  # the portrait's name is nobody's business
    at(stranger, "own", SHARED).click()
    expect(at(stranger, "generate")).to_be_visible()
    unfold(stranger)
    expect(at(stranger, "option-strength input[type=range]")).to_have_value("1.25")
    assert "run=" not in stranger.url
    give(stranger, files.portrait, files.voice)
    agree(stranger)
    finish(stranger)

    at(visitor, "revoke").click()
    expect(field).to_have_count(0)
    expect(at(visitor, "revoke")).to_have_count(0)
    see(stranger, link)
    expect(at(stranger, "said .problem", SHARED)).to_contain_text("expired or was revoked")
    expect(at(stranger, "result video", SHARED)).to_have_count(0)
    assert stranger.request.get(shown).status == 404
    assert copies(site) == []


def see(page: Page, link: str) -> None:
    page.goto(link)
    at(page, "own", SHARED).wait_for()
