"""A preset or settings file, chosen or dropped anywhere on the page, opens its engine's tab as it was."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from studio.settings_files import LARGEST
from tests.ui.rehearsal import ENCORE, ENGINE
from tests.ui.visit import Files, Site, at, preset_choice, unfold

TABS = (ENGINE, ENCORE, "gallery")
PRESET = f"description: Mine.\nengine: {ENCORE}\nseed: 9\noptions:\n  guidance: 4.5\n  mood: very_lively\n"
SETTINGS = {
    "engine": ENGINE,
    "seed": 5,
    "options": {"strength": 1.75, "mirror": True},
    "portrait": "woman.png",
    "spoken": {
        "text": "Hello, it is me.",
        "engine": "espeak",
        "language": "en",
        "voice": "man",
        "speed": 1.5,
    },
}


def drop(target: Locator, name: str, content: bytes, kind: str = "") -> None:
    """Drop a file on an element, as from the desktop."""
    target.evaluate(
        """(element, [name, content, type]) => {
            const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([bytes], name, { type }));
            const how = { bubbles: true, cancelable: true, dataTransfer };
            for (const event of ["dragenter", "dragover", "drop"])
                element.dispatchEvent(new DragEvent(event, how));
        }""",
        [name, base64.b64encode(content).decode(), kind],
    )


def test_settings_are_restored_and_anything_else_is_refused(
    visitor: Page, site: Site, files: Files, tmp_path: Path
) -> None:
    (tmp_path / "mine.yaml").write_text(PRESET)
    visitor.locator("#page-settings-file input").set_input_files(tmp_path / "mine.yaml")
    encore = visitor.get_by_role("tab", name="Encore")
    expect(encore).to_have_attribute("aria-selected", "true")
    expect(preset_choice(visitor, "Custom", ENCORE)).to_be_checked()
    unfold(visitor, ENCORE)
    expect(at(visitor, "option-guidance input[type=range]", ENCORE)).to_have_value("4.5")
    expect(at(visitor, "seed input")).to_have_value("9")
    expect(visitor.locator(".toast-body").last).to_contain_text("are set in the tab of encore")

    heading = visitor.locator(".heading h1")
    drop(heading, "joystudio-woman-seed5.json", json.dumps(SETTINGS).encode())
    strength = at(visitor, "option-strength input[type=range]")
    unfold(visitor)
    expect(strength).to_have_value("1.75")
    expect(at(visitor, "option-mirror input")).to_be_checked()
    expect(at(visitor, "seed input")).to_have_value("5")
    expect(at(visitor, "text textarea")).to_be_visible()
    expect(at(visitor, "text textarea")).to_have_value("Hello, it is me.")

    toast = visitor.locator(".toast-body").last
    wrong = SETTINGS | {"options": {"strength": 9}, "seed": 1}
    drop(at(visitor, "portrait"), "wrong.json", json.dumps(wrong).encode())
    expect(toast).to_contain_text("The option strength is 9, but takes 0 to 2")
    drop(heading, "notes.txt", b"engine: encore")
    expect(toast).to_contain_text('The file "notes.txt" is neither a preset (.yaml) nor settings (.json)')
    drop(heading, "large.yaml", b"a" * (LARGEST + 1))
    expect(toast).to_contain_text(f"has more than {LARGEST} bytes")
    expect(strength).to_have_value("1.75")
    expect(at(visitor, "seed input")).to_have_value("5")

    place = at(visitor, "portrait button").filter(has_text="Drop a portrait here")
    drop(place, "woman.png", files.portrait.read_bytes(), "image/png")
    expect(at(visitor, "portrait img")).to_have_count(1)
