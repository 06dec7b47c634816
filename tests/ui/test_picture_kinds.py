"""Portraits of kinds that browsers neither know nor show: HEIC from telephones, TIFF from scanners."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from PIL import Image
from pillow_heif import register_heif_opener
from playwright.sync_api import Page, expect

from tests.conftest import write_voice
from tests.ui.rehearsal import ENGINE
from tests.ui.visit import Files, Site, at, finish, give

TABS = (ENGINE,)

NATURAL_SIZE = "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"


def saved(portrait: Path, path: Path, kind: str) -> Path:
    register_heif_opener()
    with Image.open(portrait) as image:
        image.save(path, kind)
    return path


def test_they_are_shown_and_speak(visitor: Page, site: Site, files: Files, tmp_path: Path) -> None:
    voice = write_voice(tmp_path / "voice.wav", seconds=0.4)
    for name, kind in (("IMG_0042.HEIC", "HEIF"), ("really_heic.jpg", "HEIF"), ("scan.tif", "TIFF")):
        give(visitor, saved(files.portrait, tmp_path / name, kind), voice)
        picture = at(visitor, "portrait img").first
        served_as = rf"{Path(name).stem}\.{'jpeg' if name.endswith('.jpg') else 'jpg'}$"
        expect(picture).to_have_attribute("src", re.compile(served_as))
        assert picture.evaluate(NATURAL_SIZE) == [320, 320], name
        expect(at(visitor, "portrait-overlay").locator("[data-box]")).to_have_count(1)
        finish(visitor)
        assert site.rehearsal.jobs[-1][0].image.shape == (320, 320, 3), name

    give(visitor, saved(files.cat, tmp_path / "cat.heic", "HEIF"))
    expect(at(visitor, "portrait img").first).to_have_attribute("src", re.compile(r"cat\.jpg$"))
    at(visitor, "option-animation_mode").get_by_label("Animal").check()
    expect(at(visitor, "portrait-hint")).to_contain_text("left eye")


def test_one_can_be_dropped_and_given_again_and_a_damaged_one_says_so(
    visitor: Page, files: Files, tmp_path: Path
) -> None:
    """Chromium on some systems has no media type for HEIC."""
    photograph = saved(files.portrait, tmp_path / "IMG_0042.HEIC", "HEIF")
    at(visitor, "portrait").locator("button, .wrap").first.evaluate(
        """(target, content) => {
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            const given = new DataTransfer();
            given.items.add(new File([bytes], "IMG_0042.HEIC"));
            const options = { dataTransfer: given, bubbles: true, cancelable: true };
            target.dispatchEvent(new DragEvent("drop", options));
        }""",
        base64.b64encode(photograph.read_bytes()).decode("ascii"),
    )
    boxes = at(visitor, "portrait-overlay").locator("[data-box]")
    expect(boxes).to_have_count(1)
    for _ in range(2):  # the same file, too
        at(visitor, "portrait").get_by_label("Remove Image").click()
        expect(boxes).to_have_count(0)
        at(visitor, "portrait input[type=file]").set_input_files(photograph)
        expect(boxes).to_have_count(1)
    at(visitor, "portrait").get_by_label("Remove Image").click()
    expect(boxes).to_have_count(0)
    short = tmp_path / "short.heic"
    short.write_bytes(photograph.read_bytes()[: photograph.stat().st_size // 2])
    at(visitor, "portrait input[type=file]").set_input_files(short)
    expect(at(visitor, "portrait-hint")).to_contain_text("damaged or incomplete")
