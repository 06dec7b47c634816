"""Pages that several files of tests visit, one after another.

A page of its own for each file would cost it as much as its first visit does. Only one is open at a time: an
idle server of Gradio's looks for events a thousand times a second, and a page at the port of the one before
finds its scripts in the browser's cache.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from engines.registry import DEFAULT_ENGINE
from speech import registry as voices
from studio.comparison.folders import delete_comparison, list_comparisons
from studio.gallery.history import History
from studio.gallery.kept_inputs import FOLDER
from studio.settings import Settings
from tests.fake_engine import registered
from tests.spread import SHARED, unit
from tests.ui.rehearsal import ENCORE, ENGINE, Rehearsal
from tests.ui.served import served
from tests.ui.visit import Site
from ui.app import build
from ui.tabs.animate import animate_tab
from ui.tabs.compare import compare_tab
from ui.tabs.compare.screen import COMPARE
from ui.tabs.dub import dub_tab
from ui.tabs.dub.screen import DUB
from ui.tabs.gallery import gallery_tab
from ui.tabs.gallery.screen import GALLERY

TABS = (ENGINE, ENCORE, COMPARE, GALLERY)


class Sites:
    """Pages with the tests' two engines. One stays until another choice of tabs or settings is asked for, or
    until `close`.
    """

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._open_one: tuple[tuple[object, ...], Site] | None = None
        self._rehearsal = Rehearsal()
        self._plain, self._encore = self._rehearsal.specs()

    @contextmanager
    def site(self, folder: Path, wanted: Collection[str] | None, *, answer_sliders: bool) -> Iterator[Site]:
        """A page without videos, and its engines for as long as it is used.

        folder: where a new page writes. wanted: the tabs by id; None for all.
        """
        with registered(self._plain), registered(self._encore):
            # A page offers the speech engines that there are when it is built.
            key = (frozenset(wanted or TABS), answer_sliders, *voices.names())
            if self._open_one is None or self._open_one[0] != key:
                self.close()
                self._open_one = key, self._open(folder, wanted or TABS, answer_sliders)
            site = self._open_one[1]
            empty(site)
            yield site

    def _open(self, folder: Path, wanted: Collection[str], answer_sliders: bool) -> Site:
        presets = folder / "presets" / ENGINE
        presets.mkdir(parents=True)
        (presets / "strong.yaml").write_text(
            "description: Much.\noptions:\n  strength: 1.75\n  mirror: true\n"
        )
        (presets / "pet.yaml").write_text("description: A pet.\noptions:\n  animation_mode: animal\n")
        quick = folder / "presets" / DEFAULT_ENGINE
        quick.mkdir()
        (quick / "calm.yaml").write_text("description: Less.\noptions:\n  mouth_opening: 0.85\n")
        settings = Settings(
            port=0, outputs=folder / "outputs", presets=folder / "presets", answer_sliders=answer_sliders
        )
        tabs = [
            animate_tab(self._plain),
            animate_tab(self._encore),
            compare_tab((ENGINE, ENCORE)),
            *([dub_tab([DEFAULT_ENGINE])] if DUB in wanted else []),
            gallery_tab(),
        ]
        page = build(settings, [tab for tab in tabs if tab.id in wanted])
        url = self._opened.enter_context(served(settings, page))
        return Site(url, page, settings, self._rehearsal)

    def close(self) -> None:
        """Stop the server of the page that is open."""
        self._open_one = None
        self._opened.close()


def wanted_page(module: ModuleType) -> tuple[Collection[str] | None, bool]:
    """The `TABS` of a file of tests, None for all, and whether moved sliders render."""
    return getattr(module, "TABS", None), getattr(module, "ANSWER_SLIDERS", False)


def by_page(items: list[pytest.Item]) -> None:
    """Let files that visit the same page follow each other, where files share pages; the rest stays."""
    places = [place for place, item in enumerate(items) if unit(item.nodeid) == SHARED]
    shared = [items[place] for place in places]
    shared.sort(key=_page_of)
    for place, item in zip(places, shared, strict=True):
        items[place] = item


def _page_of(item: pytest.Item) -> tuple[list[str], bool]:
    wanted, answers = wanted_page(item.getparent(pytest.Module).obj)  # type: ignore[union-attr]
    return sorted(wanted or TABS), answers


def empty(site: Site) -> None:
    """Remove what the visitors of an earlier file have left: videos, takes and comparisons."""
    settings = site.settings
    history = History(settings.history)
    for entry in history.list(1_000_000):
        history.delete(entry.result.job_id)
    for made in list_comparisons(settings):
        delete_comparison(made, settings)
    site.reset()
    shutil.rmtree(settings.outputs / FOLDER, ignore_errors=True)
