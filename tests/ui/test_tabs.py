"""Several engines on one page: tabs that do not touch each other, and motion that is rendered again."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.ui.rehearsal import ENCORE, ENGINE, EncoreOptions
from tests.ui.visit import Files, Site, at, finish, give, open_in, open_tab, unfold

TABS = (ENGINE, ENCORE, "gallery")
DUPLICATES = """() => {
    const ids = [...document.querySelectorAll('[id]')].map((e) => e.id).filter(Boolean);
    return ids.filter((id, place) => ids.indexOf(id) !== place);
}"""


def open_encore(page: Page) -> None:
    open_tab(page, "Encore", ENCORE)


def test_tabs_share_inputs_but_no_element_and_no_result(visitor: Page, site: Site, files: Files) -> None:
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    open_encore(visitor)
    assert visitor.evaluate(DUPLICATES) == []
    assert at(visitor, "portrait img").count() == 1
    assert at(visitor, "result video", ENCORE).count() == 0
    expect(at(visitor, "progress", ENCORE)).to_contain_text("Ready")

    finish(visitor, ENCORE)
    assert len(site.rehearsal.jobs) == 2
    assert isinstance(site.rehearsal.jobs[-1][1], EncoreOptions)

    visitor.get_by_role("tab", name="Rehearsal").click()
    expect(at(visitor, "portrait-overlay .face-box").first).to_be_visible()
    expect(at(visitor, "download")).to_be_enabled()


def test_a_job_continues_behind_another_tab(visitor: Page, site: Site, files: Files) -> None:
    site.rehearsal.go.clear()
    give(visitor, files.portrait, files.half_a_minute)
    at(visitor, "generate").click()
    expect(at(visitor, "progress")).to_contain_text("Rendering")
    open_encore(visitor)
    batches = site.rehearsal.batches
    expect(at(visitor, "generate", ENCORE)).to_be_enabled()
    visitor.get_by_role("tab", name="Rehearsal").click()
    expect(at(visitor, "progress")).to_contain_text("Rendering")
    assert site.rehearsal.batches >= batches
    at(visitor, "cancel").click()
    site.wait_until_no_video()


def test_an_option_without_effect_in_the_mode_is_hidden(visitor: Page, site: Site, files: Files) -> None:
    smile = at(visitor, "option-smile")
    mode = at(visitor, "option-animation_mode")
    unfold(visitor)
    expect(smile).to_be_visible()
    mode.get_by_label("Animal", exact=True).click()
    expect(smile).to_be_hidden()
    expect(at(visitor, "option-strength")).to_be_visible()
    mode.get_by_label("Human", exact=True).click()
    expect(smile).to_be_visible()
    expect(smile.locator("input[type=range]")).to_have_value("0")
    smile.locator("input[type=range]").press("ArrowRight")
    mode.get_by_label("Animal", exact=True).click()
    expect(smile).to_be_hidden()
    mode.get_by_label("Human", exact=True).click()
    expect(smile.locator("input[type=range]")).to_have_value("0.25")
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    assert site.rehearsal.jobs[-1][1].model_dump()["smile"] == 0.25


def test_options_that_need_a_new_motion_say_so_in_a_tab_that_is_drawn_when_it_is_opened(
    visitor: Page,
) -> None:
    assert at(visitor, "generate", ENGINE).count() == 1
    assert at(visitor, "generate", ENCORE).count() == 0
    open_encore(visitor)
    unfold(visitor, ENCORE)
    expect(at(visitor, "option-guidance", ENCORE)).to_contain_text("Generate")
    expect(at(visitor, "seed")).to_contain_text("“Render again” keeps its seed")
    expect(at(visitor, "option-strength", ENCORE)).not_to_contain_text("Generate")
    visitor.get_by_role("tab", name="Rehearsal").click()
    expect(at(visitor, "seed")).not_to_contain_text("Generate")


def test_render_again_keeps_the_motion_which_is_its_visitors_and_takes_the_sliders(
    visitor: Page, stranger: Page, site: Site, files: Files
) -> None:
    sent: list[str] = []
    visitor.on("response", lambda response: sent.append(response.url))
    expect(at(visitor, "again")).to_be_hidden()  # this engine keeps no motion
    open_encore(visitor)
    again = at(visitor, "again", ENCORE)
    expect(again).to_be_disabled()
    give(visitor, files.portrait, files.voice, ENCORE)
    finish(visitor, ENCORE)
    assert site.rehearsal.sampled == 1
    expect(again).to_be_enabled()

    motion = next(path for path in site.videos() if path.name.endswith(".motion.safetensors"))
    assert motion.name not in visitor.content()
    assert not any(motion.stem in url for url in sent)
    open_in(stranger, site)
    open_encore(stranger)
    expect(at(stranger, "again", ENCORE)).to_be_disabled()
    place = f"{site.url}gradio_api/file={motion.resolve()}"
    assert stranger.request.get(place).status == 403
    assert visitor.request.get(place).status == 403
    assert len(site.rehearsal.jobs) == 1

    unfold(visitor, ENCORE)
    at(visitor, "option-strength input[type=range]", ENCORE).press("ArrowRight")
    at(visitor, "option-guidance input[type=range]", ENCORE).press("ArrowRight")
    finish(visitor, ENCORE, "again")
    assert site.rehearsal.sampled == 1
    options = site.rehearsal.jobs[-1][1].model_dump()
    assert options["strength"] == 1.25
    assert options["guidance"] == 3.0  # decided by the motion
    expect(at(visitor, "facts", ENCORE)).to_contain_text("would need a new one")
    expect(again).to_be_enabled()

    finish(visitor, ENCORE)
    assert site.rehearsal.sampled == 2
    assert site.rehearsal.jobs[-1][1].model_dump()["guidance"] == 3.5


def test_the_bar_names_the_motion_and_render_again_can_be_cancelled_and_started_again(
    visitor: Page, site: Site, files: Files
) -> None:
    open_encore(visitor)
    site.rehearsal.go.clear()
    site.rehearsal.pace = 0.6
    give(visitor, files.portrait, files.ten_seconds, ENCORE)
    at(visitor, "generate", ENCORE).click()
    expect(at(visitor, "progress", ENCORE)).to_contain_text(
        re.compile(r"Generating the motion.*\d+%", re.DOTALL)
    )
    expect(at(visitor, "progress", ENCORE)).to_contain_text("Rendering")
    site.rehearsal.go.set()
    expect(at(visitor, 'progress [data-state="done"]', ENCORE)).to_have_count(1)
    expect(at(visitor, "again", ENCORE)).to_be_enabled()
    (first,) = site.settings.outputs.glob("*.mp4")
    site.rehearsal.go.clear()
    site.rehearsal.ended.clear()
    at(visitor, "again", ENCORE).click()
    expect(at(visitor, "again", ENCORE)).to_be_disabled()
    expect(at(visitor, "progress", ENCORE)).to_contain_text("Rendering")
    at(visitor, "cancel", ENCORE).click()
    assert site.rehearsal.ended.wait(30)
    expect(at(visitor, "again", ENCORE)).to_be_enabled()
    site.rehearsal.go.set()
    finish(visitor, ENCORE, "again")
    (second,) = set(site.settings.outputs.glob("*.mp4")) - {first}
    assert second.stat().st_size > 0
    assert site.rehearsal.sampled == 1


def test_building_the_page_imports_no_network_library() -> None:
    code = (
        "import sys; from ui.app import build; build(); "
        "heavy = ('torch', 'transformers', 'onnxruntime', 'insightface', 'skimage'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
