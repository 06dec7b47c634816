"""A list of pairs that is dropped on the page with its files."""

from __future__ import annotations

import base64
import codecs
import io
import json
import os
import shutil
import unicodedata
import zipfile
from pathlib import Path

import gradio as gr
import pytest
from playwright.sync_api import Page, expect

from engines.base import EngineOptions
from media.errors import InputError
from studio.gallery.visitors import NO_OWNER
from studio.settings import Settings
from studio.voice_view import VoiceView
from studio.waiting_tasks import WaitingTasks
from tests.fake_engine import FakeWorld, registered, spec_for
from tests.studio.test_long_jobs import SLOW
from tests.ui.rehearsal import ENCORE, ENGINE
from tests.ui.test_gallery import open_gallery
from tests.ui.visit import Files, Site, at
from ui.components.pair_list_job import pairs_wish, pairs_work, read_pairs
from ui.in_turn import LastValue
from ui.uploads import FOLDER

TABS = (ENGINE, "gallery")


def drop(page: Page, files: dict[str, bytes]) -> None:
    """Drop several files on the page's heading, as from the desktop."""
    page.locator(".heading h1").evaluate(
        """(element, given) => {
            const dataTransfer = new DataTransfer();
            for (const [name, content] of given) {
                const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
                dataTransfer.items.add(new File([bytes], name));
            }
            const how = { bubbles: true, cancelable: true, dataTransfer };
            for (const event of ["dragenter", "dragover", "drop"])
                element.dispatchEvent(new DragEvent(event, how));
        }""",
        [[name, base64.b64encode(content).decode()] for name, content in files.items()],
    )


def test_a_list_is_made_with_its_own_files_and_downloaded_as_a_zip(
    visitor: Page, site: Site, files: Files, tmp_path: Path
) -> None:
    text = (
        "name,portrait,voice,engine,strength\n"
        f"zero,woman.png,voice.wav,{ENCORE},\n"
        f"one,faces/woman.png,voice.wav,{ENGINE},1.5\n"
        f"two,woman.png,voice.wav,{ENGINE},9\n"
        f"three,/etc/passwd,voice.wav,{ENGINE},\n"
        f"four,text.png,voice.wav,{ENGINE},\n"
    )
    site.rehearsal.broken.add(ENCORE)  # a fault of ours, which costs one line
    drop(
        visitor,
        {
            "list.csv": text.encode(),
            "woman.png": files.portrait.read_bytes(),
            "voice.wav": files.voice.read_bytes(),
            "text.png": files.text.read_bytes(),
        },
    )
    table = visitor.locator("#page-pairs-table table")
    states = table.locator("tr[data-state]")
    expect(visitor.locator('#page-pairs-progress [data-state="done"]')).to_be_visible()
    expect(states).to_have_count(5)
    found = [state.get_attribute("data-state") for state in states.all()]
    assert found == ["failed", "done", "failed", "failed", "failed"]
    expect(states.nth(0)).to_contain_text("Something went wrong in the program.")
    expect(states.nth(0)).to_contain_text("report it with the number")
    expect(states.nth(2)).to_contain_text("strength")
    expect(states.nth(3)).to_contain_text('The file "passwd" did not come with the list.')
    expect(states.nth(4)).to_contain_text("is not a readable image")
    _, (_, options, _) = site.rehearsal.jobs
    assert options.strength == 1.5  # type: ignore[attr-defined]
    link = visitor.locator("#page-pairs-table").get_by_role("link", name="Download (zip)")
    answer = visitor.request.get(str(link.evaluate("link => link.href")))
    names = zipfile.ZipFile(io.BytesIO(answer.body())).namelist()
    assert sum(name.endswith(".mp4") for name in names) == 1
    open_gallery(visitor, 1)

    # A list alone is refused beside what is missing, and one that is none with what to choose.
    drop(visitor, {"list.csv": text.encode()})
    expect(states.first).to_contain_text("did not come with the list")
    expect(visitor.locator('#page-pairs-progress [data-state="done"]')).to_be_visible()
    drop(visitor, {"list.jsonl": b"nothing"})
    expect(visitor.locator(".toast-body").last).to_contain_text("needs the columns portrait (or video)")

    # Names in any script, as Python's JSON and as spreadsheets write them.
    portrait, voice, tones = "\u4e2d\u6587 \U0001f600.png", "\u58f0\u97f3.wav", "t\u00f6ne.wav"
    sent = (voice, unicodedata.normalize("NFD", tones))  # the second: as macOS names it
    given = {portrait: files.portrait.read_bytes()} | dict.fromkeys(sent, files.voice.read_bytes())
    columns = ("name", "portrait", "voice", "engine")
    rows = [("json-1", portrait, voice, ENGINE), ("json-2", portrait, tones, ENGINE)]
    escaped = "\n".join(json.dumps(dict(zip(columns, row, strict=True))) for row in rows)
    table_text = "\n".join(",".join(row) for row in (columns, *rows)).replace("json-", "table-")
    drop(visitor, {"list.jsonl": escaped.encode("ascii"), **given})
    expect(table.locator('tr[data-state="done"]').filter(has_text="json-")).to_have_count(2)
    drop(visitor, {"list.csv": codecs.BOM_UTF16_LE + table_text.encode("utf-16-le"), **given})
    expect(table.locator('tr[data-state="done"]').filter(has_text="table-")).to_have_count(2)

    # A Chinese spreadsheet's own encoding would give wrong names.
    drop(visitor, {"list.csv": table_text.encode("gb18030"), **given})
    expect(visitor.locator(".toast-body").last).to_contain_text("is not valid UTF-8; save the file as UTF-8")

    # One list at a time: the table of the first stays.
    site.rehearsal.go.clear()
    site.rehearsal.pace = 30
    button = visitor.locator("#page-pairs input[type=file]")
    button.focus()
    drop(visitor, {"list.jsonl": escaped.encode("ascii"), **given})
    expect(table.locator('tr[data-state="running"]').filter(has_text="json-1")).to_have_count(1)
    drop(visitor, {"list.csv": codecs.BOM_UTF16_LE + table_text.encode("utf-16-le"), **given})
    expect(visitor.locator(".toast-body").last).to_contain_text("Your last list is still being made")
    expect(table.locator("tr[data-state]").filter(has_text="table-")).to_have_count(0)
    expect(button).to_be_focused()
    with visitor.expect_file_chooser() as opened:
        button.click()
    site.rehearsal.go.set()
    expect(table.locator('tr[data-state="done"]').filter(has_text="json-")).to_have_count(2)
    expect(button).to_be_focused()

    # A dialog that was opened while the table changed is still the button's.
    portrait_file, voice_file, list_file = (tmp_path / name for name in ("a.png", "b.wav", "late.csv"))
    portrait_file.write_bytes(files.portrait.read_bytes())
    voice_file.write_bytes(files.voice.read_bytes())
    list_file.write_text(f"name,portrait,voice,engine\nlate,a.png,b.wav,{ENGINE}\n")
    opened.value.set_files([list_file, portrait_file, voice_file])
    expect(table.locator('tr[data-state="done"]').filter(has_text="late")).to_have_count(1)


def test_without_consent_nothing_is_made(visitor: Page, site: Site, files: Files) -> None:
    at(visitor, "consent input").uncheck()
    drop(visitor, {"list.csv": b"portrait,voice\na.png,b.wav\n"})
    expect(visitor.locator(".toast-body").first).to_be_visible()
    assert site.rehearsal.jobs == []


def test_lines_name_uploads_only(tmp_path: Path, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    uploads = tmp_path / "uploads"
    upload = uploads / "0123" / "woman.png"
    upload.parent.mkdir(parents=True)
    upload.write_bytes(files.portrait.read_bytes())
    monkeypatch.setitem(os.environ, FOLDER, str(uploads))
    sent = {"woman.png": str(upload), "voice.wav": str(files.voice)}  # the second is no upload
    text = '{"portrait": "woman.png", "voice": "voice.wav"}\n'
    (line,) = read_pairs(pairs_wish("list.jsonl", text.encode(), sent))
    assert line.job is None
    assert 'The file "voice.wav" did not come with the list' in line.reason
    text = "portrait,voice\n\u4e2d\u6587.png,voice.wav\n"
    with pytest.raises(InputError, match="byte 16 is not valid UTF-8; save the file as UTF-8"):
        pairs_wish("list.csv", text.encode("gbk"), sent)
    wrong, fine = (
        json.dumps({"portrait": "woman.png", "voice": "woman.png", "second_voice": second})
        for second in (5, "woman.png")
    )
    first, other = read_pairs(pairs_wish("list.jsonl", f"{wrong}\n{fine}".encode(), sent))
    assert first.reason == "The column second_voice has 5, but takes the name of a file."
    assert other.job is not None
    for name, content, words in (
        ("list.txt", text, "There is no list."),
        ("list.csv", None, "There is no list."),
        (None, text, "There is no list."),
        ("list.csv", "x" * 300_000, "There is no list."),
        ("list.csv", "portrait,voice\n" + "a.png,b.wav\n" * 21, "21 lines; the page makes at most 20"),
    ):
        with pytest.raises(InputError, match=words):
            read_pairs(pairs_wish(name, None if content is None else content.encode(), sent))


def test_a_waiting_list_does_not_need_the_uploads_any_more(
    portrait_file: Path, voice_file: Path, world: FakeWorld, settings: Settings, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    sent = {}
    for file in (portrait_file, voice_file):
        sent[file.name] = str(tmp_path / file.name)
        shutil.copy(file, tmp_path)
    monkeypatch.setitem(os.environ, FOLDER, str(tmp_path))
    line = f"{portrait_file.name},{voice_file.name},fake,"
    wish = pairs_wish("list.csv", f"portrait,voice,engine,seed\n{line}1\n{line}2\n".encode(), sent)
    owner = "a" * 64
    work = pairs_work(settings)(WaitingTasks(settings).keep("pairs", wish, owner), owner, gr.Request())
    for update in work:
        last = update
        for path in sent.values():
            Path(path).unlink(missing_ok=True)  # with an earlier video, while the list waits
    assert isinstance(last, LastValue)
    assert last.update[1].count('data-state="done"') == 2


def test_voices_are_opened_once_it_is_the_lists_turn(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path | str] = []

    def view(source: Path | str, **_: object) -> VoiceView:
        opened.append(source)
        return VoiceView(2.0, "")

    monkeypatch.setattr("studio.voice_view.view_voice", view)
    monkeypatch.setitem(os.environ, FOLDER, str(files.folder))
    sent = {"woman.png": str(files.portrait), "voice.wav": str(files.voice)}
    text = "portrait,voice,engine,seed\nwoman.png,voice.wav,slow,1\nwoman.png,voice.wav,slow,2\n"
    with registered(spec_for("slow", EngineOptions, FakeWorld().engine(), cost=SLOW)):
        kept = WaitingTasks(Settings()).keep("pairs", pairs_wish("list.csv", text.encode(), sent), NO_OWNER)
        work = pairs_work(Settings())(kept, None, gr.Request())
        next(work)  # waiting
        assert opened == []
        ended = next(work)
        assert isinstance(ended, LastValue)
        assert "waiting" not in ended.update[1]
        assert opened == [files.voice]
        with pytest.raises(gr.Error, match=r"The videos would take about .* in all"):
            next(work)
