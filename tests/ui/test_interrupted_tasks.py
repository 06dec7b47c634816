"""A page that is killed during several kinds of work: the same browser takes them up."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.studio.hub import running_hub
from tests.ui.rehearsal import ENGINE
from tests.ui.test_export import press, unfold
from tests.ui.test_gallery import open_gallery
from tests.ui.test_interrupted_jobs import free_port, open_at, server
from tests.ui.test_pair_list import drop
from tests.ui.visit import Files, agree, at, finish, give, open_tab
from ui.tabs.compare.screen import COMPARE

JOYVASA = "joyvasa"


def tasks(folder: Path) -> dict[str, Path]:
    """The folders of stored work, by its kind."""
    found = (folder / "outputs" / "waiting-tasks").glob("[0-9a-f]*/task.json")
    return {json.loads(path.read_text())["kind"]: path.parent for path in found}


def test_downloads_exports_lists_and_comparisons_of_a_killed_page_continue(
    window: Page, stranger: Page, files: Files, tmp_path: Path
) -> None:
    text = f"portrait,voice,engine\nwoman.png,voice.wav,{ENGINE}\nwoman.png,long.wav,{ENGINE}\n"
    given = {path.name: path.read_bytes() for path in (files.portrait, files.voice, files.long_voice)}
    states = window.locator("#page-pairs-table tr[data-state]")
    told, port = window.locator(".tray-task"), free_port()
    with running_hub() as (hub, address):
        more = {"HF_ENDPOINT": address, "JOYSTUDIO_WEIGHTS": str(tmp_path / "weights"), "TABS": "more"}
        hub.go.clear()
        with server(tmp_path, port, **more) as (process, url):
            open_at(window, url)
            agree(window)
            give(window, files.portrait, files.voice)
            finish(window)
            drop(window, {"list.csv": text.encode(), **given})
            expect(states.nth(0)).to_have_attribute("data-state", "done")
            expect(states.nth(1)).to_have_attribute("data-state", "running")
            unfold(window)
            press(window, "gif")
            subtitles = tmp_path / "talk.srt"
            subtitles.write_text("1\n00:00:00,500 --> 00:00:01,000\nHello\n")
            at(window, "export-subtitles input[type=file]").set_input_files(subtitles)
            expect(at(window, "export-subtitles")).to_contain_text("talk")
            at(window, "export").click()
            expect(at(window, 'export-progress [data-state="waiting"]')).to_be_visible()
            window.get_by_role("tab", name="Compare").click()
            at(window, "start", COMPARE).click()
            expect(at(window, 'progress [data-state="waiting"]', COMPARE)).to_be_visible()
            open_tab(window, "JoyVASA", JOYVASA)
            at(window, "fetch-engine", JOYVASA).click()
            progress = at(window, "fetch-progress", JOYVASA)
            expect(progress).to_contain_text(re.compile("File 1 of"))
            process.kill()
            process.wait()
            window.goto("about:blank")
        stored = tasks(tmp_path)
        assert {*stored} == {"pairs", f"export-{ENGINE}", COMPARE, f"weights-{JOYVASA}"}
        (stored["pairs"] / "try-again").touch()  # as if a second process had ended in the middle of it
        shutil.copy(files.voice, next(stored["pairs"].glob("*/long.wav")))  # two minutes otherwise
        with server(tmp_path, port, **more) as (process, url):
            assert not list((tmp_path / "outputs").rglob(".joystudio-*.part"))
            for page in (stranger, window):
                open_at(page, url)
            expect(window.locator(".toast-body").first).to_contain_text("Your 3 jobs are in the queue again")
            expect(told).to_contain_text("List of videos Interrupted when the page stopped.")
            expect(stranger.locator("#job-tray li, .tray-task")).to_have_count(0)
            link = at(window, "exports").get_by_role("link").filter(has_text="subtitles (gif)")
            expect(link).to_have_count(1)
            window.get_by_role("tab", name="Compare").click()
            expect(at(window, 'progress [data-state="done"]', COMPARE)).to_have_count(1)
            expect(window.locator(".compare-stage video")).to_have_count(2)
            window.get_by_role("tab", name="JoyVASA").click()
            expect(progress).to_contain_text(re.compile("File 1 of"))
            hub.go.set()
            expect(at(window, "weights .problem", JOYVASA)).to_have_count(0)

            told.get_by_role("button", name="Start again").click()
            expect(told).to_have_count(0)
            expect(window.locator('#page-pairs-table tr[data-state="done"]')).to_have_count(2)
            zip_link = window.locator("#page-pairs-table").get_by_role("link", name="Download (zip)")
            answer = window.request.get(str(zip_link.evaluate("link => link.href")))
            names = zipfile.ZipFile(io.BytesIO(answer.body())).namelist()
            assert sum(name.endswith(".mp4") for name in names) == 2
            open_gallery(window, 3)  # the first line was not made again
            assert tasks(tmp_path) == {}
