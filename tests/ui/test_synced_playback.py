"""Videos play in sync: the page's own script runs on videos whose time the test counts, without a clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from studio.comparison.assets import controls_html, synced_playback_script

PICTURE = 1 / 25
DISPLAYED = 1 / 60
PLAYERS = """
  // A video moves on only when the test says so, at its rate and as fast as its decoder goes.
  function standIn(video, speed) {
    const state = { time: 0, paused: true };
    const properties = {
      duration: { value: 4 },
      readyState: { value: 4, writable: true },
      seeking: { value: false },
      speed: { value: speed, writable: true },
      paused: { get: () => state.paused },
      ended: { get: () => state.time >= 4 },
      currentTime: { get: () => state.time, set: time => { state.time = time; } },
      play: { value: async () => { state.paused = false; } },
      pause: { value: () => { state.paused = true; } },
    };
    Object.defineProperties(video, properties);
    video.muted = video !== document.querySelector("video");
  }
  const due = [];
  window.requestAnimationFrame = (drawn) => due.push(drawn);
  function pass(seconds) {
    for (const video of document.querySelectorAll("video"))
      if (!video.paused && video.readyState > 2)
        video.currentTime = Math.min(4, video.currentTime + seconds * video.playbackRate * video.speed);
    for (const drawn of due.splice(0)) drawn();
    return [...document.querySelectorAll("video")].map(video => video.currentTime);
  }
  const speeds = SPEEDS;
  document.querySelectorAll("video").forEach((video, number) => standIn(video, speeds[number]));
  playInStep(document.querySelector("main"));
"""

Open = Callable[..., Page]


@pytest.fixture
def play(context: BrowserContext) -> Open:
    """Opens a page of videos that go so fast, and presses its play button."""

    def play(*speeds: float) -> Page:
        page = context.new_page()
        videos = "<video></video>" * len(speeds)
        page.set_content(f"<main>{controls_html()}{videos}</main>")
        page.add_script_tag(content=synced_playback_script())
        page.add_script_tag(content=PLAYERS.replace("SPEEDS", str(list(speeds))))
        page.locator(".play").click()
        return page

    return play


def goes_on(page: Page, seconds: float) -> list[list[float]]:
    """The time of each video at each picture that the screen shows meanwhile."""
    shown = page.evaluate(
        "([each, times]) => Array.from({ length: times }, () => pass(each))",
        [DISPLAYED, round(seconds / DISPLAYED)],
    )
    assert isinstance(shown, list)
    return shown


def apart(shown: list[list[float]]) -> float:
    """Seconds by which two videos were apart at most."""
    return max(max(times) - min(times) for times in shown)


def change(page: Page, video: int, **values: Any) -> None:
    page.evaluate(
        "([video, values]) => Object.assign(document.querySelectorAll('video')[video], values)",
        [video, values],
    )


@pytest.mark.parametrize("speeds", [(1, 0.9, 1), (1, 1.1, 0.97), (0.8, 1, 1)])
def test_a_decoder_that_is_too_slow_or_too_fast_is_kept_within_a_picture(
    play: Open, speeds: tuple[float, ...]
) -> None:
    shown = goes_on(play(*speeds), 3)
    assert apart(shown) < PICTURE
    assert shown[-1][0] > 2.3


def test_a_video_that_falls_far_behind_jumps_to_the_one_that_is_heard(play: Open) -> None:
    page = play(1, 1)
    goes_on(page, 1)
    change(page, 1, currentTime=0.2)
    goes_on(page, DISPLAYED)
    assert apart(goes_on(page, 1)) < PICTURE


def test_a_video_that_waits_for_its_pictures_holds_up_the_others(play: Open) -> None:
    page = play(1, 1, 1)
    (*_, before) = goes_on(page, 1)
    change(page, 2, readyState=2)
    (*_, waited) = goes_on(page, 1)
    assert max(waited) - max(before) < PICTURE
    change(page, 2, readyState=4)
    shown = goes_on(page, 1)
    assert apart(shown) < PICTURE
    assert shown[-1][0] - waited[0] > 0.9


def test_all_stop_at_the_same_picture_and_begin_again_at_the_start(play: Open) -> None:
    page = play(1, 0.93)
    goes_on(page, 5)
    assert page.evaluate("[...document.querySelectorAll('video')].map(video => video.paused)") == [True, True]
    assert page.evaluate("[...document.querySelectorAll('video')].map(video => video.currentTime)") == [4, 4]
    page.locator(".play").click()
    shown = goes_on(page, 0.5)
    assert shown[0][0] < PICTURE
    assert apart(shown) < PICTURE
