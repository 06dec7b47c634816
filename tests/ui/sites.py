"""Pages that several files of tests visit, one after another.

A page of its own for each file would cost it as much as its first visit does.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from speech import registry as voices
from studio.comparison.folders import delete_comparison, list_comparisons
from studio.gallery.history import History
from studio.gallery.kept_inputs import FOLDER
from studio.settings import Settings
from tests.fake_engine import registered
from tests.ui.rehearsal import ENCORE, ENGINE, Rehearsal
from tests.ui.served import served
from tests.ui.visit import Site
from ui.app import build
from ui.tabs.animate import animate_tab
from ui.tabs.compare import compare_tab
from ui.tabs.compare.screen import COMPARE
from ui.tabs.gallery import gallery_tab
from ui.tabs.gallery.screen import GALLERY

TABS = (ENGINE, ENCORE, COMPARE, GALLERY)


class Sites:
    """Pages with the tests' two engines, for each choice of tabs and settings, which stay until `close`."""

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._sites: dict[tuple[object, ...], Site] = {}
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
            if key not in self._sites:
                self._sites[key] = self._open(folder, wanted or TABS, answer_sliders)
            site = self._sites[key]
            empty(site)
            yield site

    def _open(self, folder: Path, wanted: Collection[str], answer_sliders: bool) -> Site:
        presets = folder / "presets" / ENGINE
        presets.mkdir(parents=True)
        (presets / "strong.yaml").write_text(
            "description: Much.\noptions:\n  strength: 1.75\n  mirror: true\n"
        )
        (presets / "pet.yaml").write_text("description: A pet.\noptions:\n  animation_mode: animal\n")
        settings = Settings(
            port=0, outputs=folder / "outputs", presets=folder / "presets", answer_sliders=answer_sliders
        )
        tabs = [
            animate_tab(self._plain),
            animate_tab(self._encore),
            compare_tab((ENGINE, ENCORE)),
            gallery_tab(),
        ]
        page = build(settings, [tab for tab in tabs if tab.id in wanted])
        url = self._opened.enter_context(served(settings, page))
        return Site(url, page, settings, self._rehearsal)

    def close(self) -> None:
        """Stop their servers."""
        self._sites.clear()
        self._opened.close()


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
