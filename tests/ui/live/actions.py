"""What a visitor does, hears and sees on the tab Live."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from playwright.sync_api import Locator, Page, expect

OBSERVED = """async ([seconds, [left, top, width, height]]) => {
    const canvas = document.querySelector("#live-stage canvas"), seen = [];
    const small = new OffscreenCanvas(14, 10).getContext("2d", { willReadFrequently: true });
    const sound = new Float32Array(heard.fftSize);
    for (const end = performance.now() + 1000 * seconds; performance.now() < end;) {
        await new Promise(requestAnimationFrame);
        heard.getFloatTimeDomainData(sound);
        const loud = Math.sqrt(sound.reduce((sum, one) => sum + one * one, 0) / sound.length);
        small.drawImage(canvas, left, top, width, height, 0, 0, 14, 10);
        seen.push([loud, ...small.getImageData(0, 0, 14, 10).data]);
    }
    return seen;
}"""
"""How loud it is and how the mouth looks, at every picture of the browser."""
MOUTH = (130, 140, 70, 50)
"""Left, top, width and height in the portrait."""
LOUD, QUIET = 0.05, 0.003


def part(page: Page, name: str) -> Locator:
    """A part of the tab that its script uses."""
    return page.locator(f'[data-live="{name}"]')


def start(page: Page, source: str = "Microphone") -> None:
    """Start, and wait for pictures."""
    page.locator("#live-source").get_by_label(source).check()
    page.locator("#live-start").click()
    expect(part(page, "status")).to_contain_text("Live")


def stop(page: Page) -> None:
    if page.locator("#live-start").inner_text().strip() == "Stop":
        page.locator("#live-start").click()
    expect(page.locator("#live-start")).to_have_text("Start")


def wait_until_heard(page: Page, *, loud: bool = True) -> None:
    """Wait until the page plays a voice, or nothing for a second."""
    page.evaluate(
        """([loud, level]) => new Promise((done) => {
            const sound = new Float32Array(heard.fftSize);
            let since = performance.now();
            const look = () => {
                heard.getFloatTimeDomainData(sound);
                const is = sound.some((one) => Math.abs(one) > level);
                if (is) since = performance.now();
                if (loud ? is : performance.now() - since > 1000) done(); else requestAnimationFrame(look);
            };
            look();
        })""",
        [loud, LOUD if loud else QUIET],
    )


def lips(page: Page, wanted: Callable[[float, float], bool]) -> tuple[float, float]:
    """How far the mouth is from its look in silence, as medians: while a voice is heard, and in silence.

    Observes until they are as wanted, half a minute at most: a busy machine leaves out pictures.
    """
    opened = (0.0, 0.0)
    for _ in range(10):
        seen = np.array(page.evaluate(OBSERVED, [3, MOUTH]), float)
        loud, mouths = seen[:, 0], seen[:, 1:]
        if loud.max() < LOUD or loud.min() > QUIET:
            continue
        moved = np.abs(mouths - np.median(mouths[loud < QUIET], axis=0)).mean(axis=1)
        opened = float(np.median(moved[loud > LOUD])), float(np.median(moved[loud < QUIET]))
        if wanted(*opened):
            break
    return opened
