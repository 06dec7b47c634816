"""Files that a running server removes by itself, and when."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import gradio as gr
import pytest

from studio.clock import MARGIN, SureClock
from studio.gallery.history import History
from studio.gallery.history_file import open_history
from studio.settings import Settings
from tests.studio.test_history import make_result
from ui.app import build
from ui.server.upkeep import Upkeep, upkeep
from ui.uploads_used import files_of_page

DAY = 86_400.0


@pytest.fixture
def old(settings: Settings) -> Settings:
    """Settings that keep videos for a day, and a video of two days ago."""
    path = settings.outputs.resolve() / "00000000000000a1.mp4"
    path.parent.mkdir()
    path.write_bytes(b"video")
    History(settings.history).record(make_result(path.stem, path), "ann")
    with open_history(settings.history) as db:
        db.execute("UPDATE results SET created = datetime('now', '-2 days') || '+00:00'")
    return settings.model_copy(update={"keep_days": 1.0})


def count(settings: Settings) -> int:
    return len(History(settings.history).list())


class Clocks:
    """Both clocks of a machine, controlled by a test."""

    def __init__(self) -> None:
        self.wall, self.steady = time.time(), 0.0

    def go(self, seconds: float, *, jump: float = 0.0) -> None:
        self.wall += seconds + jump
        self.steady += seconds

    def sure(self) -> SureClock:
        return SureClock(wall=lambda: self.wall, steady=lambda: self.steady)


def test_a_wrong_clock_deletes_nothing(old: Settings) -> None:
    clocks = Clocks()
    work = Upkeep(old.model_copy(update={"keep_days": 5.0}), clocks.sure())
    work()
    clocks.go(2 * MARGIN)
    work()  # two days are not five
    clocks.go(600, jump=9 * DAY)
    work()
    clocks.go(600, jump=-9 * DAY)
    work()
    assert count(old) == 1
    clocks.go(600, jump=9 * DAY)
    work()
    assert count(old) == 1
    clocks.go(2 * MARGIN)  # it goes on from there, so it is right
    work()
    assert count(old) == 0


def test_a_round_that_fails_is_logged_and_the_next_one_works(
    old: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    history = old.history
    kept = history.rename(history.with_suffix(".kept"))
    history.mkdir()
    clocks = Clocks()
    work = Upkeep(old, clocks.sure())
    work()
    assert "could not be removed" in caplog.text
    history.rmdir()
    kept.rename(history)
    clocks.go(2 * MARGIN)
    work()
    assert count(old) == 0


def test_the_server_makes_rounds_while_it_runs(old: Settings) -> None:
    """Starts with one, continues with others, and ends with the server."""
    quick = old.model_copy(update={"keep_hours": 1e-6})
    page = build(quick, tabs=())

    class Application:
        def get_blocks(self) -> gr.Blocks:
            return page

    gone = threading.Event()

    async def run() -> None:
        async with upkeep(quick)(Application()):  # type: ignore[arg-type]
            while count(quick):
                await asyncio.sleep(0.01)
            gone.set()

    runner = threading.Thread(target=lambda: asyncio.run(run()))
    runner.start()
    assert gone.wait(30)
    runner.join(30)
    assert not runner.is_alive()


def test_files_that_the_page_shows_are_known(tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "example.png"
    Image.new("RGB", (8, 8)).save(picture)
    with gr.Blocks(analytics_enabled=False) as page:
        shown = gr.Image(str(picture))
    (kept,) = files_of_page(page)
    assert Path(kept).is_relative_to(shown.GRADIO_CACHE)
