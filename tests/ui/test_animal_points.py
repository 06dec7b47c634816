"""An animal's points on the page: proposed, accepted, dragged, moved by keys, and seen larger."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from benchmarks.animal_pictures import marked_pictures
from media.faces.animal_points import AnimalPoints
from studio.portrait_view import PortraitView
from tests.ui.rehearsal import ENGINE
from tests.ui.visit import Files, Site, at, finish, give
from ui.components.examples import example_portraits
from ui.components.portrait_picker import Picked, hint_html, overlay_html

TABS = (ENGINE,)
PROPOSED = ((10.0, 20.0), (30.0, 20.0), (20.0, 40.0))
OTHER = ((50.0, 20.0), (70.0, 20.0), (60.0, 40.0))
UNSURE = PortraitView(0, 0, (), 0, True, ("Unsure.",), (PROPOSED,))
ANIMAL = Picked("a.png", "animal").seen(UNSURE)


def test_a_proposal_counts_once_it_is_accepted_or_a_point_is_moved() -> None:
    assert ANIMAL.anchors_for("animal") is None
    assert overlay_html(ANIMAL).count("face-point proposed") == 3
    assert "a proposal" in hint_html(ANIMAL)
    assert ANIMAL.accepted().anchors_for("animal") == PROPOSED
    assert ANIMAL.moved(1, 35, 22).points == (PROPOSED[0], (35, 22), PROPOSED[2])
    assert "proposed" not in overlay_html(ANIMAL.accepted())
    assert ANIMAL.clicked(5, 6).points == ((5, 6),)
    assert replace(ANIMAL, subject="human").proposed_points == ()


def test_a_click_on_three_points_moves_the_nearest_only() -> None:
    assert ANIMAL.accepted().clicked(21, 44).points == (*PROPOSED[:2], (21, 44))


def test_another_proposal_is_shown_until_points_are_set_by_hand() -> None:
    assert not ANIMAL.takes_another  # there is no other
    two = replace(ANIMAL, proposals=(PROPOSED, OTHER))
    assert two.another().proposed_points == OTHER
    assert "proposal 2 of 2" in hint_html(two.another())
    assert two.another().another().proposed_points == PROPOSED
    assert two.another().accepted().points == OTHER
    assert "Proposal 2 of 2 is set" in hint_html(two.another().accepted())
    assert two.accepted().another().proposed_points == OTHER
    assert two.another().seen(replace(UNSURE, proposals=two.proposals)).proposed_points == OTHER
    assert two.another().seen(UNSURE).proposed_points == OTHER
    assert not two.moved(1, 35, 22).takes_another
    assert not replace(two, subject="human").takes_another
    # Where a face was found anyway, other points count at once.
    found = replace(two, needs_points=False)
    assert found.another().points == OTHER
    assert found.another().another().points == PROPOSED


def marks(page: Page) -> list[list[float]]:
    found = page.locator("#page-portrait-overlay .face-point")
    return [[float(one) for one in (mark.get_attribute("data-box") or "").split(",")] for mark in found.all()]


def test_points_are_proposed_accepted_and_moved(
    visitor: Page, site: Site, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsure(image: np.ndarray, most: int = 5) -> tuple[AnimalPoints, ...]:
        height, width = image.shape[:2]
        left, right, middle = (part * width for part in (0.35, 0.6, 0.5))
        rows = ((0.1 * height, 0.3 * height), (0.4 * height, 0.7 * height))
        return tuple(AnimalPoints((left, up), (right, up), (middle, low), -up) for up, low in rows)

    monkeypatch.setattr("media.animal_search.propose_points", unsure)
    at(visitor, "option-animation_mode").get_by_label("Animal", exact=True).click()
    give(visitor, files.cat, files.voice)
    points = at(visitor, "portrait-overlay .face-point")
    expect(points).to_have_count(3)
    expect(points.first).to_have_class(re.compile("proposed"))
    hint = at(visitor, "portrait-hint")
    expect(hint).to_contain_text("These points are proposal 1 of 2")
    first = marks(visitor)
    at(visitor, "portrait-another-proposal").click()
    expect(hint).to_contain_text("These points are proposal 2 of 2")
    assert [y for _, y in marks(visitor)] != [y for _, y in first]
    at(visitor, "portrait-accept-points").click()
    expect(hint).to_contain_text("Proposal 2 of 2 is set")
    expect(at(visitor, "portrait-overlay .face-point.proposed")).to_have_count(0)
    expect(points.nth(1)).to_be_visible()
    accepted = marks(visitor)

    # The pointer moves one point and no other; then the keys do.
    where = points.nth(1).bounding_box()
    assert where is not None
    middle = (where["x"] + where["width"] / 2, where["y"] + where["height"] / 2)
    visitor.mouse.move(*middle)
    visitor.mouse.down()
    visitor.mouse.move(middle[0] + 12, middle[1] + 9, steps=3)
    visitor.mouse.up()
    dragged = marks(visitor)
    expect(at(visitor, "portrait-another-proposal")).to_be_hidden()
    assert dragged[1][0] > accepted[1][0] + 5
    assert [dragged[0], dragged[2]] == [accepted[0], accepted[2]]
    points.nth(1).evaluate("point => point.setAttribute('data-before', '')")
    points.nth(1).press("Shift+ArrowLeft")
    # The server's answer replaces the points; the next press moves the same one.
    expect(points.and_(visitor.locator("[data-before]"))).to_have_count(0)
    expect(points.nth(1)).to_be_focused()
    assert marks(visitor)[1][0] < dragged[1][0] - 5

    # Enlarged, the marks stay on their places.
    expect(points.nth(0)).to_be_visible()
    before = at(visitor, "portrait img").bounding_box()
    visitor.get_by_role("button", name="Show the portrait larger").click()
    after = at(visitor, "portrait img").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > 1.3 * before["width"]
    placed = marks(visitor)
    visitor.get_by_role("button", name="Show the portrait smaller").click()

    finish(visitor)
    anchors = site.rehearsal.jobs[0][0].anchors
    assert anchors is not None
    for point, shown in zip(anchors, placed, strict=True):
        assert point == pytest.approx(shown, abs=1.5)

    at(visitor, "reset-picks").click()
    expect(points).to_have_count(0)


def test_a_sideways_portrait_is_turned_with_one_click(visitor: Page, tmp_path: Path) -> None:
    sideways = tmp_path / "sideways.png"
    with Image.open(next(one.path for one in example_portraits() if one.path.stem == "astronaut")) as image:
        image.resize((400, 300)).crop((80, 0, 320, 300)).rotate(90, expand=True).save(sideways)
    give(visitor, sideways)
    expect(at(visitor, "portrait-hint")).to_contain_text("lies on its side")
    at(visitor, "portrait-turn").click()
    expect(at(visitor, "portrait-turn")).to_have_count(0)
    size = "({naturalWidth, naturalHeight}) => [naturalWidth, naturalHeight]"
    assert at(visitor, "portrait img").evaluate(size) == [240, 300]
    expect(at(visitor, "portrait-is-animal")).to_be_hidden()


def test_an_animal_in_human_mode_is_named_as_one_with_one_click(visitor: Page, files: Files) -> None:
    cheetah = next(one.path for one in marked_pictures() if one.name == "cheetah2")
    give(visitor, cheetah)
    at(visitor, "portrait-is-animal").click()
    expect(at(visitor, "option-animation_mode").get_by_label("Animal", exact=True)).to_be_checked()
    expect(at(visitor, "portrait-hint")).to_contain_text("The face was found")
    expect(at(visitor, "portrait-overlay .face-point")).to_have_count(3)
    expect(at(visitor, "portrait-is-animal")).to_be_hidden()
    # The found face is doubted: its points are replaced by the next ones at once.
    found = marks(visitor)
    at(visitor, "portrait-another-proposal").click()
    expect(at(visitor, "portrait-hint")).to_contain_text("Proposal 2 of")
    expect(at(visitor, "portrait-accept-points")).to_be_hidden()
    assert marks(visitor) != found
    give(visitor, files.portrait)
    at(visitor, "option-animation_mode").get_by_label("Human", exact=True).click()
    expect(at(visitor, "portrait-overlay .face-box")).to_have_count(1)
    expect(at(visitor, "portrait-is-animal")).to_be_hidden()
