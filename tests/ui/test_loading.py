"""While networks load, the page says so by the stage's name, with progress of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from engines.base import Engine, EngineOptions, Work
from engines.loading import loaded
from engines.saved_motion import SavedMotion
from media.portrait import Portrait
from media.voice import Voice
from studio.settings import Settings
from tests.fake_engine import registered, spec_for
from tests.ui.served import served
from tests.ui.visit import Files, agree, at, give
from ui.app import build
from ui.tabs.animate import animate_tab

HEAVY = "heavy"


def engine_that_loads(go: threading.Event) -> type[Engine]:
    """Reads the second of its four networks only when it may go."""

    class HeavyEngine(Engine[EngineOptions]):
        def prepare_for(self, options: EngineOptions) -> None:
            loaded(1, 4)
            while not go.wait(0.01):
                loaded(1, 4)
            loaded(4, 4)

        def animate(
            self,
            portrait: Portrait,
            speech: Voice,
            options: EngineOptions,
            seed: int,
            motion: SavedMotion | None = None,
        ) -> Iterator[Work]:
            yield np.repeat(portrait.image[None], speech.frames(options.fps), axis=0)

    return HeavyEngine


def test_loading_is_named_and_can_be_cancelled(window: Page, tmp_path: Path, files: Files) -> None:
    go = threading.Event()
    spec = spec_for(HEAVY, EngineOptions, engine_that_loads(go))
    settings = Settings(port=0, outputs=tmp_path / "outputs")
    with registered(spec), served(settings, build(settings, [animate_tab(spec)])) as url:
        window.goto(url)
        at(window, "generate", HEAVY).wait_for()
        agree(window, HEAVY)
        give(window, files.portrait, files.voice, HEAVY)
        bar = at(window, "progress", HEAVY)
        at(window, "generate", HEAVY).click()
        expect(bar).to_contain_text("Loading the networks")
        expect(bar).to_contain_text("25%")
        at(window, "cancel", HEAVY).click()
        expect(bar).to_contain_text("Cancelled")

        expect(at(window, "generate", HEAVY)).to_be_enabled()
        at(window, "generate", HEAVY).click()
        expect(bar).to_contain_text("Loading the networks")
        go.set()
        expect(bar).to_contain_text("Done")
