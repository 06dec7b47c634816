"""Sliders that answer: two seconds with the new settings beside those with the settings before."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engines.base import EngineOptions
from studio.job import Job
from studio.short_loops import follows_motion
from tests.fake_engine import registered
from tests.ui.rehearsal import EncoreOptions, RehearsalOptions
from tests.ui.test_page_inputs import go_to
from tests.ui.visit import Files, Site, at, finish, give, unfold
from ui.components.slider_answers import LoopSettings, SliderAnswers, answers_html

ANSWER_SLIDERS = True
TABS = ["rehearsal", "encore"]
LENGTH = """(video) => new Promise((done) => {
    const known = () => done(video.duration);
    if (video.readyState) known();
    else video.addEventListener("loadedmetadata", known);
})"""
BEFORE, AFTER = RehearsalOptions(), RehearsalOptions(strength=1.5)


def test_the_first_touch_decides_what_is_compared() -> None:
    answers = SliderAnswers()
    assert answers.move("rehearsal", AFTER) is None  # nothing to compare with
    answers.touch("rehearsal", BEFORE)
    began = answers.move("rehearsal", AFTER)
    assert began is not None
    number, pair = began
    assert (pair.before.options, pair.after) == (BEFORE, LoopSettings(AFTER))
    answers.touch("rehearsal", AFTER)  # another slider, or a key while the loop is rendered: it stays
    assert answers.pair == pair
    assert answers.current(number)
    answers.touch("encore", EncoreOptions())
    assert not answers.current(number)
    assert answers.finish(number, after=LoopSettings(AFTER, b"late")) is None


def test_a_later_movement_replaces_the_work() -> None:
    answers = SliderAnswers()
    answers.touch("rehearsal", BEFORE)
    first = answers.move("rehearsal", AFTER)
    second = answers.move("rehearsal", RehearsalOptions(strength=2.0))
    assert first is not None
    assert second is not None
    assert answers.finish(first[0], after=LoopSettings(AFTER, b"old")) is None
    assert answers.finish(second[0], before=LoopSettings(BEFORE, b"loop")) is not None
    assert answers.close() is not None
    assert answers.finish(second[0], before=LoopSettings(BEFORE)) is None
    assert copy.deepcopy(answers).pair is None


def test_nothing_is_shown_until_something_has_moved() -> None:
    answers = SliderAnswers()
    answers.touch("rehearsal", BEFORE)
    assert answers_html(answers.pair) == ""
    answers.move("rehearsal", AFTER)
    assert "Wait" in answers_html(answers.pair, "Wait")


def test_only_the_motion_of_the_same_job_is_rendered_again(tmp_path: Path) -> None:
    from tests.ui.rehearsal import Rehearsal

    motion = tmp_path / "a.motion.safetensors"
    motion.write_bytes(b"")
    with registered(Rehearsal().specs()[1]):
        job = Job(engine="encore", portrait=tmp_path / "a.png", voice=tmp_path / "a.wav")
        kept = job.model_copy(update={"motion": motion})

        def follows(options: EngineOptions, **changes: object) -> bool:
            return follows_motion(kept, job.model_copy(update=changes), options)

        assert follows(EncoreOptions(strength=2.0))
        assert not follows(EncoreOptions(guidance=5.0))
        assert not follows(EncoreOptions(fps=30))
        assert not follows(EncoreOptions(), seed=1)
        assert not follows(EncoreOptions(), voice=tmp_path / "b.wav")
        assert not follows(EncoreOptions(), second_voice=tmp_path / "b.wav")  # a dialogue moves another face
        assert not follows_motion(job, job, EncoreOptions())


def move(page: Page, presses: int, engine: str = "rehearsal", option: str = "strength") -> None:
    unfold(page, engine)
    slider = at(page, f"option-{option}", engine).locator("input[type=range]")
    slider.focus()
    for _ in range(abs(presses)):
        slider.press("ArrowRight" if presses > 0 else "ArrowLeft")


def test_a_moved_slider_is_answered_compared_taken_back_and_kept(
    visitor: Page, site: Site, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.components.slider_loops.SOON", 600.0)  # also while the machine is busy
    panel, videos = visitor.locator(".loop-panel"), visitor.locator(".loop-stage video")
    strength = at(visitor, "option-strength").locator("input[type=range]")
    move(visitor, 2)  # without inputs, nothing answers
    give(visitor, files.portrait, files.ten_seconds)
    expect(at(visitor, "portrait-hint")).to_contain_text("One face")
    at(visitor, "consent input").uncheck()
    move(visitor, -1)  # and without consent, nothing is made
    # A timer that ends after the script's own, which waits until the slider is at rest for 600 ms.
    visitor.evaluate("() => new Promise((resolve) => setTimeout(resolve, 700))")
    assert site.rehearsal.jobs == []
    at(visitor, "consent input").check()
    move(visitor, 1)
    expect(videos).to_have_count(2)
    assert [options.model_dump()["strength"] for _, options, _ in site.rehearsal.jobs] == [1.5, 1.25]
    assert {portrait.width for portrait, _, _ in site.rehearsal.jobs} == {320}
    for video in videos.all():
        assert video.evaluate(LENGTH) == pytest.approx(2.0, abs=0.1)
    visitor.get_by_role("button", name="Flip A/B").click()
    expect(visitor.locator('[data-side="a"]')).to_be_visible()
    expect(visitor.locator('[data-side="b"]')).to_be_hidden()

    # Another movement renders the new side only; A goes back to the settings before the first.
    move(visitor, 1)
    expect(panel.locator('[data-side="b"]')).to_be_visible()
    expect(visitor.locator(".loop-panel.working")).to_have_count(0)
    assert [options.model_dump()["strength"] for _, options, _ in site.rehearsal.jobs] == [1.5, 1.25, 1.75]
    visitor.get_by_role("button", name="Go back to A").click()
    expect(panel).to_have_count(0)
    expect(strength).to_have_value("1.25")

    # Of several presses, A is what was there before the first; Tab leaves the slider and is no movement.
    move(visitor, 3)
    strength.press("Tab")
    expect(videos).to_have_count(2)
    expect(strength).to_have_value("2")
    visitor.get_by_role("button", name="Go back to A").click()
    expect(panel).to_have_count(0)
    expect(strength).to_have_value("1.25")

    # Kept, it stays, and Generate uses it; no loop is in the gallery or on the disk.
    move(visitor, 1)
    expect(videos).to_have_count(2)
    visitor.get_by_role("button", name="Keep B").click()
    expect(panel).to_have_count(0)
    expect(strength).to_have_value("1.5")
    assert site.videos() == []

    # The motion of the last video is rendered again, from its beginning, for options that it allows.
    go_to(visitor, "Encore", "encore")
    finish(visitor, "encore")
    sampled = site.rehearsal.sampled
    move(visitor, 1, "encore")
    expect(videos).to_have_count(2)
    assert site.rehearsal.sampled == sampled
    move(visitor, 1, "encore", "guidance")
    expect(visitor.locator(".loop-panel.working")).to_have_count(0)
    assert site.rehearsal.sampled == sampled + 2
    finish(visitor, "encore")
    expect(panel).to_have_count(0)


def test_a_slow_engine_and_a_busy_machine_say_so(
    visitor: Page, site: Site, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(visitor, files.portrait, files.voice)
    expect(at(visitor, "portrait-hint")).to_contain_text("One face")
    monkeypatch.setattr("ui.components.slider_loops.SOON", 0.0)
    move(visitor, 1)
    expect(visitor.locator(".loop-panel")).to_contain_text("too long to answer a slider")
    assert site.rehearsal.jobs == []
    monkeypatch.undo()
    site.rehearsal.go.clear()
    site.rehearsal.pace = 30
    at(visitor, "generate").click()
    expect(visitor.locator(".loop-panel")).to_have_count(0)
    expect(at(visitor, "progress")).to_contain_text("Rendering")
    move(visitor, -1)
    expect(visitor.locator(".loop-panel")).to_contain_text("A video is being made")
    at(visitor, "cancel").click()
    site.rehearsal.go.set()
    expect(at(visitor, "generate")).to_be_enabled()
